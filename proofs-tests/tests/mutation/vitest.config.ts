import { readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
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
 * and, unless its own folder is changed, the test of gpu.js.
 */
const leftOut = [
  ...["docs/documents", "docs/house", "backends/browser/*", "backends/devices", "backends/forgotten"],
  ...["cli/tradeoff-process", "cli/prove-process", "damage/*", "examples/torch", "examples/page/serve"],
  ...["examples/serving/*", "models/export/torch", "walk/*", "core/lock", "models/data/reader/endless"],
  ...["backends/laws", "models/embeddings/laws", "core/optimizers", "core/half", "core/sequence"],
  ...["experiments/prove/theorems", "experiments/convergence/convergence", "models/dlrm/half-training"],
  ...["cli/clicks/*", "golden/golden", "mutation/survivors"],
  ...(process.env.MUTANT_FOLDERS?.split(" ").includes("backends/gpu") ? [] : ["backends/gpu/gpu"]),
];

declare module "vitest" {
  interface ProvidedContext {
    /** Of the mutation tester. `static`: what is changed is done while files are loaded. */
    readonly mutantActivation: "static" | "runtime";
  }
}

/**
 * The first test that fails ends a mutant's run: the nearest to the changed file come first, and of those that are as near the
 * quick ones. What is done as files are loaded, all tests run: the nearest judge a change of that, and those that name the changed file.
 */
class NearFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const quick = (await super.sort(files)).toReversed();
    const { root, related = [] } = this.ctx.config;
    if (related.length !== 1) return quick; // nothing is changed: all tests are to be counted
    const source = relative(root, related[0]!).replace(/^proofs-tests./, "");
    const nearness = ({ moduleId }: TestSpecification) =>
      sharedFolders(source, relative(join(root, "proofs-tests/tests"), moduleId));
    const near = quick.toSorted((a, b) => nearness(b) - nearness(a));
    if (this.ctx.getRootProject().getProvidedContext().mutantActivation !== "static") return near;
    const judges = (file: TestSpecification) =>
      nearness(file) === nearness(near[0]!) || readFileSync(file.moduleId, "utf8").includes(`/${source}"`);
    return near.filter(judges);
  }
}

/** How many folders, from the top, a source file and a test share: tests lie as the sources do. */
function sharedFolders(source: string, test: string): number {
  const [ofSource, ofTest] = [source, test].map((path) => dirname(path).split(sep));
  const differs = ofSource!.findIndex((folder, i) => folder !== ofTest![i]);
  return differs < 0 ? ofSource!.length : differs;
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
    sequence: { sequencer: NearFirst },
    reporters: [new FailedFiles()],
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
