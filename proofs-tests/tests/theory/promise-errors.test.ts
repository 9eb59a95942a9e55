import { describe, expect, it } from "vitest";
import { random } from "../../../core/numeric/random.ts";
import { robeScheme } from "../../../models/embeddings/families/robe.ts";
import type { Sketch } from "../../../theory/theorem.ts";
import { signRow } from "../../../theory/theorems/r09-dense-codes.ts";
import { type Asked, measures } from "../../experiments/plan-check/measures.ts";
import { type DrawnTable, heavyTailedTable } from "../../experiments/plan-check/tables.ts";
import { applied, inner } from "./all-draws.ts";
import { promised } from "./made-promise.ts";

const table = heavyTailedTable(9, 2, 1);
const columns = [0, 1].map((c) => Array.from({ length: 9 }, (_, i) => table.weights[2 * i + c]!));
const asked: Asked = { ...promised, floats: 12, delta: 0.1, queries: 4, rank: 2, stableRank: 2 };
const errorOf = (theorem: string, change: Partial<Asked> = {}): number =>
  measures[theorem]!.error(table, { ...asked, theorem, ...change }, 4);

/** R of a robe by its definition, weight by weight. */
function sketchOf(rows: number, dim: number, memory: number): Sketch {
  const { slotsOf } = robeScheme({ tables: [rows], dim }, { memorySize: memory, seed: 4 });
  const places = Array.from({ length: rows * dim }, (_, k) => slotsOf(0, Math.floor(k / dim), k % dim)[0]!);
  return {
    memory,
    places: 1,
    slots: Uint32Array.from(places, ({ slot }) => slot),
    signs: Int8Array.from(places, ({ sign }) => sign),
  };
}

/** RᵀRθ of the table. */
function recovered(): number[] {
  const sketch = sketchOf(9, 2, 12);
  const memory = applied(sketch, table.weights);
  return Array.from(sketch.slots, (slot, k) => sketch.signs[k]! * memory[slot]!);
}
const length = (v: ArrayLike<number>): number => Math.sqrt(inner(v, v));

