import { describe, expect, it } from "vitest";
import { cpu } from "../../backends/cpu.ts";
import { statements } from "../../theory/index.ts";
import type { Check, EventCheck, IdentityCheck, MomentCheck, Statement } from "../../theory/world.ts";
import { familiesOf, type ProveOptions, prove, type Verdict, verdictOn } from "./prove.ts";

/** The verdict on a check of no scheme. */
const verdictOf = (check: Check, options: Partial<ProveOptions> = {}): Promise<Verdict> => {
  const statement: Statement = { id: "R0", name: "made", says: "made up", checks: [check] };
  return verdictOn({ statement, check, backend: cpu }, { seed: 1, samples: 100, worlds: 8, ...options });
};

describe("a verdict", () => {
  it("counts every experiment, its draws and its share of false alarms: 10⁻⁸ each", async () => {
    const event: EventCheck = { kind: "at most", name: "never", event: () => false, probability: () => 0.5 };
    expect(await verdictOf(event)).toMatchObject({
      statement: "R0",
      check: "never",
      scheme: "any",
      backend: "cpu",
      holds: true,
      experiments: 8,
      draws: 800,
    });
    expect((await verdictOf(event)).falseAlarm).toBeCloseTo(8e-8, 20);
    expect((await verdictOf(event)).witness).toBeUndefined();
  });

  it("counts a mean and a variance as two, on the same draws", async () => {
    const both: MomentCheck = {
      kind: "moment",
      name: "one",
      statistic: () => 1,
      mean: () => 1,
      variance: () => 0,
    };
    const { experiments, draws, falseAlarm } = await verdictOf(both, { worlds: 3 });
    expect({ experiments, draws }).toEqual({ experiments: 6, draws: 12_000 });
    expect(falseAlarm).toBeCloseTo(6e-8, 20);
  });

  it("tries only worlds that the check speaks of, as many as were asked for", async () => {
    const rows: number[] = [];
    const even: IdentityCheck = {
      kind: "always",
      name: "even",
      applies: (world) => world.rows % 2 === 0,
      error: (world) => rows.push(world.rows) * 0,
    };
    expect((await verdictOf(even, { samples: 50 })).experiments).toBe(8);
    expect(rows).toHaveLength(8 * 50);
    expect(rows.every((n) => n % 2 === 0)).toBe(true);
  });

  it("shows the world that came closest to refuting it", async () => {
    let calls = 0;
    const seen: number[] = [];
    const rare: EventCheck = {
      kind: "exactly",
      name: "rarer with more rows",
      event: ({ rows }) => calls++ % 100 < 50 - rows, // of 100 draws, 50 less the rows
      probability({ rows }) {
        seen.push((50 - rows) / 100);
        return 0.5;
      },
    };
    const { finding, holds } = await verdictOf(rare);
    expect(holds).toBe(true);
    expect(new Set(seen).size).toBeGreaterThan(3);
    expect(finding.observed).toBe(Math.min(...seen));
  });

  it("shows the worst of identities", async () => {
    const seen: number[] = [];
    const tiny: IdentityCheck = {
      kind: "always",
      name: "tiny",
      error({ rows }) {
        seen.push(rows * 1e-13);
        return rows * 1e-13;
      },
    };
    const { finding, falseAlarm } = await verdictOf(tiny);
    expect(finding.observed).toBe(Math.max(...seen));
    expect(falseAlarm).toBe(0);
  });

  it("is a refutation where one world fails, with the smallest such world and what was found there", async () => {
    const large: IdentityCheck = {
      kind: "always",
      name: "few rows",
      error: ({ rows }) => (rows >= 5 ? rows : 0),
    };
    const { holds, witness, finding } = await verdictOf(large);
    expect(holds).toBe(false);
    expect(witness!.rows).toBe(5);
    expect(finding).toMatchObject({ holds: false, observed: 5 });
  });
});

const namesOf = (id: string, check: number): string[] =>
  familiesOf(statements.find((statement) => statement.id === id)!.checks[check]!, undefined).map(
    ({ name }) => name,
  );

describe("a check is tried on the schemes that have its hypotheses, and on no others", () => {
  it("R2's moments: circular starts and four-wise signs", () =>
    expect(namesOf("R2", 0)).toEqual([
      "robe:mersenne61",
      "robe:polynomial4",
      "robe:mixer",
      "rowHash, rows of one float",
    ]));
  it("R12 and R15: starts that are independent", () =>
    expect([namesOf("R12", 0), namesOf("R15", 0)]).toEqual([["robe:mixer"], ["robe:mixer"]]));
  it("R6's identity: no slot is shared", () => expect(namesOf("R6", 1)).toEqual(["full"]));
  it("R9: none", () => expect(namesOf("R9", 0)).toEqual([]));
});

describe("prove", () => {
  const all = async (options: Partial<ProveOptions>): Promise<Verdict[]> => {
    const verdicts: Verdict[] = [];
    for await (const verdict of prove({ seed: 1, samples: 60, worlds: 2, ...options }))
      verdicts.push(verdict);
    return verdicts;
  };

  it("gives a verdict of each scheme that a statement speaks of", async () => {
    const verdicts = await all({ statement: "R4" });
    expect(verdicts.map(({ scheme }) => scheme)).toEqual(namesOf("R4", 0));
    for (const { statement, holds, experiments, draws, falseAlarm } of verdicts) {
      expect({ statement, holds, experiments, draws }).toEqual({
        statement: "R4",
        holds: true,
        experiments: 2,
        draws: 120,
      });
      expect(falseAlarm).toBeCloseTo(2e-8, 20);
    }
  });

  it("refutes a scheme that pretends, by its own backend", async () => {
    const verdicts = await all({ statement: "R14", scheme: "broken:averaged-backward", shrink: false });
    expect(verdicts.map(({ holds }) => holds)).toEqual([false, false]);
  });
});
