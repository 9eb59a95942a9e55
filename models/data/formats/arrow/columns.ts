import { halfValues } from "../../../../core/numeric/half.ts";
import { resolved } from "../packages.ts";
import type { Table } from "./flat.ts";
import { unpackLz4 } from "./lz4.ts";
import { type Field, type Place, placesOf, types } from "./schema.ts";
import { contentOf } from "./zstd.ts";

/** The value of a row: null where there is none. */
export type ValueOf = (row: number) => unknown;

/** Rows of some fields, as a message has them. */
export interface Batch {
  readonly size: number;
  /** How the values of the field at `index` are read. `list` gives the values of a dictionary. */
  values(index: number, list: (id: number) => ValueList): Promise<ValueOf>;
}

/** The values of a dictionary. */
export interface ValueList {
  readonly length: number;
  readonly at: ValueOf;
}

type Unpack = (bytes: Uint8Array, length: number) => Uint8Array;

/** What a batch of `fields` says, and the bytes that it speaks of. Throws a RangeError where it speaks of others. */
export function batchOf(
  fields: readonly Field[],
  { version, rows, body }: { version: number; rows: Table; body: Uint8Array },
): Batch {
  const [size, lengths, regions] = [rows.long(0), rows.counts(1, 2, 1), rows.counts(2, 2)];
  const packing = rows.table(3);
  const places = placesOf(fields, version, rows.counts(4, 1));
  const buffer = (index: number): Uint8Array => {
    const [from, length] = [regions[2 * index], regions[2 * index + 1]];
    if (from === undefined || from + length! > body.length)
      throw new RangeError("a column lies outside of it");
    return body.subarray(from, from + length!);
  };
  return {
    size,
    async values(index, list) {
      const [field, place] = [fields[index]!, places[index]!];
      const length = lengths[place.node];
      if (length !== size) throw new RangeError(`a column has ${length} values in a group of ${size} rows`);
      const unpack = packing && (await unpackerOf(packing.byte(0)));
      const buffers = buffersAt(place).map((each) => plain(buffer(each), unpack));
      const dictionary = field.dictionary && list(field.dictionary.id);
      const of = dictionary
        ? chosen(dictionary, wholeNumbers(field.dictionary!.indexes, buffers[1]!, size))
        : valuesOf(field, buffers, size);
      const known = field.type === types.null ? undefined : buffers[0];
      return known === undefined || known.length === 0 ? of : unlessNull(of, known, size);
    },
  };
}

const buffersAt = ({ first, end }: Place) => Array.from({ length: end - first }, (_, i) => first + i);

/** What a batch of one packing is unpacked by. */
async function unpackerOf(codec: number): Promise<Unpack> {
  if (codec === 0) return unpackLz4;
  if (codec !== 1) throw new RangeError(`packing ${codec} is not known`);
  resolved("Arrow files that are packed by zstd", ["hyparquet-compressors"]);
  const { decompressZstd } = await import("hyparquet-compressors");
  return (bytes, length) => {
    // The unpacker fills what it is given, however much that is.
    if ((contentOf(bytes) ?? length) !== length) throw new RangeError("what zstd packed has another length");
    return decompressZstd(bytes, new Uint8Array(length));
  };
}

/** Bytes that a column of a batch may have when it is unpacked. */
const MOST_BYTES = 2 ** 31;

/** A buffer as it was before it was packed: its length, −1 where it is not packed, stands before it. */
function plain(bytes: Uint8Array, unpack: Unpack | undefined): Uint8Array {
  if (unpack === undefined || bytes.length === 0) return bytes;
  const length = Number(viewOf(bytes).getBigInt64(0, true));
  if (length === -1) return bytes.subarray(8);
  if (length < 0 || length > MOST_BYTES) throw new RangeError(`a column of a batch has ${length} bytes`);
  return unpack(bytes.subarray(8), length);
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array) =>
  new DataView(buffer, byteOffset, byteLength);

