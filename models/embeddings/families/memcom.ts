import { add, multiply } from "../../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { type Given, switchOption } from "../../../core/options.ts";
import { Parameter } from "../../../core/parameter.ts";
import { tensor } from "../../../core/tensor.ts";
import {
  type EmbeddingMaker,
  floatsWithin,
  type MemorySize,
  memoryFloats,
  uniformParameter,
} from "../embedding.ts";
import { embeddingFamily, hashOption, ofFamily, ownSeed, sizeFrom, sizeOptions } from "../family.ts";
import { fullScheme } from "../full-scheme.ts";
import { allTables, type Rows, readsOf } from "../plan.ts";
import { pooledRows } from "../pooling.ts";
import { zerosFor } from "../room.ts";
import {
  checkBlank,
  type EmbeddingSetting,
  lookupOf,
  type SharingScheme,
  type TableShape,
  tableOffsets,
  virtualFloats,
} from "../scheme.ts";
import { rowHashScheme } from "./row-hash.ts";

const memcomOptions = {
  bias: switchOption({ help: "adds a learned number of its own to each row, too" }),
  hash: hashOption,
};

interface MemcomOptions extends Given<typeof memcomOptions> {
  readonly seed?: number;
}

/**
 * MEmCom (Pansare et al., Learning Compressed Embeddings for On-Device Inference, MLSys 2022, arXiv 2203.10135): row x is
 * U[h(x)] · v(x), a shared row times a number of its own, plus w(x) with `bias`. The paper takes x mod m in one table;
 * here rows of all tables share U, so a hash places them. Memory: `memcomFloats`. U starts uniform on ±1/√n, n the
 * rows of the largest table, v at 1, w at 0: rows start with the spread of a full table of n rows.
 */
export function memcom(options: MemcomOptions & MemorySize): EmbeddingMaker {
  return ofFamily({ family: "memcom", given: options }, { ...memcomOptions, ...ownSeed }, (setting) => {
    const { tables, dim, seed } = setting;
    const { shared, own, floats } = schemesOf(setting, { seed, ...options });
    const limit = 1 / Math.sqrt(Math.max(...tables));
    const memory = uniformParameter("embedding.memory", shared.memorySize, limit, dim, setting);
    const weights = constant("embedding.weights", own.memorySize, 1, setting);
    const bias = options.bias ? constant("embedding.bias", own.memorySize, 0, setting) : undefined;
    return {
      name: "memcom",
      tables,
      dim,
      memorySize: floats,
      bytes: 4 * floats,
      virtualSize: virtualFloats(setting),
      parameters: [memory, weights, ...(bias ? [bias] : [])],
      plan() {
        const read = (scheme: SharingScheme, width: number, from: string) =>
          readsOf(scheme, { tables, dim: width }, from)![0]!.rows;
        const number = (from: string) => read(own, 1, from);
        const scaled: Rows = {
          is: "multiply",
          left: read(shared, dim, "embedding.memory"),
          right: number("embedding.weights"),
        };
        const rows: Rows = bias ? { is: "add", left: scaled, right: number("embedding.bias") } : scaled;
        return [{ tables: allTables(setting), pooled: { is: "sum", rows } }];
      },
      forward: (bags) =>
        pooledRows(setting, bags, () => {
          const rows = embeddingBag(memory.tensor, { lookup: lookupOf(shared, setting, bags, true) });
          const lookup = lookupOf(own, { tables, dim: 1 }, bags, true);
          const scaled = multiply(rows, embeddingBag(weights.tensor, { lookup }));
          return bias ? add(scaled, embeddingBag(bias.tensor, { lookup })) : scaled;
        }),
    };
  });
}

function constant(name: string, floats: number, value: number, setting: EmbeddingSetting): Parameter {
  checkBlank(floats, setting);
  return new Parameter(
    name,
    tensor(setting.backend, [floats], zerosFor(setting.backend, floats).fill(value)),
    1,
  );
}

/** Learnable floats of memcom with m shared rows: m·dim + n for the n rows of all tables, or + 2n with bias. */
export const memcomFloats = ({ tables, dim }: TableShape, rows: number, bias: boolean): number =>
  rows * dim + (bias ? 2 : 1) * tableOffsets(tables).at(-1)!;

/** How U is read, by a hash, and v and w, which hold one number a row. */
function schemesOf(shape: TableShape, options: MemcomOptions & MemorySize & { readonly seed: number }) {
  const { seed, hash, bias = false } = options;
  const { tables, dim } = shape;
  const given = memoryFloats(options, shape);
  floatsWithin(4 * given, "memcom", memcomFloats(shape, 1, bias));
  const rows = Math.floor((given - memcomFloats(shape, 0, bias)) / dim);
  return {
    shared: rowHashScheme(shape, { memorySize: rows * dim, hashes: 1, seed, ...(hash && { hash }) }),
    own: fullScheme({ tables, dim: 1 }),
    floats: memcomFloats(shape, rows, bias),
  };
}

export const memcomFamily = embeddingFamily({
  name: "memcom",
  summary: "each row is a shared row times a number of its own (plus another with --bias)",
  growsWithTables: true,
  options: { ...sizeOptions, ...memcomOptions },
  hidden: ownSeed,
  make: (options) => memcom({ ...options, ...sizeFrom(options, "memcom") }),
  fitTo: (bytes, shape, options) =>
    memcom({
      ...options,
      memorySize: floatsWithin(bytes, "memcom", memcomFloats(shape, 1, options.bias ?? false)),
    }),
  example: (shape, stream, drawn) =>
    memcom({
      ...drawn,
      memorySize: memcomFloats(shape, 1 + stream.integer(6), drawn.bias!) + stream.integer(shape.dim),
      seed: stream.integer(2000),
    }),
});
