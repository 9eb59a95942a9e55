import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { random } from "../../../../core/numeric/random.ts";
import { lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import { full } from "../../../../models/embeddings/families/full.ts";

/** So many random rows of each table, in one bag each. */
function someRows(tables: readonly number[], each: number) {
  const stream = random(1, "rows");
  const ids = tables.flatMap((rows) => Array.from({ length: each }, () => stream.integer(rows)));
  return lazyRowsOf(tables, {
    ids: Uint32Array.from(ids),
    offsets: Uint32Array.from({ length: tables.length + 1 }, (_, t) => t * each),
  });
}

describe("rows of tables that no memory holds", () => {
  it("are made in time for them alone: a thousand of 26 tables of 2³² rows", async () => {
    const tables = new Array<number>(26).fill(2 ** 32);
    const rows = someRows(tables, 39);
    const setting = { tables, dim: 16, backend: cpu, seed: 1 };
    const from = performance.now();
    const [embedding] = [full({ rows })(setting)];
    expect(performance.now() - from).toBeLessThan(1000); // of which some 60 ms are needed
    const values = [...(await embedding.parameters[0]!.tensor.data())];
    expect(values).toHaveLength(rows.count * 16);
    expect(new Set(values).size).toBeGreaterThan(0.99 * values.length);
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(2 ** -16);
  });

  it("start as in whole tables, bit for bit, where there are more than 2²⁴ weights", async () => {
    const [tables, dim] = [[2 ** 20 - 3, 2 ** 14 + 1, 50], 16];
    const rows = someRows(tables, 30);
    const setting = { tables, dim, backend: cpu, seed: 7 };
    const [whole, lazy] = [full()(setting), full({ rows })(setting)].map(({ parameters }) =>
      cpu.peek!(parameters[0]!.tensor.handle),
    );
    const starts = rows.rows.flatMap((own, t) =>
      Array.from(own, (row) => (tables.slice(0, t).reduce((n, x) => n + x, 0) + row) * dim),
    );
    const read = starts.flatMap((start) => [...whole!.subarray(start, start + dim)]);
    expect([...lazy!]).toEqual(read);
  });
});