/** Bytes that hold `size` values of so many bits each. */
function holding(bytes: Uint8Array | undefined, size: number, bits: number): Uint8Array {
  if (bytes === undefined || bytes.length < Math.ceil((size * bits) / 8))
    throw new RangeError("a column is shorter than its rows");
  return bytes;
}

const bit = (bytes: Uint8Array, row: number): boolean => ((bytes[row >> 3]! >> (row & 7)) & 1) === 1;

function unlessNull(of: ValueOf, known: Uint8Array, size: number): ValueOf {
  holding(known, size, 1);
  return (row) => (bit(known, row) ? of(row) : null);
}

function chosen({ length, at }: ValueList, index: (row: number) => number | bigint): ValueOf {
  return (row) => {
    const place = Number(index(row));
    if (!(place >= 0 && place < length)) throw new RangeError("a value is not in its dictionary");
    return at(place);
  };
}

function valuesOf(
  { type, about }: Field,
  [, second, third, ...more]: readonly Uint8Array[],
  size: number,
): ValueOf {
  if (type === types.null) return () => null;
  if (type === types.bool) {
    const bits = holding(second, size, 1);
    return (row) => bit(bits, row);
  }
  if (type === types.int) return wholeNumbers(about, second!, size);
  if (type === types.float) return floats(about, second!, size);
  if (type === types.textView) return viewedTexts(second!, third === undefined ? [] : [third, ...more], size);
  return texts(second!, third!, size, type === types.longText);
}

function wholeNumbers(
  about: Table | undefined,
  bytes: Uint8Array,
  size: number,
): (row: number) => number | bigint {
  const [bits, isSigned] = about ? [about.int(0), about.byte(1) === 1] : [32, true]; // the default of indexes
  const view = viewOf(holding(bytes, size, bits));
  if (bits === 8) return (row) => (isSigned ? view.getInt8(row) : view.getUint8(row));
  if (bits === 16) return (row) => (isSigned ? view.getInt16(2 * row, true) : view.getUint16(2 * row, true));
  if (bits === 32) return (row) => (isSigned ? view.getInt32(4 * row, true) : view.getUint32(4 * row, true));
  if (bits === 64)
    return (row) => (isSigned ? view.getBigInt64(8 * row, true) : view.getBigUint64(8 * row, true));
  throw new RangeError(`whole numbers have ${bits} bits`);
}

function floats(about: Table | undefined, bytes: Uint8Array, size: number): ValueOf {
  const precision = about?.short(0) ?? 0;
  const view = viewOf(holding(bytes, size, 16 * 2 ** precision));
  if (precision === 2) return (row) => view.getFloat64(8 * row, true);
  if (precision === 1) return (row) => view.getFloat32(4 * row, true);
  const halves = halfValues();
  return (row) => halves[view.getUint16(2 * row, true)]!;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Texts, one behind the other, of which `starts` says where each begins. */
function texts(starts: Uint8Array, bytes: Uint8Array, size: number, isLong: boolean): ValueOf {
  if (size === 0) return () => null; // then even the first start may be missing
  const view = viewOf(holding(starts, size + 1, isLong ? 64 : 32));
  const start = (i: number) => (isLong ? Number(view.getBigInt64(8 * i, true)) : view.getInt32(4 * i, true));
  return (row) => slice(bytes, start(row), start(row + 1));
}

/** Texts of up to 12 bytes in their views, others in buffers that these point to. */
function viewedTexts(views: Uint8Array, buffers: readonly Uint8Array[], size: number): ValueOf {
  const view = viewOf(holding(views, size, 128));
  return (row) => {
    const [at, length] = [16 * row, view.getInt32(16 * row, true)];
    if (length <= 12) return slice(views, at + 4, at + 4 + length);
    const from = view.getInt32(at + 12, true);
    return slice(buffers[view.getInt32(at + 8, true)] ?? new Uint8Array(), from, from + length);
  };
}

function slice(bytes: Uint8Array, from: number, to: number): string {
  if (!(from >= 0 && from <= to && to <= bytes.length))
    throw new RangeError("a text lies outside of its column");
  return decoder.decode(bytes.subarray(from, to));
}