describe("the error of one draw is that of its definition", () => {
  it("R3: of the norm of all weights", () => {
    const sketched = applied(sketchOf(9, 2, 12), table.weights);
    const error = Math.abs(inner(sketched, sketched) / inner(table.weights, table.weights) - 1);
    expect(errorOf("R3")).toBeCloseTo(error, 12);
  });

  it("R4: of the product with half the table and noise of its size", () => {
    const stream = random(1, "companion");
    const size = length(table.weights) / Math.sqrt(18);
    const y = Array.from(table.weights, (v) => v / 2 + size * stream.normal());
    const sketch = sketchOf(9, 2, 12);
    const off = inner(applied(sketch, table.weights), applied(sketch, y)) - inner(table.weights, y);
    expect(errorOf("R4")).toBeCloseTo(Math.abs(off) / (length(table.weights) * length(y)), 12);
  });

  it("R5: the worst of as many rows as there are queries", () => {
    const drawn = random(4, "rows to read");
    const read = recovered();
    const errors = Array.from({ length: 16 }, () => {
      const row = drawn.integer(9);
      const own = table.weights.slice(2 * row, 2 * row + 2);
      const off = inner(own, read.slice(2 * row, 2 * row + 2)) - inner(own, own);
      return Math.abs(off) / (length(own) * length(table.weights));
    });
    expect(Math.max(...errors)).toBeGreaterThan(Math.max(...errors.slice(0, 4))); // or one might as well read fewer
    for (let queries = 1; queries <= 16; queries++)
      expect(errorOf("R5", { queries })).toBeCloseTo(Math.max(...errors.slice(0, queries)), 12);
  });

  /** [[⟨a, a⟩, ⟨a, b⟩], [⟨a, b⟩, ⟨b, b⟩]] of the columns, and of what six rows of memory make of them. */
  const gramOf = ([a, b]: readonly number[][]) => ({
    aa: inner(a!, a!),
    ab: inner(a!, b!),
    bb: inner(b!, b!),
  });
  const exact = gramOf(columns);
  const sketched = gramOf(columns.map((column) => applied(sketchOf(9, 1, 6), column)));
  const larger = (p: number, q: number) => p / 2 + Math.sqrt(p * p - 4 * q) / 2;

  it("R7: of every ‖Ev‖², by rows of memory as wide as the table's", () => {
    // λ with det(G' − λG) = 0: the roots of det G λ² − (aa'bb + aa bb' − 2ab ab')λ + det G'.
    const det = ({ aa, ab, bb }: typeof exact) => aa * bb - ab * ab;
    const p = (sketched.aa * exact.bb + exact.aa * sketched.bb - 2 * exact.ab * sketched.ab) / det(exact);
    const q = det(sketched) / det(exact);
    const high = larger(p, q);
    expect(errorOf("R7")).toBeCloseTo(Math.max(Math.abs(high - 1), Math.abs(q / high - 1)), 9);
  });

  it("R8: of the Gram matrix, over σ₁²", () => {
    const largest = larger(exact.aa + exact.bb, exact.aa * exact.bb - exact.ab ** 2);
    const off = Math.sqrt(
      (sketched.aa - exact.aa) ** 2 + 2 * (sketched.ab - exact.ab) ** 2 + (sketched.bb - exact.bb) ** 2,
    );
    expect(errorOf("R8")).toBeCloseTo(off / largest, 12);
  });

  it("R9: of every entry, by codes of floats/dim signs", () => {
    const codes = columns[0]!.map((_, i) => {
      const stream = random(4, `code ${i}`);
      return signRow(6, () => stream.bits());
    });
    const off = columns.flatMap((column) =>
      column.map((v, i) => {
        const read = codes.reduce((sum, code, j) => sum + (inner(codes[i]!, code) / 6) * column[j]!, 0);
        return Math.abs(read - v) / length(column);
      }),
    );
    expect(errorOf("R9")).toBeCloseTo(Math.max(...off), 12);
  });

  it("R10: of every entry, by the median of t rows that 18 entries need at δ", () => {
    // 18 P(Bin(t, 1/8) ≥ (t + 1)/2) ≤ 0.1 from t = 9 on: 18 · 0.00246 = 0.044; at t = 7 it is 18 · 0.00618 = 0.111.
    const [t, w] = [9, 9]; // ⌈8/0.95²⌉
    const stream = random(4, "row hashes");
    const hashes = Array.from({ length: t }, () =>
      Array.from({ length: 9 }, () => ({ place: stream.integer(w), sign: stream.integer(2) * 2 - 1 })),
    );
    const off = columns.flatMap((column) =>
      column.map((v, i) => {
        const estimates = hashes.map((hash) =>
          hash.reduce((sum, { place, sign }, j) => {
            const own = hash[i]!;
            return place === own.place ? sum + own.sign * sign * column[j]! : sum;
          }, 0),
        );
        return Math.abs(estimates.toSorted((a, b) => a - b)[4]! - v) / length(column);
      }),
    );
    expect(errorOf("R10", { epsilon: 0.95 })).toBeCloseTo(Math.max(...off), 12);
    expect(Math.max(...off)).toBeGreaterThan(0);
  });

  it("R11: of every distance between rows, by floats/rows signs a column", () => {
    const stream = random(4, "projection");
    const signs = [0, 1].map(() => signRow(4, () => stream.bits()));
    const ratios: number[] = [];
    for (let i = 0; i < 9; i++)
      for (let j = 0; j < i; j++) {
        const difference = columns.map((column) => column[i]! - column[j]!);
        const projected = [0, 1, 2, 3].map((s) => inner(difference, [signs[0]![s]!, signs[1]![s]!]) / 2);
        ratios.push(Math.abs(inner(projected, projected) / inner(difference, difference) - 1));
      }
    expect(errorOf("R11", { floats: 36 })).toBeCloseTo(Math.max(...ratios), 12);
  });
});

it("the work of one draw is counted: a hash, a read and a sum a weight, or products of codes", () => {
  const work = Object.entries(measures).map(([theorem, one]) => [
    theorem,
    one.work(table, { ...asked, theorem }),
  ]);
  // 18 weights, five steps each; R10 does so for each of its t rows of hashes. Codes of R9 and R11: 9 rows of 12 floats.
  expect(Object.fromEntries(work)).toEqual({
    ...{ R3: 90, R4: 180, R5: 90, R7: 90, R8: 90 },
    ...{ R9: 54, R10: 90 * 9, R11: 27 },
  });
});

describe("a table that a promise is not for is refused", () => {
  const unfit = (theorem: string, on: DrawnTable, change: Partial<Asked>) =>
    measures[theorem]!.unfit!(on, { ...asked, ...change });
  /** Rows (2, 0), (0, 1): squares add up to 5, of which σ₁² is 4. */
  const own: DrawnTable = { name: "own", rows: 2, dim: 2, weights: Float64Array.of(2, 0, 0, 1) };
  it("R7: a rank above the one asked for", () => {
    expect(unfit("R7", own, { rank: 1 })).toBe("the table has rank 2, and this is for rank 1");
    expect(unfit("R7", own, { rank: 2 })).toBeUndefined();
  });
  it("R8: a stable rank above the one asked for", () => {
    expect(unfit("R8", own, { stableRank: 1.2 })).toBe("the table has stable rank 1.25, and this is for 1.2");
    expect(unfit("R8", own, { stableRank: 1.25 })).toBeUndefined();
  });
});
