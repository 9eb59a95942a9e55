import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["proofs-tests/**/*.test.ts"],
    globalSetup: ["proofs-tests/summary.ts"],
    setupFiles: ["proofs-tests/seed.ts"],
    testTimeout: 120_000,
  },
});
