import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["proofs-tests/**/*.test.ts"], testTimeout: 120_000 },
});
