import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["proofs-tests/**/*.test.ts"],
    globalSetup: ["proofs-tests/summary.ts"],
    setupFiles: ["proofs-tests/seed.ts"],
    maxWorkers: 2, // the default leaves a core idle on machines of two
    testTimeout: 120_000,
  },
});
