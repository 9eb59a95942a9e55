import { check } from "../../../core/errors.ts";
import { choose, less, plus, search, times } from "../../../core/numeric/formula.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import { multiply } from "../../../core/ops/arithmetic.ts";
import { sum } from "../../../core/ops/sum.ts";
import { filled, type Given, numberOption, wholeOption } from "../../../core/options.ts";
import type { Parameter } from "../../../core/parameter.ts";
import { Tensor } from "../../../core/tensor.ts";
import type { Bags } from "../../data/dataset.ts";
import {
  type Adaptation,
  type Embedding,
  type EmbeddingMaker,
  floatsWithin,
  type LearnedArrays,
  type MemorySize,
  memoryFloats,
  sharedMemory,
} from "../embedding.ts";
import { embeddingFamily, hashOption, ofFamily, ownSeed, sizeFrom, sizeOptions } from "../family.ts";
import { element, rowOfAll } from "../plan.ts";
import { bagOptions } from "../pooling.ts";
import {
  checkBlank,
  type RowNumbers,
  rowNumbers,
  type SharingScheme,
  type TableShape,
  tableOffsets,
  tablesOf,
} from "../scheme.ts";
import { bucketSize, type HotSketch, hotSketch } from "./hot-sketch.ts";
import { rowHashScheme } from "./row-hash.ts";

const cafeOptions = {
  ...bagOptions, // no storage: hot rows move, so memory is floats
  hash: hashOption,
  /**
   * Part of the memory that hot rows and what finds them may take. 0.7: the authors' programs give 0.3 at compression 2,
   * 0.7 at 50 to 100, and 0.9 from 2,000 on (Criteo).
   */
  hotShare: numberOption({
    above: 0,
    below: 1,
    default: 0.7,
    help: "part of the memory for hot rows and what finds them",
    draw: (stream) => (1 + stream.integer(9)) / 10,
  }),
  interval: wholeOption({ from: 1, default: 50, help: "steps from one migration of hot ids to the next" }),
  /** 0.99 is the authors'. */
  decay: numberOption({ above: 0, to: 1, default: 0.99, help: "what is left of a score at each migration" }),
};

interface CafeOptions extends Given<typeof cafeOptions> {
  readonly seed?: number;
}

/**
 * CAFE (Zhang et al., SIGMOD 2024, arXiv 2312.03256), of one level: hot ids own a row each, all others share rows by a
 * hash. A sketch scores ids by the norms of their embeddings' gradients, summed over their occurrences; the norms of a
 * step are scaled to mean 1, so that early steps weigh no more than late ones (the authors' programs scale each table's).
 * Every `interval` steps the ids of the largest scores, as many as there are hot rows, become the hot ones: the paper's
 * fixed threshold, which has to be found for each compression, is not needed. A row starts as what its id read until then.
 *
 * The size is that of everything: 4 bytes for each float that is asked for hold the rows, the sketch of four slots a hot
 * row, and the numbers of the hot ids.
 */
export function cafe(options: CafeOptions & MemorySize): EmbeddingMaker {
  const { hotShare, interval, decay, pooling, hash } = filled(cafeOptions, options);
  return ofFamily({ family: "cafe", given: options }, { ...cafeOptions, ...ownSeed }, (setting) => {
    const { hotRows, sharedRows, rows } = layOut(setting, 4 * memoryFloats(options, setting), hotShare);
    const { seed = setting.seed } = options;
    checkBlank(hotRows * bucketSize, setting);
    const sketch = hotSketch(hotRows, rows, random(seed, "cafe.sketch").bits());
    const hot = rowNumbers(hotRows, rows).fill(rows);
    const shared = rowHashScheme(setting, { memorySize: sharedRows * setting.dim, hashes: 1, seed, hash });
    const embedding = sharedMemory(() => hotOrShared(setting, hot, shared), options)(setting);
    const arrays = new Map<string, RowNumbers | Float32Array>([
      [hotName, hot],
      ["embedding.sketch.ids", sketch.ids],
      ["embedding.sketch.scores", sketch.scores],
    ]);
    let bytes = embedding.bytes;
    for (const { byteLength } of arrays.values()) bytes += byteLength;
    const adaptation: Adaptation = {
      arrays,
      take(others) {
        checkLearned(others, sketch, rows);
        for (const [name, array] of arrays) array.set(others.get(name)!);
      },
      observe: ([gradient]) => squaredNorms(gradient),
      async learn(bags, squares, t) {
        scoreIds(sketch, embedding, bags, squares, pooling === "learned");
        if (t % interval !== 0) return;
        sketch.fade(decay);
        await migrate(embedding, hot, sketch.largest(hotRows));
      },
    };
    return { ...embedding, bytes, adaptation };
  });
}

