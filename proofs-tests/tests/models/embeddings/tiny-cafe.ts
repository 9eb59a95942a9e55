import { cpu } from "../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../core/backend.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { tidy } from "../../../../core/tensor.ts";
import type { Bags } from "../../../../models/data/dataset.ts";
import type { Dlrm } from "../../../../models/dlrm/dlrm.ts";
import { train } from "../../../../models/dlrm/train.ts";
import type { Embedding } from "../../../../models/embeddings/embedding.ts";
import { cafe } from "../../../../models/embeddings/families/cafe.ts";
import { tableOffsets } from "../../../../models/embeddings/scheme.ts";
import { data, model, tables } from "../dlrm/tiny-model.ts";

export const interval = 10;
export const options = { memorySize: 260, interval, seed: 5 };
export const rows = tables.reduce((a, b) => a + b);
export const offsets = tableOffsets(tables);

/** The map of a model's embedding and what it is learned from. */
export const arraysOf = ({ embedding }: Pick<Dlrm, "embedding">): ReadonlyMap<string, number[]> =>
  new Map(Array.from(embedding.adaptation!.arrays, ([name, array]) => [name, [...array]]));

/** Numbers of the ids that own a row. */
export const hotIds = (embedding: Embedding): number[] =>
  [...embedding.adaptation!.arrays.get("embedding.hot")!].filter((id) => id < rows);

/** A model on its way: `steps` steps from where it stands. */
export async function trained(tiny: Dlrm, steps: number, done = 0, optimizer = adagrad(0.05)): Promise<Dlrm> {
  for await (const _ of train(tiny, data.train, {
    optimizer,
    batch: 64,
    epochs: 9,
    steps,
    from: { step: done, worse: 0 },
  }));
  return tiny;
}

/** A model whose embedding adapts. */
export const made = (backend: Backend = cpu, more: Parameters<typeof cafe>[0] = options) =>
  model({ embedding: cafe(more), backend });

/** Sample k reads row k of each table (or its last). */
export const everyId: Bags = (() => {
  const samples = Math.max(...tables);
  const ids = Array.from({ length: samples }, (_, k) => tables.map((n) => Math.min(k, n - 1))).flat();
  return { ids: Uint32Array.from(ids), offsets: Uint32Array.from([...ids.keys(), ids.length]) };
})();

/** What each id reads, by a forward pass. */
export async function readings(embedding: Embedding): Promise<Map<number, string>> {
  const output = tidy(() => embedding.forward(everyId));
  const values = await output.data();
  output.free();
  return new Map(
    Array.from(everyId.ids, (row, i) => {
      const read = values.subarray(i * embedding.dim, (i + 1) * embedding.dim);
      return [offsets[i % tables.length]! + row, read.join()];
    }),
  );
}
