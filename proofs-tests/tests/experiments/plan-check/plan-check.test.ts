import { describe, expect, it } from "vitest";
import { orthonormal } from "../../../../core/numeric/matrix.ts";
import { plan } from "../../../../theory/plan.ts";
import { type Checked, checkPlan } from "../../../experiments/plan-check/check.ts";
import { type Asked, measures } from "../../../experiments/plan-check/measures.ts";
import { heavyTailedTable, structuredTable } from "../../../experiments/plan-check/tables.ts";
import { run } from "../../cli/command.ts";
import { said } from "../../models/dlrm/tiny-model.ts";

/** Large enough that every theorem but R11 plans less than the table itself. */
const wanted = { rows: 6000, dim: 4, epsilon: 0.4, delta: 0.1, rank: 2, queries: 20 };
const rest = { delta: 0.1, queries: 20, rank: 2, stableRank: 2 };
const table = structuredTable(6000, 4, 2, 1);

const columns = (weights: Float64Array, dim: number) =>
  Array.from({ length: dim }, (_, c) => weights.filter((_, k) => k % dim === c));

describe("the tables that a plan is checked on", () => {
  it("are of the rank asked for, or of full rank, and heavy where they say so", () => {
    expect(orthonormal(columns(table.weights, 4))).toHaveLength(2);
    const { weights } = heavyTailedTable(5000, 4, 1);
    expect(orthonormal(columns(weights, 4))).toHaveLength(4);
    const squares = weights.map((v) => v * v);
    const variance = squares.reduce((a, b) => a + b, 0) / squares.length;
    expect(Math.max(...squares) / variance).toBeGreaterThan(200); // of 20,000 normal numbers: about 17
  });
});

describe("checkPlan", () => {
  it("finds every promise kept, or says why it did not look", async () => {
    const all: Checked[] = [];
    for await (const checked of checkPlan(wanted, plan(wanted), { draws: 10, seed: 2 })) all.push(checked);
    const tables = [...new Set(all.map((checked) => checked.table))];
    expect(tables).toHaveLength(2);
    const measured = all.filter(({ skipped }) => skipped === undefined);
    for (const { notRejected, median, largest } of measured) {
      expect(notRejected).toBe(true);
      expect(median!).toBeGreaterThan(0);
      expect(largest!).toBeGreaterThanOrEqual(median!);
    }
    const on = (name: string) => measured.filter((c) => c.table === name).map(({ theorem }) => theorem);
    expect(on(tables[0]!)).toEqual(["R3", "R4", "R5", "R7", "R8", "R9", "R10"]);
    expect(on(tables[1]!)).toEqual(["R3", "R4", "R5", "R9", "R10"]);
    const why = new Map(all.filter((c) => c.table === tables[1]).map((c) => [c.theorem, c.skipped]));
    expect(why.get("R7")).toBe("the table has rank 4, and this is for rank 2");
    expect(why.get("R8")).toContain("the table has stable rank 3.");
    expect(why.get("R11")).toBe("the table itself is smaller");
  });

  it("has power: with a hundredth of the memory, promises are broken", () => {
    for (const promised of plan(wanted).promised.filter(({ compression }) => compression > 1)) {
      const asked: Asked = { ...promised, ...rest };
      const floats = 4 * Math.ceil(promised.floats / 400);
      // R10's size follows from ε: a memory for a tenfold ε, held to the ε that was planned.
      const starved = promised.theorem === "R10" ? { ...asked, epsilon: 4 } : { ...asked, floats };
      const errors = [1, 2, 3, 4, 5].map((seed) => measures[promised.theorem]!.error(table, starved, seed));
      expect(Math.max(...errors), promised.theorem).toBeGreaterThan(promised.epsilon);
    }
  });

  it("measures distances as well, where projecting is smaller than the table", () => {
    const small = heavyTailedTable(6, 400, 3);
    const [promised] = plan({ rows: 6, dim: 400, epsilon: 0.6, delta: 0.2 }).promised.slice(-1);
    expect(promised!.compression).toBeGreaterThan(1);
    const asked: Asked = { ...promised!, ...rest };
    expect(measures.R11!.error(small, asked, 1)).toBeLessThan(0.6);
    expect(measures.R11!.error(small, { ...asked, floats: 6 * 2 }, 1)).toBeGreaterThan(0.6);
  });

  it("knows how to measure every promise of a plan", () =>
    expect(Object.keys(measures)).toEqual(plan(wanted).promised.map(({ theorem }) => theorem)));

  it("refuses a table that is too large to draw, and says which is not", () => {
    const large = { ...wanted, rows: 1e9 };
    expect(said(() => checkPlan(large, plan(large), { draws: 1, seed: 0 }))).toContain(
      "1000000000 rows of 4 are 4,000,000,000; most sizes have no number of rows in them, so check fewer: --rows 4194304.",
    );
  });
});

it("plan --check prints a line a promise under the plan", async () => {
  const size = ["--rows", "3000", "--dim", "4", "--epsilon", "0.4", "--delta", "0.1", "--rank", "2"];
  const { code, out } = await run("plan", ...size, "--check", "--draws", "5");
  expect(code).toBe(0);
  expect(out).toMatch(
    /\n {2}R3 {2}not rejected error [\d.]+ in the middle, [\d.]+ at most; above ε = 0.4 in 0 of 5 draws\n/,
  );
  expect(out).toContain("measured on a table: heavy-tailed, full rank");
  const { checked } = JSON.parse((await run("plan", ...size, "--check", "--draws", "2", "--json")).out);
  expect(checked).toHaveLength(16);
});
