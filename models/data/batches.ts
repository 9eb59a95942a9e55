import type { Bags, Batch } from "./dataset.ts";

/** 0 … n: where n bags of one id each start, and end. */
export function upTo(n: number): Uint32Array {
  const numbers = new Uint32Array(n + 1);
  for (let i = 1; i <= n; i++) numbers[i] = i;
  return numbers;
}

/** Bags of one id each, row 0 of its table. */
export const firstRowAlone = (bags: number): Bags => ({ ids: new Uint32Array(bags), offsets: upTo(bags) });

/** The first rows of a batch, so many: a view. */
export const firstRows = (batch: Batch, size: number): Batch => {
  const T = (batch.bags.offsets.length - 1) / batch.size;
  const offsets = batch.bags.offsets.subarray(0, size * T + 1);
  return {
    size,
    dense: batch.dense.subarray(0, (batch.dense.length / batch.size) * size),
    bags: { offsets, ids: batch.bags.ids.subarray(0, offsets[size * T]) },
    labels: batch.labels.subarray(0, size),
    ...(batch.weights && { weights: batch.weights.subarray(0, size) }),
    ...(batch.groups && { groups: batch.groups.subarray(0, size) }),
  };
};

/** The rows of all batches, one after the other, as one: there must be a batch, and either all or none has weights, and groups. */
export function joined(batches: readonly Batch[]): Batch {
  const { weights, groups } = batches[0]!;
  return {
    size: batches.reduce((n, { size }) => n + size, 0),
    dense: filled(Float32Array, batches, ({ dense }) => dense),
    bags: joinedBags(batches),
    labels: filled(Float32Array, batches, ({ labels }) => labels),
    ...(weights && { weights: filled(Float32Array, batches, (batch) => batch.weights!) }),
    ...(groups && { groups: filled(Uint32Array, batches, (batch) => batch.groups!) }),
  };
}

function joinedBags(batches: readonly Batch[]): Batch["bags"] {
  const lengths = batches.map(({ bags }) => bags.offsets.length - 1);
  const offsets = new Uint32Array(lengths.reduce((sum, n) => sum + n, 1));
  let [bag, end] = [0, 0];
  for (const [b, { bags }] of batches.entries()) {
    for (let i = 1; i <= lengths[b]!; i++) offsets[++bag] = end + bags.offsets[i]!;
    end += bags.ids.length;
  }
  return { ids: filled(Uint32Array, batches, ({ bags }) => bags.ids), offsets };
}

function filled<Of extends Float32Array | Uint32Array>(
  make: new (length: number) => Of,
  batches: readonly Batch[],
  of: (batch: Batch) => Of,
): Of {
  const all = new make(batches.reduce((n, batch) => n + of(batch).length, 0));
  let at = 0;
  for (const batch of batches) {
    all.set(of(batch), at);
    at += of(batch).length;
  }
  return all;
}
