import { expect } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { InputError } from "../../../../core/errors.ts";
import type { Batch } from "../../../../models/data/dataset.ts";
import { synthetic } from "../../../../models/data/synthetic/synthetic.ts";
import { type Dlrm, type DlrmConfig, dlrm } from "../../../../models/dlrm/dlrm.ts";
import { full } from "../../../../models/embeddings/families/full.ts";

export const tables = [50, 20, 5];

/** 1,600 rows to train on. */
export const data = synthetic({ tables, dense: 4, rows: 2000, seed: 3 });

/** A DLRM of some 600 parameters for {@link data}. */
export const model = (config: Partial<DlrmConfig>): Dlrm =>
  dlrm({
    dense: 4,
    tables,
    dim: 4,
    bottom: [8, 4],
    top: [8, 1],
    embedding: full(),
    backend: cpu,
    seed: 1,
    ...config,
  });

/** Every number of a model, by the name of its parameter. */
export async function bitsOf({ parameters }: Dlrm): Promise<Record<string, number[]>> {
  const values: Record<string, number[]> = {};
  for (const p of parameters) values[p.name] = [...(await p.tensor.data())];
  return values;
}

export async function firstBatch(size: number): Promise<Batch> {
  for await (const batch of data.train.batches(size)) return batch;
  throw new Error("no row");
}

/** The sentence with which `work` refuses its input. */
export function said(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}