/** Throws an InputError for hot ids or a sketch that no training leaves, by which rows would be read that are not there. */
function checkLearned(arrays: LearnedArrays, sketch: HotSketch, rows: number): void {
  const hot = arrays.get(hotName)!;
  check(
    hot.every(
      (id, i) => Number.isInteger(id) && id >= 0 && id <= rows && (id === rows || id > (hot[i - 1] ?? -1)),
    ),
    () => `The hot ids of cafe must be different rows of the ${rows}, in ascending order, but they are not.`,
  );
  const [ids, scores] = ["ids", "scores"].map((name) => arrays.get(`embedding.sketch.${name}`)!);
  check(
    sketch.couldHold(ids!, scores!, rows),
    () => `The sketch of cafe must hold each row's score where its hash puts it, but it does not.`,
  );
}

/** The hot ids, in a model's file too. */
const hotName = "embedding.hot";

/** Bytes of a row, and of a hot row with its bucket and its id. */
function bytesOf({ tables, dim }: TableShape) {
  const rows = tables.reduce((n, r) => n + r, 0);
  const { BYTES_PER_ELEMENT: id } = rowNumbers(0, rows);
  return { rows, row: 4 * dim, hotRow: 4 * dim + id + bucketSize * (id + 4) };
}

/** Floats that one hot and one shared row take, with all that belongs to them. */
function leastFloats(shape: TableShape): number {
  const { row, hotRow } = bytesOf(shape);
  return (row + hotRow) / 4;
}

/** How many rows of each kind fit into so many bytes. */
function layOut(shape: TableShape, bytes: number, hotShare: number) {
  floatsWithin(bytes, "cafe", leastFloats(shape));
  const { rows, row, hotRow } = bytesOf(shape);
  const most = Math.floor((bytes - row) / hotRow);
  const hotRows = Math.min(rows, most, Math.max(1, Math.floor((hotShare * bytes) / hotRow)));
  return { rows, hotRows, sharedRows: Math.min(rows, Math.floor((bytes - hotRows * hotRow) / row)) };
}

/**
 * First the hot rows, then those of `shared`. `hot` holds the numbers of the hot ids, ascending: id hot[i] reads row i.
 * The number of all rows, which no id has, stands for none.
 */
function hotOrShared({ tables, dim }: TableShape, hot: RowNumbers, shared: SharingScheme): SharingScheme {
  const offsets = tableOffsets(tables);
  const first = hot.length * dim;
  return {
    ...shared,
    name: "cafe",
    memorySize: first + shared.memorySize,
    blockStart(table, row, block, copy) {
      const at = placeOf(hot, offsets[table]! + row);
      return at < 0 ? first + shared.blockStart(table, row, block, copy) : at * dim;
    },
    slotsOf(table, row, column) {
      const id = offsets[table]! + row;
      const at = hot.findIndex((other) => other >= id);
      if (hot[at] === id) return [{ slot: at * dim + column, sign: 1 }];
      return shared.slotsOf(table, row, column).map(({ slot, sign }) => ({ slot: first + slot, sign }));
    },
    formulas() {
      const at = search(hotName, rowOfAll(offsets));
      return shared.formulas!().map(({ tables, terms }) => ({
        tables,
        terms: terms.map(({ slot }) => ({
          slot: choose(less(at, hot.length), plus(times(at, dim), element), plus(slot, first)),
        })),
      }));
    },
    guarantee: "none: which ids share no row is learned, and shared rows have no signs",
  };
}

