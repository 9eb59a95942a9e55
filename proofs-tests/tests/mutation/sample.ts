import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { type Checker, type CheckResult, CheckStatus } from "@stryker-mutator/api/check";
import type { Mutant } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";

const drawn: CheckResult = { status: CheckStatus.Passed };
const left: CheckResult = { status: CheckStatus.CompileError, reason: "not in the sample" };

/** A change by its place and what it does: the same in each run. */
export const keyOf = ({ fileName, location, replacement }: Omit<Mutant, "id" | "mutatorName">): string =>
  JSON.stringify([relative(process.cwd(), fileName), location, replacement]);

/** Of the changes that lie in the ranges that are looked at, those that were drawn; MUTANT_SAMPLE names the file that lists them. */
class Sample implements Checker {
  readonly #drawn = new Set(JSON.parse(readFileSync(process.env.MUTANT_SAMPLE!, "utf8")) as string[]);

  async init(): Promise<void> {}

  async check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    return Object.fromEntries(
      mutants.map((mutant) => [mutant.id, this.#drawn.has(keyOf(mutant)) ? drawn : left]),
    );
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, "sample", Sample)];
