import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { check } from "../../core/errors.ts";
import { writeAside } from "../../core/file.ts";
import type { Dataset, Inputs } from "../data/dataset.ts";

/** Rows that are held at once. */
const together = 4096;

/** What was written of some rows: their shapes, as NumPy has them. */
export interface WrittenRows {
  readonly dense: readonly [rows: number, dense: number];
  /** [n × T], or [n × T × L] padded with −1 where a bag has several ids, or none. */
  readonly ids: readonly number[];
  readonly isLabeled: boolean;
}

/**
 * Writes rows as an exported model reads them into `folder`: `dense.npy` (float32), `ids.npy` (int64) and, where the rows have
 * labels, `labels.npy` (float32, [n × 1]), in NumPy's format 1.0, to be mapped into memory by any number of processes. Rows are
 * walked twice, once to see how long bags are; memory does not grow with them.
 * @throws InputError where a file cannot be written, and for no rows.
 */
export async function writeRows(
  data: Dataset<Inputs & { readonly labels?: Float32Array }>,
  folder: string,
  watch: (rows: number) => void = () => {},
): Promise<WrittenRows> {
  const { dense: width, tables } = data;
  let [rows, longest, isPlain, isLabeled] = [0, 0, true, true];
  for await (const { size, bags, labels } of data.batches(together)) {
    for (let bag = 0; bag + 1 < bags.offsets.length; bag++) {
      const length = bags.offsets[bag + 1]! - bags.offsets[bag]!;
      longest = Math.max(longest, length);
      isPlain &&= length === 1;
    }
    rows += size;
    isLabeled &&= labels !== undefined;
  }
  check(rows > 0, () => `${data.name} has no rows to write.`);
  const shape = isPlain ? [rows, tables.length] : [rows, tables.length, Math.max(1, longest)];
  const file = (name: string) => join(folder, `${name}.npy`);
  const lengths = shape[2] ?? 1;
  await writeAside(file("dense"), (dense) =>
    writeAside(file("ids"), async (ids) => {
      const all = async (labels?: FileHandle) => {
        await dense.write(headerOf("<f4", [rows, width]));
        await ids.write(headerOf("<i8", shape));
        await labels?.write(headerOf("<f4", [rows, 1]));
        let done = 0;
        for await (const batch of data.batches(together)) {
          await dense.writeFile(bytesOf(Float32Array.from(batch.dense)));
          await ids.writeFile(bytesOf(padded(batch, lengths)));
          await labels?.writeFile(bytesOf(Float32Array.from(batch.labels!)));
          done += batch.size;
          watch(done);
        }
        check(done === rows, () => `${data.name} changed while it was read; write it again.`);
      };
      await (isLabeled ? writeAside(file("labels"), all) : all());
    }),
  );
  return { dense: [rows, width], ids: shape, isLabeled };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Ids of each bag, and −1 up to `length`. */
function padded({ bags: { ids, offsets } }: Inputs, length: number): BigInt64Array {
  const out = new BigInt64Array((offsets.length - 1) * length).fill(-1n);
  for (let bag = 0; bag + 1 < offsets.length; bag++)
    for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++)
      out[bag * length + i - offsets[bag]!] = BigInt(ids[i]!);
  return out;
}

/** What stands before an array in a file of NumPy's format 1.0, in whole blocks of 64 bytes. */
function headerOf(kind: "<f4" | "<i8", shape: readonly number[]): Uint8Array {
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const size = 64 * Math.ceil((10 + text.length + 1) / 64);
  const magic = `\x93NUMPY\x01\x00${String.fromCharCode((size - 10) & 0xff, (size - 10) >> 8)}`;
  return Buffer.from(`${magic}${text.padEnd(size - 11)}\n`, "latin1");
}
