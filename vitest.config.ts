import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["proofs-tests/**/*.test.ts"],
    globalSetup: ["proofs-tests/summary.ts"],
    setupFiles: ["proofs-tests/seed.ts"],
    maxWorkers: 2, // the default leaves a core idle on machines of two
    // Only to end what hangs: a busy machine takes ten times as long as an idle one, and is not wrong.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
