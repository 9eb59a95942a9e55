import { cpu64 } from "../../../../backends/cpu/index.ts";
import { hashNames } from "../../../../core/numeric/hash-by-name.ts";
import { random } from "../../../../core/numeric/random.ts";
import type { Batch } from "../../../../models/data/dataset.ts";
import { type IdCounts, lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import { type Dlrm, type DlrmConfig, dlrm } from "../../../../models/dlrm/dlrm.ts";
import { hostArrays } from "../../../../models/dlrm/saved/arrays.ts";
import { byFrequency } from "../../../../models/embeddings/families/by-frequency.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { multiHash, rowHash } from "../../../../models/embeddings/families/row-hash.ts";
import type { EmbeddingFamily } from "../../../../models/embeddings/family.ts";
import { byCounts } from "../../../../models/embeddings/own-choice.ts";
import { families } from "../../../../models/embeddings/registry.ts";
import type { TableShape } from "../../../../models/embeddings/scheme.ts";

/** A random model of a family, in doubles, and rows for it, as other engines are given them. */
export interface ExportCase {
  readonly model: Dlrm;
  readonly batch: Batch;
  /** Whether `padded` is [n × T × L], and not [n × T]. */
  readonly bags: boolean;
  readonly padded: bigint[];
  readonly shape: readonly number[];
}

const [samples, most, dense] = [6, 3, 3];

const rowsOf = ({ tables }: TableShape): number => tables.reduce((sum, rows) => sum + rows, 0);

/** The first rows of each table and every ninth of the others, the first most often. */
function countsOf({ tables }: TableShape): IdCounts {
  const ids = tables.map((rows) =>
    Array.from({ length: rows }, (_, row) =>
      row < 100 || row % 9 === 0 ? new Array<number>(Math.ceil((4 * rows) / (row + 1))).fill(row) : [],
    ).flat(),
  );
  const ends = ids.map((_, t) => ids.slice(0, t + 1).reduce((n, own) => n + own.length, 0));
  return lazyRowsOf(tables, { ids: Uint32Array.from(ids.flat()), offsets: Uint32Array.from([0, ...ends]) });
}

/** What models are drawn of. */
type Drawn = Pick<EmbeddingFamily, "name" | "example" | "growsWithTables"> & {
  readonly dim?: number;
  readonly rows?: number;
};

/** Options that a draw of few models may miss: every hash, each way to pool, blocks of more than 32 weights and of more than a row. */
const options: readonly Drawn[] = [
  ...hashNames.map((hash, i) => ({
    name: `robe by ${hash}`,
    example: () =>
      robe({
        hash,
        memorySize: 300,
        block: 3 + i,
        pooling: (["mean", "sum"] as const)[i % 2]!,
        tableScale: i % 2 === 0,
      }),
  })),
  ...hashNames.map((hash) => ({
    name: `multiHash by ${hash}`,
    example: () => multiHash({ hash, memorySize: 300, hashes: 2, sign: "row", pooling: "mean" }),
  })),
  ...[40, 200].map((block) => ({
    name: `robe in blocks of ${block}`,
    dim: 90,
    example: () => robe({ memorySize: 500, block, sign: "independent" }),
  })),
  {
    name: "narrow rows",
    dim: 5,
    example: () => robe({ memorySize: 300, rowFloats: 2, index: "balanced", pooling: "mean" }),
  },
  {
    name: "four bits a number",
    example: () => robe({ memorySize: 301, storage: "int4", memoryRange: 0.25 }),
  },
  {
    name: "narrow rows of eight bits",
    dim: 5,
    example: () => rowHash({ memorySize: 300, rowFloats: 3, storage: "int8" }),
  },
  {
    name: "many rows of their own, of several widths",
    rows: 300,
    dim: 6,
    example: (shape) =>
      byFrequency({ memorySize: 150 + 9 * rowsOf(shape), own: byCounts(countsOf(shape)), storage: "int8" }),
  },
  {
    name: "learned pooling",
    growsWithTables: true,
    example: () => robe({ memorySize: 300, pooling: "learned" }),
  },
];

/** `count` random models of each family, and one of each of the options that they may miss. */
export const exportCases = (count: number, seed: number) => [
  ...families.flatMap((family) =>
    Array.from({ length: count }, (_, k) => ({
      name: `${family.name}, model ${k + 1}`,
      family,
      own: seed + k,
    })),
  ),
  ...options.map((family) => ({ name: family.name, family, own: seed })),
];

/** The first seed from one on whose model keeps all rows of its tables. */
export function seedOfWhole(family: Drawn, seed: number): number {
  const { model } = exportCase(family, seed);
  return family.name === "full" && hostArrays(model).rows.length > 0
    ? seedOfWhole(family, seed + 1000)
    : seed;
}

/** Numbers of a model that f32 holds: what a saved file has. */
export function exportCase(family: Drawn, seed: number): ExportCase {
  const stream = random(seed, `export ${family.name}`);
  const drawn = () => 1 + stream.integer(family.growsWithTables || stream.integer(2) === 0 ? 40 : 2 ** 31);
  const rows = () => family.rows ?? drawn();
  const tables = Array.from({ length: 1 + stream.integer(4) }, rows);
  const dim = family.dim ?? 1 + stream.integer(stream.integer(2) ? 9 : 70);
  const config: DlrmConfig = {
    ...{ dense, tables, dim, bottom: [5, dim], top: [6, 1], seed },
    embedding: family.example({ tables, dim }, stream),
    backend: cpu64,
    interaction: stream.integer(3) === 0 ? "cat" : "dot",
    itself: stream.integer(2) === 0,
    loss: stream.integer(4) === 0 ? "mse" : "bce",
    clamp: stream.integer(3) === 0 ? 0.01 : 0,
  };
  const model = dlrm(config);
  for (const p of model.parameters) p.fill(Float32Array.from(p.tensor.backend.peek!(p.tensor.handle)));
  const bags = stream.integer(2) === 0;
  const length = bags ? most : 1;
  const [ids, offsets, padded]: [number[], number[], bigint[]] = [[], [0], []];
  for (let bag = 0; bag < samples * tables.length; bag++) {
    const count = bags ? stream.integer(length + 1) : 1;
    for (let i = 0; i < length; i++) {
      const table = tables[bag % tables.length]!;
      const id = stream.integer(8) === 0 ? table - 1 : stream.integer(table);
      if (i < count) ids.push(id);
      padded.push(i < count ? BigInt(id) : -1n);
    }
    offsets.push(ids.length);
  }
  const batch = {
    size: samples,
    dense: Float32Array.from({ length: samples * dense }, () => stream.normal()),
    labels: Float32Array.from({ length: samples }, () => stream.integer(2)),
    bags: { ids: Uint32Array.from(ids), offsets: Uint32Array.from(offsets) },
  };
  return { model, batch, bags, padded, shape: [samples, tables.length, ...(bags ? [length] : [])] };
}

/**
 * Writes 1 … 2048 into the embedding's parameters, as halves hold them, whatever grid is theirs: what is read then says from
 * where, and with which sign.
 */
export function numbered({ embedding }: Dlrm): void {
  for (const { tensor, size, halves } of embedding.parameters)
    tensor.write(
      Float64Array.from({ length: size }, (_, i) => (i % 2048) + 1),
      halves && "f16",
    );
}
