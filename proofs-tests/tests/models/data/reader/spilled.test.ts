import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { random } from "../../../../../core/numeric/random.ts";
import type { Dataset } from "../../../../../models/data/dataset.ts";
import { Spill } from "../../../../../models/data/reader/spilled.ts";
import { streamed } from "../../../../../models/data/reader/streamed.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { put } from "../files.ts";
import { numberedBlocks, numbers, sorted, streamedNumbers, upTo } from "../rows.ts";

/** Files that are open, and were ever, and may be at once; bytes that still can be written, and at a time; most that were. */
const usual = vi.hoisted(() => ({ opened: 0, handles: Infinity, free: Infinity, atOnce: Infinity, most: 0 }));
const disk = vi.hoisted(() => ({ open: new Set<number>(), ...usual }));
vi.mock(import("node:fs"), async (load) => {
  const original = await load();
  const openSync: typeof original.openSync = (...given) => {
    if (disk.open.size >= disk.handles) throw new Error("EMFILE: too many open files");
    const file = original.openSync(...given);
    disk.open.add(file);
    disk.opened++;
    return file;
  };
  const closeSync: typeof original.closeSync = (file) => {
    original.closeSync(file);
    disk.open.delete(file);
  };
  const writeSync = (file: number, bytes: Buffer, offset: number, length: number, position: number) => {
    const count = Math.min(length, disk.atOnce, disk.free);
    if (count === 0)
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    disk.free -= count;
    disk.most = Math.max(disk.most, count);
    return original.writeSync(file, bytes, offset, count, position);
  };
  const readSync = (file: number, bytes: Buffer, offset: number, length: number, position: number) =>
    original.readSync(file, bytes, offset, Math.min(length, disk.atOnce), position);
  return { ...original, openSync, closeSync, writeSync, readSync } as typeof original;
});

let folder: string;
beforeEach(() => {
  Object.assign(disk, usual);
  folder = temporaryFolder();
  vi.stubEnv("TMPDIR", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  expect([...disk.open]).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

const shuffle = { seed: 1, epoch: 0 };
const isWindows = process.platform === "win32";

async function leave(data: Dataset, how: () => void): Promise<void> {
  for await (const _ of data.batches(10, shuffle)) {
    expect(disk.open.size).toBeGreaterThan(0);
    if (!isWindows) expect(readdirSync(folder)).toEqual([]); // it is not to be seen even now
    how();
    break;
  }
}

describe("a shuffle on disk leaves no file, open or to be seen,", () => {
  test("after the last row", async () => {
    expect(sorted(await numbers(streamedNumbers(500, 160), 10, shuffle))).toEqual(upTo(500));
    expect(disk.opened).toBeGreaterThan(0);
  });

  test("where the walk is left early", () => leave(streamedNumbers(500, 160), () => {}));

  test("where the one who walks fails", async () => {
    const failing = leave(streamedNumbers(500, 160), () => {
      throw new Error("the reader's own");
    });
    await expect(failing).rejects.toThrow("the reader's own");
  });

  test("where the rows fail", async () => {
    async function* open() {
      yield* numberedBlocks(5000);
      throw new Error("the file's own");
    }
    const data = streamed({ name: "numbers", dense: 1, tables: [2 ** 32], buffer: 160, open });
    await expect(numbers(data, 10, shuffle)).rejects.toThrow("the file's own");
    expect(disk.opened).toBeGreaterThan(0);
  });

  test.each([0, 8, 1000])("where the disk is full after %d bytes, and says so", async (free) => {
    disk.free = free;
    const walk = numbers(streamedNumbers(500, 160), 10, shuffle);
    await expect(walk).rejects.toMatchObject({
      name: "InputError",
      message: `"numbers" has more rows than are shuffled in memory, and ${folder} cannot hold them (ENOSPC: no space left on device, write); make room there, or set TMPDIR to another folder.`,
    });
  });
});

test("a folder without its file is removed, too", async () => {
  disk.handles = 0;
  const walk = numbers(streamedNumbers(500, 160), 10, shuffle);
  await expect(walk).rejects.toThrow(`${folder} cannot hold them (EMFILE: too many open files)`);
});

describe("a shuffle on disk", () => {
  test("does not mind that a file is written and read in pieces", async () => {
    const whole = await numbers(streamedNumbers(500, 160), 10, shuffle);
    disk.atOnce = 7;
    expect(await numbers(streamedNumbers(500, 160), 10, shuffle)).toEqual(whole);
  });

  test.each([
    ["is not there", () => join(folder, "nowhere")],
    ["is a file", () => put("")],
  ])("says where the folder for temporary files %s", async (_, where) => {
    vi.stubEnv("TMPDIR", where());
    const walk = numbers(streamedNumbers(500, 160), 10, shuffle);
    await expect(walk).rejects.toThrow(`and ${where().replace(/\d+\.txt$/, "")}`);
    await expect(walk).rejects.toMatchObject({ name: "InputError" });
  });

  test("needs no disk where the rows fit, to the byte", async () => {
    await numbers(streamedNumbers(500, 500 * 16), 10, shuffle);
    await numbers(streamedNumbers(1, 1), 10, shuffle); // one row has one order
    expect(disk.opened).toBe(0);
    await numbers(streamedNumbers(500, 500 * 16 - 1), 10, shuffle);
    expect(disk.opened).toBeGreaterThan(0);
    Object.assign(disk, usual);
    await numbers(streamedNumbers(4097, 4096 * 16), 10, shuffle);
    expect(disk.opened).toBeGreaterThan(0);
  });

  test("collects 512 KiB a bucket, and a row more, however long its rows are", () => {
    const spill = new Spill({ name: "long rows", dense: 0, tables: [9] }, random(1, "buckets"), 1);
    const ids = 20_000;
    const row = {
      size: 1,
      labels: new Float32Array(1),
      dense: new Float32Array(),
      ids: new Uint32Array(ids),
    };
    for (let i = 0; i < 30; i++) spill.add({ ...row, offsets: Uint32Array.of(0, ids) });
    spill.close();
    expect(disk.most).toBeGreaterThan(2 ** 19 - 4 * (ids + 9));
    expect(disk.most).toBeLessThan(2 ** 19 + 4 * ids);
  });

  test("counts the ids and offsets of bags of any length", async () => {
    const bags = (buffer: number) =>
      streamed({
        name: "bags",
        dense: 1,
        tables: [9, 9],
        buffer,
        async *open() {
          const offsets = Uint32Array.of(0, 3, 3, 4, 9);
          yield {
            size: 2,
            labels: new Float32Array(2),
            dense: new Float32Array(2),
            ids: new Uint32Array(9),
            offsets,
          };
        },
      });
    const bytes = 4 * (2 * 4 + 2 + 9); // label, feature, 2 offsets and a place each, less what a place is counted for
    await numbers(bags(bytes), 10, shuffle);
    expect(disk.opened).toBe(0);
    await numbers(bags(bytes - 1), 10, shuffle);
    expect(disk.opened).toBeGreaterThan(0);
  });
});
