import { check, integer } from "../../../core/errors.ts";
import {
  type Formula,
  perTable,
  plus,
  quotient,
  remainder,
  times,
  variable,
} from "../../../core/numeric/formula.ts";
import { add, multiply } from "../../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { reshape } from "../../../core/ops/reshape.ts";
import { choiceOption, wholeOption } from "../../../core/options.ts";
import { tensor } from "../../../core/tensor.ts";
import { type EmbeddingMaker, floatsWithin, memoryParameter, sharedMemory } from "../embedding.ts";
import { embeddingFamily, ofFamily } from "../family.ts";
import { element, type Plan, type Pooled, type ReadFormula } from "../plan.ts";
import { type PoolingOptions, poolingOptions } from "../pooling.ts";
import {
  fillUniform,
  lookupOf,
  type Place,
  type SharingScheme,
  type TableShape,
  virtualFloats,
} from "../scheme.ts";
import { type StorageOptions, storedBytes } from "../storage.ts";

export interface QuotientRemainderOptions {
  /** c: row x is made of quotient row ⌊x/c⌋ and remainder row x mod c. */
  readonly collisions: number;
  /** Tables of at most this many rows stay whole. Default 0: none does. */
  readonly threshold?: number | undefined;
  readonly operation?: "add" | "mult" | undefined;
}

const combined = {
  ...poolingOptions,
  /** With `mult` it is no sum of slots, but a peer behind the same interface. */
  operation: choiceOption(["add", "mult"], { default: "add", help: "sums the two rows, or multiplies them" }),
};

const sizes = {
  collisions: wholeOption({
    from: 1,
    to: 2 ** 32,
    isSize: true,
    form: "C",
    help: "row x is made of rows ⌊x/C⌋ and x mod C",
  }),
  threshold: wholeOption({
    from: 0,
    isSize: true,
    otherwise: "0",
    help: "tables of at most so many rows stay whole",
  }),
};

/** The quotient–remainder trick (Shi et al. 2020). Memory: (⌈n/c⌉ + c)·dim a table. Bags are summed, then combined. */
export function quotientRemainder(options: QuotientRemainderOptions & PoolingOptions): EmbeddingMaker {
  const family = (make: EmbeddingMaker) =>
    ofFamily({ family: "quotientRemainder", given: options }, { ...sizes, ...combined }, make);
  const { operation = "add" } = options;
  if (operation === "add") return family(sharedMemory((shape) => sumScheme(layOut(shape, options)), options));
  check(
    (options.pooling ?? "sum") === "sum" && !options.tableScale,
    () =>
      "quotientRemainder with operation mult multiplies two bag sums: pooling and tableScale do not apply to it; leave them out or use operation add.",
  );
  return family(productEmbedding(options));
}

interface Segment {
  /** First slot of the quotient rows (of the whole table, where it stays whole), and of the remainder rows. */
  readonly quotient: number;
  readonly remainder: number;
  readonly whole: boolean;
  readonly rows: number;
}

interface Layout extends TableShape {
  readonly c: number;
  readonly memory: number;
  readonly segments: readonly Segment[];
}

/** Memory table by table: quotient rows, then remainder rows. */
function layOut(
  { tables, dim }: TableShape,
  { collisions, threshold = 0 }: QuotientRemainderOptions,
): Layout {
  const c = integer("Collisions of quotientRemainder", collisions, 1, 2 ** 32);
  let memory = 0;
  const segments = tables.map((rows): Segment => {
    const whole = rows <= threshold;
    const quotient = memory;
    const remainder = quotient + (whole ? rows : Math.ceil(rows / c)) * dim;
    memory = remainder + (whole ? 0 : c * dim);
    return { quotient, remainder, whole, rows };
  });
  return { tables, dim, c, memory, segments };
}

/** ⌊row/c⌋ and row mod c, each a slot of its own table; the definition is the same in unbounded integers. */
function rowsOf(
  { segments, c, dim }: Layout,
  table: number,
  row: number,
): { quotient: number; remainder: number } {
  const { quotient, remainder, whole } = segments[table]!;
  return {
    quotient: quotient + (whole ? row : Math.floor(row / c)) * dim,
    remainder: remainder + (row % c) * dim,
  };
}

const common = (layout: Layout) => ({
  memorySize: layout.memory,
  block: layout.dim,
  rowLength: layout.dim,
  guarantee: "none: rows that share a quotient or a remainder row stay correlated",
});

/** Slots of both rows as formulas. */
function formulasOf({ segments, c, dim }: Layout) {
  const row = variable("row");
  const slot = (bases: (segment: Segment) => number, at: Formula): ReadFormula => ({
    slot: plus(plus(perTable(segments.map(bases)), times(at, dim)), element),
  });
  return {
    whole: slot(({ quotient }) => quotient, row),
    quotient: slot(({ quotient }) => quotient, quotient(row, c)),
    remainder: slot(({ remainder }) => remainder, remainder(row, c)),
  };
}

/** The tables that stay whole, and the others, as far as there are such. */
const kindsOf = ({ segments }: Layout) =>
  [true, false]
    .map((isWhole) => ({
      isWhole,
      tables: segments.flatMap(({ whole }, table) => (whole === isWhole ? [table] : [])),
    }))
    .filter(({ tables }) => tables.length > 0);

