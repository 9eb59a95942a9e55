import type { Lookup } from "../../../core/lookup.ts";
import {
  choose,
  type Formula,
  less,
  lifted,
  plus,
  remainder,
  search,
  times,
} from "../../../core/numeric/formula.ts";
import type { Hash } from "../../../core/numeric/hash.ts";
import { drawnPermutation } from "../../../core/numeric/permutation.ts";
import type { Random } from "../../../core/numeric/random.ts";
import { sideBySide } from "../../../core/ops/arrange.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { matmul } from "../../../core/ops/matmul.ts";
import { reshape } from "../../../core/ops/reshape.ts";
import { choiceOption, type Given } from "../../../core/options.ts";
import { sizeOf } from "../../../core/shape.ts";
import { checkSameTables, lazyRowsFrom } from "../../data/lazy-rows.ts";
import { oneEach, type Rows as RowsRead, sumsOfComputed } from "../computed-rows.ts";
import { type EmbeddingMaker, type MemorySize, memoryFloats, uniformParameter } from "../embedding.ts";
import { embeddingFamily, ofFamily, ownSeed, sizeFrom, sizeOptions } from "../family.ts";
import { type OwnChoice, ownBy } from "../own-choice.ts";
import { type OwnRows, ownOf, packedOwn, sizesOf, widthsOf } from "../own-rows.ts";
import { allTables, element, type Plan, type Pooled, type Rows, rowKey, rowOfAll } from "../plan.ts";
import {
  checkBlank,
  type EmbeddingSetting,
  type TableShape,
  tableOffsets,
  virtualFloats,
} from "../scheme.ts";
import type { StorageOptions } from "../storage.ts";
import {
  byFrequencyOptions,
  bytesOf,
  floatsOf,
  ownWithinBytes,
  ownWithinFloats,
  type Part,
  partsOf,
  partsWith,
  rowsOfAll,
} from "./by-frequency-sizes.ts";

/**
 * How rows are as wide as ids are frequent; and which ids have such rows, or what decides that: `byCounts(await lazyRows(train))`,
 * or for rows as wide as ids tell of labels, `byWeights(await idSignal(train))`.
 */
export interface ByFrequencyOptions extends Given<typeof byFrequencyOptions> {
  readonly seed?: number;
  readonly own?: OwnRows | OwnChoice | undefined;
}

/**
 * Rows as wide as their ids are frequent. An id that occurs c times among the rows to train on has a row of its own of w ∝ c^α
 * floats, w = 1, 2, 4, … dim; ids for which that comes to less than one float share, by a permutation, what memory is left, a
 * float each. Rows of w < dim floats are multiplied by a matrix [w × dim] that is learned for each width. So rows of
 * frequent ids, which decide most predictions and can learn much, are wide, and those of rare ones are not kept apart.
 *
 * The power law is that of mixed dimension embeddings (Ginart et al., ISIT 2021, arXiv 1909.11810) for blocks of equal
 * popularity, their widths those of adaptive input representations (Baevski & Auli, ICLR 2019, arXiv 1809.10853).
 * Which ids have rows is packed, and its bytes are counted. Ids that nobody counted all share.
 */
