import { check } from "../../../core/errors.ts";
import type { Batch, Dataset, Numbers } from "../dataset.ts";
import { hashNumbers } from "../encoders/hash.ts";
import { type Part, partByShare, partNames, trainShare, validationShare } from "../split.ts";

/**
 * Which part each row belongs to where whole groups are cut: by a hash of the seed and the id of table `at`. A byte a row.
 * @throws InputError for a part that no group falls into.
 */
export async function partByGroup(
  data: Dataset<Batch<Numbers>>,
  at: number,
  seed: number,
): Promise<(row: number) => Part> {
  const T = data.tables.length;
  const parts = new Growing(Uint8Array);
  const found = new Set<Part>();
  for await (const { bags, size } of data.batches(4096))
    for (let row = 0; row < size; row++) {
      const group = bags.ids[bags.offsets[row * T + at]!]!;
      const part = partByShare(hashNumbers(seed, 1, group) / 2 ** 32);
      found.add(part);
      parts.push(partNames.indexOf(part));
    }
  const missing = partNames.find((name) => !found.has(name));
  check(
    missing === undefined,
    () =>
      `Of the groups of "${data.name}" none falls into the ${missing} part; give more groups, split otherwise, or give a file for each part.`,
  );
  return (row) => partNames[parts.at(row)]!;
}

/**
 * Which part each row belongs to where the latest rows are tested on, and those before them chosen by; the time is dense
 * column `at`, of which rows of the same time stay together. Eight bytes a row.
 * @throws InputError for a time that is missing, and for times that cannot be cut because too many are the same.
 */
export async function partByTime(data: Dataset<Batch<Numbers>>, at: number): Promise<(row: number) => Part> {
  const times = new Growing(Float64Array);
  for await (const { dense, size } of data.batches(4096))
    for (let row = 0; row < size; row++) {
      const time = dense[row * data.dense + at]!;
      check(
        !Number.isNaN(time),
        () =>
          `Row ${times.length} (from 0) of "${data.name}" has no time; --split time needs one in each row.`,
      );
      times.push(time);
    }
  const sorted = Float64Array.from({ length: times.length }, (_, row) => times.at(row)).sort();
  const from = (share: number) => sorted[Math.min(sorted.length - 1, Math.round(sorted.length * share))]!;
  const [validationFrom, testFrom] = [from(trainShare), from(trainShare + validationShare)];
  check(
    sorted[0]! < validationFrom && validationFrom < testFrom,
    () =>
      `The times of "${data.name}" cannot be cut in three: too many rows are of the same one, ${validationFrom}; split at random, or by groups.`,
  );
  return (row) => {
    const time = times.at(row);
    return time >= testFrom ? "test" : time >= validationFrom ? "validation" : "train";
  };
}

/** Numbers of one type, of which there may be any number, in pieces of 65,536. */
class Growing {
  private readonly Kind: Uint8ArrayConstructor | Float64ArrayConstructor;
  private readonly pieces: (Uint8Array | Float64Array)[] = [];
  length = 0;

  constructor(Kind: Uint8ArrayConstructor | Float64ArrayConstructor) {
    this.Kind = Kind;
  }

  push(x: number): void {
    const at = this.length++ & 0xffff;
    if (at === 0) this.pieces.push(new this.Kind(0x10000));
    this.pieces.at(-1)![at] = x;
  }

  at(i: number): number {
    return this.pieces[Math.floor(i / 0x10000)]![i & 0xffff]!;
  }
}
