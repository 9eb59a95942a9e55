import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The package by its name is its source, not what was built of it at some time. */
export const resolve = {
  alias: [
    { find: /^pss-dlrm$/, replacement: fileURLToPath(new URL("index.ts", import.meta.url)) },
    { find: /^pss-dlrm\/(\w+)$/, replacement: fileURLToPath(new URL("$1.ts", import.meta.url)) },
  ],
};

export default defineConfig({
  resolve,
  test: {
    include: ["proofs-tests/**/*.test.ts"],
    globalSetup: ["proofs-tests/tests/summary.ts"],
    setupFiles: ["proofs-tests/tests/seed.ts"],
    maxWorkers: 2, // the default leaves a core idle on machines of two
    // Only to end what hangs: a busy machine takes ten times as long as an idle one, and is not wrong.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
