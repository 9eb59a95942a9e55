import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../../../core/numeric/random.ts";
import { lazyRowsFrom } from "../../../../../models/data/lazy-rows.ts";
import {
  numbersByClass,
  type OwnRows,
  packedOwn,
  unpackedOwn,
  widthsOf,
} from "../../../../../models/embeddings/own-rows.ts";
import { tableOffsets } from "../../../../../models/embeddings/scheme.ts";
import { said } from "../../dlrm/tiny-model.ts";

/** Each id with a chance of its table's, of classes of which few are frequent. */
function drawn(seed: number, sizes: readonly number[], dim: number): OwnRows {
  const stream = random(seed, "own rows");
  const rows = sizes.map((size) => {
    const share = stream.uniform() ** 3;
    if (size < 1e6) return upTo(size).filter(() => stream.uniform() < share);
    return Uint32Array.from(new Set(Array.from({ length: 5 }, () => stream.integer(size)))).sort();
  });
  const own = lazyRowsFrom(sizes, rows);
  const widths = widthsOf(dim).length;
  return {
    rows: own,
    classes: Uint8Array.from({ length: own.count }, () => Math.floor(widths * stream.uniform() ** 2)),
  };
}

const upTo = (n: number) => Uint32Array.from({ length: n }, (_, i) => i);

const shapes = fc.record({
  seed: fc.nat(),
  tables: fc.array(fc.oneof(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 2 ** 30, max: 2 ** 32 })), {
    minLength: 1,
    maxLength: 5,
  }),
  dim: fc.integer({ min: 1, max: 20 }),
});

it("ids and widths come back from their bytes", () => {
  fc.assert(
    fc.property(shapes, ({ seed, tables, dim }) => {
      const own = drawn(seed, tables, dim);
      const back = unpackedOwn(packedOwn(own), { tables, dim });
      expect(back.rows.rows).toEqual(own.rows.rows);
      expect(back.classes).toEqual(own.classes);
      const lists = numbersByClass(own, widthsOf(dim).length);
      const offsets = tableOffsets(tables);
      let at = 0;
      for (const [t, rows] of own.rows.rows.entries())
        for (const row of rows) expect(lists[own.classes[at++]!]).toContain(offsets[t]! + row);
      expect(lists.reduce((sum, list) => sum + list.length, 0)).toBe(at);
    }),
    { numRuns: 300 },
  );
});

it.each([0.002, 0.03, 0.2, 0.6])(
  "of a random part of all ids, %d, they take little more than chance needs: log₂ of how many there are",
  (share) => {
    const stream = random(5, "share");
    const size = 200_000;
    const own = lazyRowsFrom([size], [upTo(size).filter(() => stream.uniform() < share)]);
    const bits = size * (-share * Math.log2(share) - (1 - share) * Math.log2(1 - share)) + own.count; // a width's zero
    const taken = 8 * packedOwn({ rows: own, classes: new Uint8Array(own.count) }).length;
    expect(taken / bits).toBeGreaterThan(0.97); // how many there are varies
    expect(taken / bits).toBeLessThan(1.12);
  },
);

it("no ids take no bytes", () => {
  const none = { rows: lazyRowsFrom([9], [new Uint32Array(0)]), classes: new Uint8Array(0) };
  expect(packedOwn(none)).toHaveLength(0);
  expect(unpackedOwn(new Uint8Array(0), { tables: [9], dim: 4 }).rows.count).toBe(0);
});

it("widths are the powers of two below dim, and dim", () => {
  expect([1, 2, 3, 8, 9].map(widthsOf)).toEqual([[1], [1, 2], [1, 2, 3], [1, 2, 4, 8], [1, 2, 4, 8, 9]]);
});

describe("damaged bytes", () => {
  const shape = { tables: [40, 300], dim: 8 };
  const bytes = packedOwn(drawn(3, shape.tables, shape.dim));
  const damaged = "its array embedding.own names no rows of these tables; it is damaged";

  it.each([
    ["cut short", bytes.subarray(0, bytes.length - 3)],
    ["longer", Uint8Array.from([...bytes, 1])],
    ["of more ids than tables have", Uint8Array.from([255, 255, ...bytes.subarray(2)])],
    ["of widths above dim", Uint8Array.from(bytes, (byte, i) => (i === 4 ? byte | 0x80 : byte))],
    ["a byte alone", Uint8Array.of(7)],
  ])("%s, are refused", (_, bad) => {
    expect(said(() => unpackedOwn(bad, shape))).toBe(damaged);
  });

  it("of any kind, are refused or are ids of these tables, and never run on", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        let own: OwnRows;
        try {
          own = unpackedOwn(any, shape);
        } catch (error) {
          expect((error as Error).message).toBe(damaged);
          return;
        }
        for (const [t, rows] of own.rows.rows.entries())
          for (const row of rows) expect(row).toBeLessThan(shape.tables[t]!);
        expect(Math.max(0, ...own.classes)).toBeLessThan(widthsOf(shape.dim).length);
      }),
      { numRuns: 2000 },
    );
  });
});
