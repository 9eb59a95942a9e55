import { defineConfig } from "vitest/config";
import {
  BaseSequencer,
  type Reporter,
  type TestModule,
  type TestSpecification,
  type Vitest,
} from "vitest/node";
import { diff, resolve } from "../../../vitest.config.ts";

/**
 * Tests that judge mutants. Left out are those that compare documents (a renewed document agrees with any fault), those that
 * run the code in another process or a browser (no mutant is active there), and the longest: laws, which have broken kernels, ops
 * and schemes of their own (laws/mutation.test.ts), and whole trainings; what changes programs itself, which are changed already;
 * and for all else than its own folder the test of gpu.js.
 */
const leftOut = [
  ...["docs/documents", "docs/house", "backends/browser/*", "backends/devices", "backends/forgotten"],
  ...["cli/tradeoff-process", "cli/prove-process", "damage/*", "examples/torch", "examples/page/serve"],
  ...["examples/serving/*", "models/export/torch", "walk/*", "core/lock", "models/data/reader/endless"],
  ...["backends/laws", "models/embeddings/laws", "core/optimizers", "core/half", "core/sequence"],
  ...["experiments/prove/theorems", "experiments/convergence/convergence", "models/dlrm/half-training"],
  ...["cli/clicks/*", "golden/golden", "mutation/survivors"],
  ...(process.env.MUTANT_FOLDER === "backends/gpu" ? [] : ["backends/gpu/gpu"]),
];

/** Quick files first: most mutants fall there, and the first test that fails ends a mutant's run. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toReversed();
  }
}

/** A file that a mutant keeps from loading, or whose `describe` throws, has seen it; the mutation tester looks at tests alone. */
class FailedFiles implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestModuleEnd(file: TestModule): void {
    for (const error of file.errors()) this.#vitest?.state.errorsSet.add(error);
  }
}

export default defineConfig({
  resolve,
  test: {
    include: ["proofs-tests/**/*.test.ts"],
    exclude: [...leftOut.map((name) => `proofs-tests/tests/${name}.test.ts`), "**/node_modules/**"],
    diff,
    setupFiles: ["proofs-tests/tests/seed.ts", "proofs-tests/tests/mutation/first-failure.ts"],
    sequence: { sequencer: QuickFirst },
    reporters: [new FailedFiles()],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
