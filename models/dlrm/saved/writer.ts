import type { FileHandle } from "node:fs/promises";
import type { FloatArray, Grid } from "../../../core/backend.ts";
import { InputError, shownWord } from "../../../core/errors.ts";
import { writeAside } from "../../../core/file.ts";
import { toHalves } from "../../../core/numeric/half.ts";
import { type Dtype, digits, encoded, sumAt, widthOf } from "./header.ts";
import { packed } from "./packed.ts";
import { crc32 } from "./sum.ts";

/** An array that is to be written. */
export interface Written {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly size: number;
  /** Of what its numbers are multiples, where they are written so. */
  readonly grid?: Grid | undefined;
  /** Its numbers as the floats that they are. Asked for when it is this array's turn. */
  read(): Promise<HostArray>;
}

/** Numbers, or bytes that stand for some. */
export type HostArray = FloatArray | Uint32Array | Uint8Array;

/** Bytes that are written at once. */
const chunk = 64 * 2 ** 20;

/**
 * Writes a safetensors file, array by array, of which one is held at a time. Throws an InputError, and leaves the file that
 * was there, where a number is not finite or the file cannot be written.
 */
export const writeArrays = (path: string, arrays: readonly Written[], about: string): Promise<void> =>
  writeAside(path, async (file) => {
    const header = encoded(arrays, about);
    let sum = crc32(header);
    await writeAll(file, header);
    for (const array of arrays) {
      const values = await array.read();
      const step = chunk / widthOf(array.dtype);
      for (let at = 0; at < values.length; at += step) {
        const part = values.subarray(at, at + step);
        checkFinite(path, array.name, part, at);
        const bytes = bytesOf(array, part, at);
        sum = crc32(bytes, sum);
        await writeAll(file, bytes);
      }
    }
    await writeAll(file, Buffer.from(digits(sum)), sumAt);
  });

function bytesOf({ name, dtype, grid }: Written, part: HostArray, at: number): Uint8Array {
  if (grid) return packed(part as FloatArray, grid, name, at);
  const kept = dtype === "F16" ? toHalves(part) : part;
  return new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength);
}

/** Writes all of `bytes`, at `position` or after what was written last. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const at = position === undefined ? null : position + done;
    done += (await file.write(bytes, done, bytes.length - done, at)).bytesWritten;
  }
}

function checkFinite(path: string, name: string, values: HostArray, first: number): void {
  if (values instanceof Uint32Array || values instanceof Uint8Array) return;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    if (x - x !== 0)
      throw new InputError(
        `Cannot save ${shownWord(path)}: ${name} holds ${x} at place ${first + i} (from 0), so training has diverged; what was saved before is as it was.`,
      );
  }
}
