import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CompressionType,
  compressionRegistry,
  Dictionary,
  Int8,
  Int16,
  Int32,
  tableToIPC,
  Utf8,
} from "apache-arrow";
import { describe, expect, test } from "vitest";
import { arrow } from "../../../../../models/data/formats/arrow.ts";
import { put } from "../files.ts";
import { rows } from "../rows.ts";
import { arrowBytes, tableOf } from "./arrow-file.ts";

const clicks = (name: string) => readFileSync(join(import.meta.dirname, "clicks", name));
const numbers = (bytes: Buffer) =>
  rows(arrow(put(bytes), { label: "y", dense: ["x"], categorical: [] })).then((all) =>
    all.map(({ dense }) => dense[0]),
  );
/** Where a file has these bytes. */
const placesOf = (bytes: Buffer, hex: string) =>
  [...bytes.toString("hex").matchAll(new RegExp(`(?<=^(?:..)*)${hex}`, "g"))].map(({ index }) => index / 2);

const y = [new Int8(), [0, 1, 0, 1, 0]] as const;

describe("parts of an Arrow file", () => {
  test("that are not where they must be: an end, a place in a dictionary", async () => {
    const values = [10, 11, 12, 13, 14];
    const bytes = arrowBytes({ y, x: [new Dictionary(new Int16(), new Int8(), 1), values] }, 5);
    expect(await numbers(bytes)).toEqual(values);
    const places = bytes.indexOf(Buffer.from([0, 1, 2, 3, 4, 0, 0, 0]));
    for (const wrong of [5, 7, 100, 255]) {
      const other = Buffer.from(bytes);
      other[places + 4] = wrong;
      await expect(numbers(other)).rejects.toThrow(
        'cannot be read as Arrow ("a value is not in its dictionary"); write it again, or as CSV.',
      );
    }
    const other = Buffer.from(bytes);
    other[other.length - 1] = 0;
    await expect(numbers(other)).rejects.toThrow("it ends without its footer");
  });

  test("that packing does not make smaller are there as they are", async () => {
    // A frame of one block that is stored, always larger than what it holds.
    const encode = (bytes: Uint8Array) => {
      const size = Buffer.alloc(4);
      size.writeUInt32LE((bytes.length | 0x80000000) >>> 0);
      return Buffer.concat([Buffer.from([4, 0x22, 0x4d, 0x18, 0x40, 0x40, 0]), size, bytes, Buffer.alloc(4)]);
    };
    compressionRegistry.set(CompressionType.LZ4_FRAME, { encode });
    const values = [7, -8, 9, 10, null];
    const table = tableOf({ y, x: [new Int32(), values], id: [new Utf8(), ["a", "b", "c", "", null]] });
    const bytes = Buffer.from(tableToIPC(table, "stream", CompressionType.LZ4_FRAME));
    expect(bytes.includes(Buffer.alloc(8, 0xff))).toBe(true);
    expect(await numbers(bytes)).toEqual([7, -8, 9, 10, 0]);
  });

  test.each([
    ["clicks.lz4.arrow", "04224d18"],
    ["clicks.zstd.arrows", "28b52ffd"],
  ])("of %s that are longer or shorter than they say are damage", async (name, magic) => {
    const known = { label: "clicked", dense: ["price"], categorical: ["item"] };
    for (const by of [1, -1, 64]) {
      const bytes = clicks(name);
      for (const at of placesOf(bytes, magic))
        bytes.writeBigInt64LE(bytes.readBigInt64LE(at - 8) + BigInt(by), at - 8);
      await expect(rows(arrow(put(bytes), known))).rejects.toThrow("cannot be read as Arrow");
    }
    const bytes = clicks(name);
    for (const at of placesOf(bytes, magic)) bytes.writeBigInt64LE(2n ** 40n, at - 8);
    await expect(rows(arrow(put(bytes), known))).rejects.toThrow(
      "a column of a batch has 1099511627776 bytes",
    );
  });
});