export function byFrequency({ own: given, ...options }: ByFrequencyOptions & MemorySize): EmbeddingMaker {
  return ofFamily(
    { family: "byFrequency", given: options },
    { ...byFrequencyOptions, ...ownSeed },
    (setting) => {
      const { tables, dim } = setting;
      const { seed = setting.seed } = options;
      const floats = memoryFloats(options, setting);
      const own = ownWithinFloats(floats, setting, given, options);
      checkSameTables(tables, own.rows);
      const parts = partsOf(setting, own, floats);
      const memorySize = floatsOf(parts);
      checkBlank(memorySize, setting);
      const sharing = parts.find((part) => part.class === undefined);
      const hash = sharing && drawnPermutation(rowsOfAll(setting), sharing.rows, seed);
      const made = parts.map((part) => parametersOf(part, setting, own, options));
      const route = router(setting, own, parts, hash);
      const valuesOf = (rows: RowsRead) => {
        const { lookups, places } = route(rows);
        const vectors = lookups.map((lookup, p) => {
          const { memory, matrix } = made[p]!;
          const read = embeddingBag(memory.tensor, { lookup });
          const all = matrix ? matmul(read, reshape(matrix.tensor, { shape: [lookup.dim, dim] }), {}) : read;
          return reshape(all, { shape: [1, sizeOf(all.shape)] });
        });
        return { values: sideBySide(vectors), places };
      };
      return {
        name: "byFrequency",
        tables,
        dim,
        own,
        memorySize,
        bytes: bytesOf(parts, options) + packedOwn(own).length,
        virtualSize: virtualFloats(setting),
        parameters: made.flatMap(({ memory, matrix }) => (matrix ? [memory, matrix] : [memory])),
        plan: () => planOf(setting, parts, hash),
        forward(bags) {
          const samples = (bags.offsets.length - 1) / tables.length;
          const vectors = sumsOfComputed({ shape: setting, backend: setting.backend, valuesOf }, bags);
          return reshape(vectors, { shape: [samples, tables.length * dim] });
        },
      };
    },
  );
}

const partName = ({ class: c, width }: Part): string => (c === undefined ? "shared" : `${width}`);
const memoryOf = (part: Part): string => `embedding.memory.${partName(part)}`;
const matrixOf = (part: Part): string => `embedding.projection.${partName(part)}`;

/** A part's memory, whose rows start as those of full tables do, and the matrices behind it, which start as those of narrow rows. */
function parametersOf(part: Part, setting: EmbeddingSetting, own: OwnRows, options: StorageOptions) {
  const { tables, dim } = setting;
  const { width, rows } = part;
  const limit =
    part.class === undefined ? 1 / Math.sqrt(Math.max(...tables)) : ownLimits(part.class, tables, own);
  return {
    memory: uniformParameter(memoryOf(part), rows * width, limit, width, setting, options),
    matrix:
      width === dim
        ? undefined
        : uniformParameter(matrixOf(part), width * dim, Math.sqrt(3 / width), 1, setting),
  };
}

/** What the rows of a class start below: each what a row of its full table does. */
function ownLimits(ofClass: number, tables: readonly number[], { rows, classes }: OwnRows): number[] {
  const limits: number[] = [];
  let at = 0;
  for (const [t, own] of rows.rows.entries())
    for (const end = at + own.length; at < end; at++)
      if (classes[at] === ofClass) limits.push(1 / Math.sqrt(tables[t]!));
  return limits;
}

/** Divides rows among parts: where each part reads its own, and where among all that are read each row is. */
function router(
  { tables }: TableShape,
  { rows, classes }: OwnRows,
  parts: readonly Part[],
  hash: Hash | undefined,
) {
  const partOf = new Map(parts.map((part, p) => [part.class, p]));
  const sharing = partOf.get(undefined);
  const next = parts.map(() => 0);
  /** Of each own row its part, and where it starts there: side by side, since each is read from somewhere else in memory. */
  const where = new Uint32Array(2 * rows.count);
  for (const [i, c] of classes.entries()) {
    const p = partOf.get(c)!;
    where[2 * i] = p;
    where[2 * i + 1] = parts[p]!.width * next[p]!++;
  }
  const offsets = tableOffsets(tables);
  return ({ tables: tableOf, numbers }: RowsRead): { lookups: Lookup[]; places: Uint32Array } => {
    const read = parts.map(() => new Uint32Array(numbers.length));
    const counts = parts.map(() => 0);
    const reader = new Uint8Array(numbers.length);
    const places = new Uint32Array(numbers.length);
    const unowned = new Float64Array(numbers.length);
    for (let i = 0; i < numbers.length; i++) {
      const at = rows.place(tableOf[i]!, numbers[i]!);
      const p = at < 0 ? sharing! : where[2 * at]!;
      const place = counts[p]!++;
      if (at < 0) unowned[place] = offsets[tableOf[i]!]! + numbers[i]!;
      else read[p]![place] = where[2 * at + 1]!;
      reader[i] = p;
      places[i] = place;
    }
    const starts = read.map((own, p) => own.subarray(0, counts[p]));
    if (sharing !== undefined)
      hash!.modulos!(unowned.subarray(0, counts[sharing]), parts[sharing]!.rows, starts[sharing]!);
    // A part that nothing is read of has one bag, which is empty: so each part takes a step, whatever was read.
    const firsts = tableOffsets(counts.map((count) => Math.max(1, count)));
    for (let i = 0; i < places.length; i++) places[i]! += firsts[reader[i]!]!;
    const lookups = parts.map(({ width, rows }, p): Lookup => {
      const bags = oneEach(starts[p]!.length);
      return { dim: width, block: width, starts: starts[p]!, bags, memorySize: rows * width };
    });
    return { lookups, places };
  };
}

