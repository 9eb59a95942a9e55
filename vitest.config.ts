import { readdirSync, readFileSync } from "node:fs";
import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The package by its name is its source, not what was built of it at some time. */
export const resolve = {
  alias: [
    { find: /^pss-dlrm$/, replacement: fileURLToPath(new URL("index.ts", import.meta.url)) },
    { find: /^pss-dlrm\/(\w+)$/, replacement: fileURLToPath(new URL("$1.ts", import.meta.url)) },
  ],
};

const tests = "proofs-tests/tests";

/** Many seconds each: they run beside others, not after them. */
const long = [
  "cli/clicks/clicks cli/clicks/files cli/clicks/stopped cli/clicks/writing cli/prove-process cli/tradeoff-process",
  "cli/training/warm cli/verify core/half core/optimizers docs/documents experiments/convergence/convergence",
  "experiments/plan-check/plan-check experiments/prove/theorems golden/golden laws/mutation models/data/reader/parser",
  "models/dlrm/half-training models/embeddings/laws",
]
  .flatMap((names) => names.split(" "))
  .map((name) => `${tests}/${name}.test.ts`);

/** Files with a process of their own: they hold a device, or are killed or starved. */
const apart = ["backends", "damage"];

/**
 * All others share a process, so that what they import is loaded once; but not those that put stubs in place of modules or of
 * what all modules see, which those after them would meet.
 */
const sharing = readdirSync(tests, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".test.ts") && !apart.includes(file.split(sep)[0]!))
  .map((file) => `${tests}/${file.replaceAll(sep, "/")}`)
  .filter((file) => !long.includes(file))
  .filter((file) => !/vi\.(mock|doMock|resetModules|stubGlobal)\(/.test(readFileSync(file, "utf8")));

/** How much of two values that differ is compared line by line: that takes the square of it, of 70,000 numbers many minutes. */
export const diff = { truncateThreshold: 2000 };

const project = (name: string, isolate: boolean, include: string[], exclude: string[] = []) => ({
  resolve,
  test: {
    name,
    isolate,
    diff,
    include,
    exclude,
    setupFiles: ["proofs-tests/tests/seed.ts"],
    // Only to end what hangs: a busy machine takes ten times as long as an idle one, and is not wrong.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

export default defineConfig({
  test: {
    globalSetup: ["proofs-tests/tests/summary.ts", "proofs-tests/tests/compiled.ts"],
    maxWorkers: 2, // the default leaves a core idle on machines of two
    projects: [
      project("alone", true, ["proofs-tests/**/*.test.ts"], sharing),
      project("sharing", false, sharing),
    ],
  },
});