function sumScheme(layout: Layout): SharingScheme {
  const { segments } = layout;
  return {
    ...common(layout),
    name: "quotientRemainder",
    copies: (table) => (segments[table]!.whole ? 1 : 2),
    blockStart: (table, row, _, copy) => rowsOf(layout, table, row)[copy === 0 ? "quotient" : "remainder"],
    slotsOf(table, row, column) {
      const { quotient, remainder, whole } = segments[table]!;
      const at = (base: number, r: bigint): Place => ({
        slot: base + Number(r) * layout.dim + column,
        sign: 1,
      });
      if (whole) return [at(quotient, BigInt(row))];
      const c = BigInt(layout.c);
      return [at(quotient, BigInt(row) / c), at(remainder, BigInt(row) % c)];
    },
    formulas() {
      const { whole, quotient, remainder } = formulasOf(layout);
      return kindsOf(layout).map(({ tables, isWhole }) => ({
        tables,
        terms: isWhole ? [whole] : [quotient, remainder],
      }));
    },
    initialize: (values, stream) => fillSegments(layout, values, stream, (rows) => 1 / Math.sqrt(rows)),
  };
}

function fillSegments(
  { segments }: Layout,
  values: Float32Array | Float64Array,
  stream: { uniform(): number },
  limit: (rows: number, whole: boolean) => number,
): void {
  segments.forEach(({ quotient, rows, whole }, t) => {
    const end = segments[t + 1]?.quotient ?? values.length;
    fillUniform(values.subarray(quotient, end), limit(rows, whole), stream);
  });
}

function productPlan(layout: Layout): Plan {
  const { whole, quotient, remainder } = formulasOf(layout);
  const { dim } = layout;
  const sum = (at: ReadFormula): Pooled => ({
    is: "sum",
    rows: { is: "read", from: "embedding.memory", width: dim, block: dim, ...at },
  });
  return kindsOf(layout).map(({ tables, isWhole }) => ({
    tables,
    pooled: isWhole ? sum(whole) : { is: "product", left: sum(quotient), right: sum(remainder) },
  }));
}

/** Bag sums of quotient rows times bag sums of remainder rows; a whole table is multiplied by 1. */
function productEmbedding(options: QuotientRemainderOptions & StorageOptions): EmbeddingMaker {
  return (setting) => {
    const { tables, dim, backend } = setting;
    const layout = layOut(setting, options);
    const { segments } = layout;
    const side = (name: "quotient" | "remainder"): SharingScheme => ({
      ...common(layout),
      name: "quotientRemainder",
      copies: (table) => (name === "remainder" && segments[table]!.whole ? 0 : 1),
      blockStart: (table, row) => rowsOf(layout, table, row)[name],
      slotsOf: (table, row, column) => [{ slot: rowsOf(layout, table, row)[name] + column, sign: 1 }],
    });
    const [quotient, remainder] = [side("quotient"), side("remainder")];
    // A product of two numbers of size n^(−1/4) has the size of a full table's, n^(−1/2).
    const limit = (rows: number, whole: boolean) => rows ** (whole ? -1 / 2 : -1 / 4);
    const initialize: SharingScheme["initialize"] = (values, stream) =>
      fillSegments(layout, values, stream, limit);
    const memory = memoryParameter({ ...quotient, initialize }, setting, options);
    const ones = segments.flatMap(({ whole }) => new Array<number>(dim).fill(whole ? 1 : 0));
    const identity = tensor(backend, [1, tables.length * dim], ones);
    return {
      name: "quotientRemainder",
      tables,
      dim,
      memorySize: layout.memory,
      bytes: storedBytes(options, layout.memory),
      virtualSize: virtualFloats(setting),
      parameters: [memory],
      constants: [identity],
      plan: () => productPlan(layout),
      forward(bags) {
        const shape = [(bags.offsets.length - 1) / tables.length, tables.length * dim];
        const sums = (scheme: SharingScheme) =>
          reshape(embeddingBag(memory.tensor, { lookup: lookupOf(scheme, setting, bags) }), { shape });
        return multiply(sums(quotient), add(sums(remainder), identity));
      },
    };
  };
}

/** The smallest c whose tables take no more than `bytes`; tables that two of theirs would not make smaller stay whole. */
function fewestCollisions(bytes: number, shape: TableShape, options: StorageOptions) {
  const most = Math.ceil(Math.sqrt(Math.max(...shape.tables))); // beyond it the remainder rows outweigh the quotients
  const tried = Array.from({ length: most }, (_, i) => ({ collisions: i + 1, threshold: i + 2 }));
  const sizes = tried.map((each) => layOut(shape, each).memory);
  const floats = floatsWithin(bytes, "quotientRemainder", Math.min(...sizes), options);
  return tried[sizes.findIndex((size) => size <= floats)]!;
}

export const quotientRemainderFamily = embeddingFamily({
  name: "quotientRemainder",
  summary: "row x from quotient and remainder by --collisions (--operation add|mult)",
  growsWithTables: true,
  options: { ...sizes, ...combined },
  make(options) {
    const { collisions } = options;
    check(
      collisions !== undefined,
      () => "quotientRemainder needs --collisions C: row x is made of rows ⌊x/C⌋ and x mod C.",
    );
    return quotientRemainder({ ...options, collisions });
  },
  fitTo: (bytes, shape, options) =>
    quotientRemainder({ ...options, ...fewestCollisions(bytes, shape, options) }),
  example: (_, stream, drawn) =>
    quotientRemainder({ ...drawn, collisions: 1 + stream.integer(5), threshold: stream.integer(8) }),
});