/** Where `wanted` is in `ascending`, by bisection; −1 where it is not. */
function placeOf(ascending: RowNumbers, wanted: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return ascending[low] === wanted ? low : -1;
}

/** [bags × 1] ‖∂loss/∂row‖² of the rows that each bag summed, which is one for all of them. */
function squaredNorms(gradient: Parameters<Adaptation["observe"]>[0][number] | undefined): Tensor | null {
  if (gradient == null) return null;
  check(
    !(gradient instanceof Tensor) && gradient.parts.length === 1,
    () =>
      "cafe learns from the gradient of one lookup a step, but its memory was used in another way; call forward once.",
  );
  const { cotangent } = gradient.parts[0]!;
  return sum(multiply(cotangent, cotangent), { axis: 1, count: 1 });
}

/** Adds the norms of a step, scaled to mean 1, to the scores of its ids. `separate`: there is a norm for each id. */
function scoreIds(
  sketch: HotSketch,
  { tables }: TableShape,
  bags: Bags,
  squares: ArrayLike<number>,
  separate: boolean,
): void {
  const { ids, offsets } = bags;
  const firsts = tableOffsets(tables);
  const norms = new Float64Array(ids.length);
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++)
      norms[i] = Math.sqrt(squares[separate ? i : bag]!);
  }
  const mean = norms.reduce((total, norm) => total + norm, 0) / norms.length;
  for (const [i, table] of tablesOf(bags, tables.length).entries())
    sketch.add(firsts[table]! + ids[i]!, norms[i]! / mean);
}

/** Makes `now` (ascending) the hot ids. The row of each, and its optimizer state, become what it read until now. */
async function migrate({ parameters, scheme, tables, dim }: Embedding, hot: RowNumbers, now: number[]) {
  const offsets = tableOffsets(tables);
  const none = offsets.at(-1)!;
  if (hot.every((id, i) => id === (now[i] ?? none))) return;
  const { tensor, state } = parameters[0] as Parameter;
  const targets = [tensor, ...state];
  const all = await Promise.all(targets.map((target) => target.data()));
  let table = 0;
  const sources = now.map((id) => {
    while (id >= offsets[table + 1]!) table++;
    return scheme!.blockStart(table, id - offsets[table]!, 0, 0);
  });
  for (const [k, old] of all.entries()) {
    const width = (old.length / scheme!.memorySize) * dim;
    const values = old.slice();
    for (const [i, slot] of sources.entries()) {
      const from = (slot / dim) * width;
      values.set(old.subarray(from, from + width), i * width);
    }
    targets[k]!.write(values);
  }
  hot.fill(none);
  hot.set(now);
}

/** Hot ids of no training, so that laws see them: the last row of each table, and any others. */
function withSomeHot(embedding: Embedding, stream: Random): Embedding {
  const hot = embedding.adaptation!.arrays.get(hotName)!;
  const offsets = tableOffsets(embedding.tables);
  const ids = new Set(offsets.slice(1).map((end) => end - 1));
  for (let i = 0; i < hot.length; i++) {
    const table = stream.integer(embedding.tables.length);
    ids.add(offsets[table]! + stream.integer(embedding.tables[table]!));
  }
  hot.set([...ids].slice(0, hot.length).sort((a, b) => a - b));
  return embedding;
}

export const cafeFamily = embeddingFamily({
  name: "cafe",
  summary: "hot ids, found while training, have rows of their own (--hot-share)",
  options: { ...sizeOptions, ...cafeOptions },
  hidden: ownSeed,
  make: (options) => cafe({ ...options, ...sizeFrom(options, "cafe") }),
  fitTo: (bytes, shape, options) =>
    cafe({ ...options, memorySize: floatsWithin(bytes, "cafe", leastFloats(shape)) }),
  example(shape, stream, drawn) {
    const memory = leastFloats(shape) + stream.integer(100 * (shape.dim + bucketSize));
    const made = cafe({ ...drawn, memorySize: memory, seed: stream.integer(2000) });
    const ofHot = stream.bits();
    return (setting) => withSomeHot(made(setting), random(ofHot, "hot ids"));
  },
});
