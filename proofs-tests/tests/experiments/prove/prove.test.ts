import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { theorems } from "../../../../theory/index.ts";
import type { IdentityCheck, Instance, Theorem } from "../../../../theory/theorem.ts";
import { anyFamilies, soundFamilies } from "../../../experiments/prove/families.ts";
import {
  allFamilies,
  familiesOf,
  type ProveOptions,
  prove,
  type Verdict,
  verdictOn,
} from "../../../experiments/prove/prove.ts";
import { brokenFamilies } from "../../../mutants/sketches.ts";

const sound = ["robe:mersenne61", "robe:polynomial4", "robe:mixer", "rowHash, rows of one float"];
const circular = [...sound, "unsigned", "one sign a block"];

/** By theorem: the schemes of each check. */
const schemes: Readonly<Record<string, readonly (readonly string[])[]>> = {
  R1: [circular, circular, ["robe:mixer"]],
  R2: [sound, sound, []],
  R3: [sound, circular],
  ...{ R4: [sound], R5: [sound] },
  R6: [sound, ["full"]],
  ...{ R7: [sound, sound], R8: [sound, sound] },
  ...{ R9: [[]], R10: [[]], R11: [[]] },
  R12: [["robe:mixer"]],
  R13: [
    ["unsigned"],
    ["one sign a block"],
    ["starts do not wrap"],
    ["aligned"],
    ["rowHash, signed"],
    ["rowHash"],
    ["multiHash, rows of one float"],
  ],
  R14: [0, 1].map(() => anyFamilies.map(({ name }) => name)),
  R15: [["robe:mixer"]],
  R16: [0, 1].map(() =>
    soundFamilies.map(({ name }) => name).filter((name) => name !== "multiHash, rows of one float"),
  ),
  R17: [sound],
  R18: [["balanced"], ["balanced"], ["balanced"]],
  R19: [0, 1].map(() => anyFamilies.map(({ name }) => name)),
};

describe("a check is tried on the schemes that have its hypotheses, and on no others", () => {
  it.each(theorems)("$id", ({ id, checks }) => {
    const tried = checks.map((check) => familiesOf(check, undefined).map(({ name }) => name));
    expect(tried).toEqual(schemes[id]);
  });
});

describe("prove", () => {
  const all = async (options: Partial<ProveOptions>): Promise<Verdict[]> => {
    const verdicts: Verdict[] = [];
    for await (const verdict of prove({ seed: 1, samples: 60, instances: 2, ...options }))
      verdicts.push(verdict);
    return verdicts;
  };

  it("gives a verdict of each scheme that a theorem speaks of", async () => {
    const verdicts = await all({ theorem: "R4" });
    expect(verdicts.map(({ scheme }) => scheme)).toEqual(sound);
    for (const { theorem, notRejected, experiments, draws, familyWiseErrorRate } of verdicts) {
      expect({ theorem, notRejected, experiments, draws }).toEqual({
        theorem: "R4",
        notRejected: true,
        experiments: 2,
        draws: 120,
      });
      expect(familyWiseErrorRate).toBeCloseTo(2e-8, 20);
    }
  });

  it("goes through all theorems where none is named, and leaves out checks that speak of no scheme if one is", async () => {
    const verdicts = await all({ scheme: "full", samples: 50, instances: 1 });
    expect(verdicts.map(({ theorem, scheme }) => [theorem, scheme])).toEqual(
      ["R6", "R14", "R14", "R16", "R16", "R19", "R19"].map((id) => [id, "full"]),
    );
    expect(verdicts.map(({ notRejected }) => notRejected)).not.toContain(false);
    expect(await all({ theorem: "R9", scheme: "full" })).toEqual([]);
  });

  it("tries what speaks of no scheme once, on none", async () => {
    const [verdict, ...others] = await all({ theorem: "R9", instances: 1, backends: [cpu64, cpu] });
    expect(others).toEqual([]);
    expect(verdict).toMatchObject({ theorem: "R9", scheme: "any", backend: "cpu", notRejected: true });
  });

  it("tries a scheme on each backend", async () => {
    const verdicts = await all({ theorem: "R6", scheme: "full", instances: 1, backends: [cpu64, cpu] });
    expect(verdicts.map(({ backend }) => backend)).toEqual([cpu64.name, "cpu"]);
  });

  it("lays an instance out as the scheme has it", async () => {
    // Blocks are whole rows here, and memory is of whole rows; in the instance that is drawn neither need be so.
    const seen: Instance[] = [];
    const check: IdentityCheck = {
      kind: "always",
      name: "whole rows",
      error: (instance) => seen.push(instance) * 0,
    };
    const family = allFamilies.find(({ name }) => name === "rowHash")!;
    const theorem: Theorem = { id: "R0", name: "made", says: "made up", checks: [check] };
    const options = { seed: 1, samples: 1, instances: 20 };
    const verdict = await verdictOn({ theorem, check, family, backend: cpu }, options);
    expect(verdict).toMatchObject({ scheme: "rowHash", experiments: 20, draws: 20 });
    expect(seen.every(({ dim, block, memory }) => block === dim && memory % dim === 0)).toBe(true);
    expect(seen.some(({ dim, memory }) => dim > 1 && memory > dim)).toBe(true);
  });

  it("refutes a scheme that pretends, by its own backend", async () => {
    const verdicts = await all({
      ...{ theorem: "R14", scheme: "broken:averaged-backward", shrink: false },
      families: brokenFamilies,
    });
    expect(verdicts.map(({ notRejected }) => notRejected)).toEqual([false, false]);
  });
});