/** A table's vectors are the sum of what each part has for it. */
function planOf(shape: TableShape, parts: readonly Part[], hash: Hash | undefined): Plan {
  const { tables, dim } = shape;
  const number = rowOfAll(tableOffsets(tables));
  const rowsOf = (part: Part, slot: Formula): Rows => {
    const { width } = part;
    return { is: "read", from: memoryOf(part), width, block: width, slot: plus(slot, element) };
  };
  const places = parts.map(({ width, rows }) => {
    const at = search(ownOf(width), number);
    return { slot: times(remainder(at, rows), width), isThere: less(at, rows) }; // 0 of an id that is not there
  });
  const isOwned = parts
    .flatMap((part, p) => (part.class === undefined ? [] : [places[p]!.isThere]))
    .reduce((sum, isThere) => plus(sum, isThere), lifted(0));
  const all = parts.map((part, p): Rows => {
    if (part.class !== undefined) return only(places[p]!.isThere, rowsOf(part, places[p]!.slot));
    const shared = rowsOf(part, remainder(hash!.formula!(rowKey(shape, lifted(0), 1)), part.rows));
    return parts.length > 1 ? only(choose(isOwned, 0, 1), shared) : shared;
  });
  const pooled = all
    .map((rows, p): Pooled => {
      const part = parts[p]!;
      const sum = { is: "sum", rows } as const;
      return part.width === dim
        ? sum
        : { is: "projected", pooled: sum, matrix: matrixOf(part), width: part.width };
    })
    .reduce((left, right): Pooled => ({ is: "plus", left, right }));
  return [{ tables: allTables(shape), pooled }];
}

const only = (when: Formula, rows: Rows): Rows => ({ is: "only", when, rows });

/** The family of {@link byFrequency}: `pss-dlrm/predict` loads its models where it is given. */
export const byFrequencyFamily = embeddingFamily({
  name: "byFrequency",
  summary: "rows are as wide as their ids are frequent, by --temperature, and projected; rare ids share",
  options: {
    ...sizeOptions,
    ...byFrequencyOptions,
    widthsBy: choiceOption(ownBy, {
      default: "frequency",
      help: "what rows are as wide as: how often ids are trained on, or how much they tell of labels",
    }),
  },
  hidden: ownSeed,
  needs: ({ widthsBy = "frequency" }) => widthsBy,
  make: ({ widthsBy: _, ...options }, { own }) =>
    byFrequency({ ...options, own, ...sizeFrom(options, "byFrequency") }),
  fitTo: (bytes, shape, { widthsBy: _, ...options }, { own }) =>
    byFrequency({ ...options, ...ownWithinBytes(bytes, shape, own, options) }),
  example(shape, stream, { widthsBy: _, ...drawn }) {
    const own = drawnOwn(shape, stream);
    const parts = partsWith(shape, sizesOf(own, widthsOf(shape.dim).length), () => 1);
    return byFrequency({ ...drawn, own, memorySize: floatsOf(parts) + stream.integer(60) });
  },
});

/** Some ids of each table, with rows of any width. */
function drawnOwn({ tables, dim }: TableShape, stream: Random): OwnRows {
  const rows = tables.map((size) => {
    const ids = Array.from({ length: stream.integer(Math.min(size, 12) + 1) }, () => stream.integer(size));
    return Uint32Array.from(new Set(ids)).sort();
  });
  const own = lazyRowsFrom(tables, rows);
  const widths = 1 + stream.integer(widthsOf(dim).length);
  return { rows: own, classes: Uint8Array.from({ length: own.count }, () => stream.integer(widths)) };
}
