import fc from "fast-check";
import type { Columns } from "../../../../models/data/memory.ts";
import type { Block } from "../../../../models/data/reader/block.ts";

/** Some rows as columns, and their shape. */
export interface Table {
  readonly name: string;
  readonly dense: number;
  readonly tables: readonly number[];
  readonly columns: Columns;
}

/** `n` rows, each with a label of its own, of D features and T bags, of one id each or of `lengths` ids, again and again. */
function tableOf(n: number, D: number, T: number, lengths: readonly number[] | undefined): Table {
  const offsets = new Uint32Array(n * T + 1);
  for (let bag = 0; bag < n * T; bag++)
    offsets[bag + 1] = offsets[bag]! + (lengths ? lengths[bag % lengths.length]! : 1);
  return {
    name: "made",
    dense: D,
    tables: new Array<number>(T).fill(2 ** 32),
    columns: {
      dense: Float32Array.from({ length: n * D }, (_, i) => i / 4),
      ids: Uint32Array.from({ length: offsets[n * T]! }, (_, i) => 2 ** 32 - 1 - i),
      labels: Float32Array.from({ length: n }, (_, i) => i / n),
      ...(lengths && { offsets }),
    },
  };
}

/** Rows of any shape: bags of one id, or of any number. */
export const anyTable: fc.Arbitrary<Table> = fc
  .tuple(
    fc.integer({ min: 1, max: 60 }),
    fc.nat(3),
    fc.nat(3),
    fc.option(fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }), { nil: undefined }),
  )
  .map((given) => tableOf(...given));

/** Lengths of blocks. */
export const anyCuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });

/** The rows in blocks of these lengths, again and again. */
export function* cutIntoBlocks(
  { columns, dense: D, tables }: Table,
  lengths: readonly number[],
): Generator<Block> {
  const { labels, dense, ids, offsets } = columns;
  const T = tables.length;
  for (let from = 0, i = 0; from < labels.length; i++) {
    const to = Math.min(labels.length, from + lengths[i % lengths.length]!);
    const start = (bag: number) => offsets?.[bag] ?? bag;
    const first = start(from * T);
    yield {
      size: to - from,
      labels: labels.slice(from, to),
      dense: dense.slice(from * D, to * D),
      ids: ids.slice(first, start(to * T)),
      ...(offsets && { offsets: offsets.slice(from * T, to * T + 1).map((at) => at - first) }),
    };
    from = to;
  }
}
