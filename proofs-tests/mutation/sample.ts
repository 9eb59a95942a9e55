import { createHash } from "node:crypto";
import { relative } from "node:path";
import { type Checker, type CheckResult, CheckStatus } from "@stryker-mutator/api/check";
import type { Mutant } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";

const drawn: CheckResult = { status: CheckStatus.Passed };
const left: CheckResult = { status: CheckStatus.CompileError, reason: "not in the sample" };

/** Draws the changes that are tried: each by a hash of the seed, its place and what it does. */
class Sample implements Checker {
  readonly #of = JSON.parse(process.env.MUTANT_SAMPLE!) as { seed: string; share: number | null };

  async init(): Promise<void> {}

  async check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    return Object.fromEntries(mutants.map((mutant) => [mutant.id, this.#isDrawn(mutant) ? drawn : left]));
  }

  #isDrawn({ fileName, location, replacement }: Mutant): boolean {
    const { seed, share } = this.#of;
    const place = JSON.stringify([seed, relative(process.cwd(), fileName), location, replacement]);
    const hash = createHash("sha256").update(place).digest().readUInt32LE();
    return share === null || hash / 2 ** 32 < share; // JSON has no infinity
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Checker, "sample", Sample)];
