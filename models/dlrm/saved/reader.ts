import type { FloatArray, Precision } from "../../../core/backend.ts";
import { check, escaped, InputError } from "../../../core/errors.ts";
import { fromHalves } from "../../../core/numeric/half.ts";
import { type Bytes, openBytes, type Place } from "./bytes.ts";
import { decoded, type Entry, type Header, longestHeader, quoted, sumAt, widthOf } from "./header.ts";
import { crc32 } from "./sum.ts";

/** Bytes that are read at once. */
const chunk = 8 * 2 ** 20;

/** The code of the digit 0. */
const zero = 48;

/** Characters at most of what is said of a file, which may have said it itself. */
const longest = 400;

/** A file whose header was looked at. */
export interface Opened extends Header {
  /** In sentences. */
  readonly name: string;
  /** Reads the whole file. Throws an InputError where its sum is another, or a float is not finite in this precision. */
  verify(precision: Precision): Promise<void>;
  /** Reads an array into `out`, which has its length: part by part, so that little more than `out` is held. */
  read(entry: Entry, out: FloatArray | Uint32Array | Uint8Array): Promise<void>;
}

/**
 * Opens the saved model at `place` for as long as `work` takes. Whatever is wrong with it, be it its own description, is one
 * InputError that names it.
 */
export async function opened<Result>(place: Place, work: (file: Opened) => Promise<Result>): Promise<Result> {
  const bytes = await openBytes(place);
  try {
    return await work(await headed(bytes));
  } catch (error) {
    const isOfSystem = error instanceof Error && "syscall" in error;
    if (!(error instanceof InputError || isOfSystem)) throw error;
    const reason = escaped(error.message.slice(0, longest)).replace(/\.$/, "");
    throw new InputError(
      `${bytes.name} cannot be loaded: ${reason}${error.message.length > longest ? "…" : "."}`,
    );
  } finally {
    await bytes.close();
  }
}

async function headed(bytes: Bytes): Promise<Opened> {
  const { name, size } = bytes;
  check(size >= 8, () => `it has ${size} bytes, so it is no saved model, or it is cut short`);
  const first = await readAll(bytes, 0, new Uint8Array(8));
  const length = Number(new DataView(first.buffer).getBigUint64(0, true));
  check(
    length <= longestHeader,
    () => `it says that its header has ${length} bytes, so it is no saved model, or it is damaged`,
  );
  check(
    8 + length <= size,
    () =>
      `it has ${size} bytes, fewer than its header of ${length} needs: it is cut short, or no saved model`,
  );
  const header = await readAll(bytes, 8, new Uint8Array(length));
  const known = decoded(textOf(header), size);
  const parts = partsOf(bytes);
  return {
    ...known,
    name,
    async verify(precision) {
      const zeroed = header.slice();
      zeroed.fill(zero, sumAt - 8, sumAt);
      let sum = crc32(zeroed, crc32(first));
      for (const entry of known.entries.values())
        for await (const { bytes, values, at } of parts(entry)) {
          sum = crc32(bytes, sum);
          checkFinite(entry, values, at, precision);
        }
      check(
        sum === known.crc,
        () =>
          "it is damaged: its bytes do not add up to the sum that was saved with them; take a copy that is whole",
      );
    },
    async read(entry, out) {
      for await (const { values, at } of parts(entry))
        out.set(
          values instanceof Uint16Array ? fromHalves(values, new Float32Array(values.length)) : values,
          at,
        );
    },
  };
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new InputError("its header is no text, so it is no saved model, or it is damaged");
  }
}

/** The parts of an array, in one buffer that each of them overwrites. */
function partsOf(file: Bytes) {
  const buffer = new ArrayBuffer(chunk);
  const words = { U32: Uint32Array, I8: Uint8Array, U8: Uint8Array };
  const views = { F16: Uint16Array, F32: Float32Array, F64: Float64Array, ...words };
  return async function* ({ dtype, size, from }: Entry) {
    const width = widthOf(dtype);
    const step = chunk / width;
    for (let at = 0; at < size; at += step) {
      const count = Math.min(step, size - at);
      const bytes = await readAll(file, from + at * width, new Uint8Array(buffer, 0, count * width));
      yield { bytes, values: new views[dtype](buffer, 0, count), at };
    }
  };
}

async function readAll<Out extends Uint8Array>(file: Bytes, position: number, out: Out): Promise<Out> {
  await file.fill(out, position);
  return out;
}

/** The exponent of halves that are no finite numbers. */
const notFinite = 0x7c00;

function checkFinite(
  { name, dtype }: Entry,
  values: FloatArray | Uint32Array | Uint16Array | Uint8Array,
  first: number,
  precision: Precision,
): void {
  if (dtype === "U32") return;
  const isSound =
    dtype === "F16"
      ? (bits: number) => (bits & notFinite) !== notFinite
      : precision === "f32"
        ? (x: number) => Number.isFinite(Math.fround(x))
        : Number.isFinite;
  for (let i = 0; i < values.length; i++)
    if (!isSound(values[i]!))
      throw new InputError(
        `its array ${quoted(name)} holds ${dtype === "F16" ? "no finite number" : values[i]} at place ${first + i} (from 0), which no trained model does`,
      );
}
