import { check } from "../../../core/errors.ts";
import { isRecord, parsed } from "./json.ts";

/** How numbers lie in a file: halves by their bits, all of them little-endian; weights of few bits as `packed.ts` says. */
export type Dtype = "F16" | "F32" | "F64" | "I8" | "U8" | "U32";

const widths = new Map<unknown, number>([
  ["F16", 2],
  ["F32", 4],
  ["F64", 8],
  ["I8", 1],
  ["U8", 1],
  ["U32", 4],
]);

/** Bytes of a number. */
export const widthOf = (dtype: Dtype): number => widths.get(dtype)!;

/** An array in a file. */
export interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Numbers. */
  readonly size: number;
  /** The place in the file of its first byte. */
  readonly from: number;
}

/** What a file says before its arrays. */
export interface Header {
  /** In the order in which they lie in the file. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** As it was parsed; nobody has looked at it. */
  readonly about: unknown;
  /** CRC-32 of the whole file in which these digits are zeros. */
  readonly crc: number;
}

/** Bytes of a header at most. */
export const longestHeader = 64 * 2 ** 20;

const [format, version] = ["pss-dlrm", "1"];
const unknownSum = "00000000";
/** The code of a space. */
const space = 32;

/** The first bytes of a file: the header's length, and the header in whole eights of bytes. */
export function encoded(
  arrays: readonly Pick<Entry, "name" | "dtype" | "shape" | "size">[],
  about: string,
): Uint8Array {
  let end = 0;
  const entries = arrays.map(({ name, dtype, shape, size }) => {
    const from = end;
    end += size * widthOf(dtype);
    return [name, { dtype, shape, data_offsets: [from, end] }] as const;
  });
  const __metadata__ = { format, version, crc32: unknownSum, about };
  const text = new TextEncoder().encode(JSON.stringify({ __metadata__, ...Object.fromEntries(entries) }));
  const padded = 8 * Math.ceil(text.length / 8);
  check(
    text.length <= longestHeader,
    () =>
      `What is saved beside the numbers takes ${text.length} bytes, but may take ${longestHeader}; say less in features, training, data, history or settings.`,
  );
  const all = new Uint8Array(8 + padded).fill(space);
  new DataView(all.buffer).setBigUint64(0, BigInt(padded), true);
  all.set(text, 8);
  return all;
}

/** The place in a file of the eight digits of its sum. */
export const sumAt = 8 + `{"__metadata__":{"format":"${format}","version":"${version}","crc32":"`.length;

/** A sum as its eight digits. */
export const digits = (crc: number): string => crc.toString(16).padStart(8, "0");

/**
 * What a header says, of a file of `fileSize` bytes. Throws an InputError, in words that follow the file's name, unless its
 * arrays fill the file from the header to its end, one after the other.
 */
export function decoded(header: string, fileSize: number): Header {
  const text = header.trimEnd();
  const { length } = new TextEncoder().encode(header);
  check(
    header.length - text.length < 8 && /^ *$/.test(header.slice(text.length)),
    () => "its header ends in spaces",
  );
  const found = parsed(text, "its header");
  check(isRecord(found) && isRecord(found.__metadata__), () => "its header has no metadata");
  const { __metadata__: metadata, ...arrays } = found as Record<string, Record<string, unknown>>;
  check(metadata!.format === format, () => "it is a safetensors file, but no model that this program saved");
  check(
    metadata!.version === version,
    () => `it was saved by another version of this program: this one reads version ${version}`,
  );
  const { crc32: sum, about } = metadata!;
  check(
    `${Object.keys(found)[0]} ${Object.keys(metadata!)}` === "__metadata__ format,version,crc32,about" &&
      typeof sum === "string" &&
      /^[0-9a-f]{8}$/.test(sum) &&
      typeof about === "string",
    () => "its metadata is not as this program writes it",
  );
  const entries = new Map<string, Entry>();
  let from = 8 + length;
  for (const [name, array] of Object.entries(arrays)) {
    const entry = entryOf(name, array, from, 8 + length);
    entries.set(name, entry);
    from += entry.size * widthOf(entry.dtype);
    check(from <= fileSize, () => `it ends within the array ${quoted(name)}: it is cut short`);
  }
  check(from === fileSize, () => `it has ${fileSize - from} bytes after its last array`);
  return {
    entries,
    about: parsed(about as string, "its description"),
    crc: Number.parseInt(sum as string, 16),
  };
}

function entryOf(name: string, array: unknown, from: number, start: number): Entry {
  const what = () => `its array ${quoted(name)} is not as this program writes it`;
  check(isRecord(array) && `${Object.keys(array)}` === "dtype,shape,data_offsets", what);
  const { dtype, shape, data_offsets: offsets } = array;
  const width = widths.get(dtype);
  check(width !== undefined && isWhole(shape) && isWhole(offsets) && offsets.length === 2, what);
  const size = shape.reduce((product, length) => product * length, 1);
  check(Number.isSafeInteger(size * width), what);
  check(
    offsets[0] === from - start && offsets[1] === offsets[0] + size * width,
    () =>
      `its array ${quoted(name)} does not lie where the one before it ends, or is not as long as its shape says`,
  );
  return { name, dtype: dtype as Dtype, shape, size, from };
}

const isWhole = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((x) => Number.isSafeInteger(x) && x >= 0);

/** A name of a file in a sentence. */
export const quoted = (name: string): string => {
  const text = JSON.stringify(name);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};
