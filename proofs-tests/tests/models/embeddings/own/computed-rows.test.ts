import fc from "fast-check";
import { expect, it } from "vitest";
import { cpu64 } from "../../../../../backends/cpu/index.ts";
import { random } from "../../../../../core/numeric/random.ts";
import { tensor } from "../../../../../core/tensor.ts";
import { type Rows, sumsOfComputed } from "../../../../../models/embeddings/computed-rows.ts";

const dim = 3;

/** A vector that says which row it is of: numbers whose sums over few rows are exact. */
const vectorOf = (table: number, number: number): number[] => [table + 1, number % 2 ** 16, number >>> 16];

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

it("each bag is the sum of its rows, of which each different one is computed once, wherever its values lie", () =>
  fc.assert(
    fc.asyncProperty(seeds, fc.constantFrom(3, 40, 3000), fc.boolean(), async (seed, most, isMoved) => {
      const stream = random(seed, "computed rows");
      const tables = Array.from({ length: 1 + stream.integer(4) }, () => 2 ** 32);
      const left = stream.integer(tables.length + 1); // a table that is left out, or none
      const few = Array.from({ length: 1 + stream.integer(most) }, () => stream.bits());
      const samples = 1 + stream.integer(most);
      const offsets = new Uint32Array(samples * tables.length + 1);
      const ids: number[] = [];
      for (let bag = 0; bag + 1 < offsets.length; bag++) {
        for (let i = stream.integer(3); i > 0; i--) ids.push(few[stream.integer(few.length)]!);
        offsets[bag + 1] = ids.length;
      }
      let computed: Rows = { tables: new Uint32Array(0), numbers: new Uint32Array(0) };
      const valuesOf = (rows: Rows) => {
        computed = rows;
        const { length } = rows.numbers;
        const places = Uint32Array.from(rows.numbers, (_, i) => (isMoved ? length - i : i));
        const values = new Float64Array((length + 1) * dim).fill(Number.NaN);
        for (const [i, place] of places.entries())
          values.set(vectorOf(rows.tables[i]!, rows.numbers[i]!), place * dim);
        const all = isMoved ? values : values.subarray(0, length * dim);
        return { values: tensor(cpu64, [all.length / dim, dim], all), ...(isMoved && { places }) };
      };
      const sums = await sumsOfComputed(
        { shape: { tables, dim }, backend: cpu64, includes: (table) => table !== left, valuesOf },
        { ids: Uint32Array.from(ids), offsets },
      ).data();
      const different = new Set<string>();
      const expected = Array.from({ length: offsets.length - 1 }, (_, bag) => {
        const table = bag % tables.length;
        const sum = [0, 0, 0];
        for (const id of table === left ? [] : ids.slice(offsets[bag], offsets[bag + 1])) {
          different.add(`${table} ${id}`);
          for (const [c, x] of vectorOf(table, id).entries()) sum[c]! += x;
        }
        return sum;
      });
      expect([...sums]).toEqual(expected.flat());
      expect(Array.from(computed.tables, (table, i) => `${table} ${computed.numbers[i]}`)).toEqual([
        ...different,
      ]);
    }),
    { numRuns: 60 },
  ));
