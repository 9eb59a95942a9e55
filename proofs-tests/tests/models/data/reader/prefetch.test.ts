import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Worker, WorkerOptions } from "node:worker_threads";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { csv, csvFormat } from "../../../../../models/data/formats/csv.ts";
import { prefetched } from "../../../../../models/data/reader/prefetch.ts";
import { headerOf } from "../../../../../models/data/reader/records.ts";
import { put } from "../files.ts";
import { rows, upTo } from "../rows.ts";

/** Threads that were started and have not ended. */
const alive = vi.hoisted(() => new Set<Worker>());
vi.mock(import("node:worker_threads"), async (load) => {
  const original = await load();
  class Counted extends original.Worker {
    constructor(program: string, options: WorkerOptions) {
      super(program, options);
      alive.add(this);
      this.once("exit", () => alive.delete(this));
    }
  }
  return { ...original, Worker: Counted };
});

const columns = { label: "y", dense: ["x"], categorical: ["idx"] };

/** Lines of 8 bytes, all with this label, after a header of as many. */
const content = (n: number, label: number) =>
  `y,x,idx\n${upTo(n)
    .map((i) => `${label},0,${String(i).padStart(3, "0")}\n`)
    .join("")}`;

/** Keeps this thread busy, so that nothing on it can run. */
const block = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

describe("the thread that reads ahead", () => {
  beforeEach(() => expect(alive.size).toBe(0));

  test("ends with the walk, however that ends", async () => {
    const data = csv(put(content(999, 1)), columns);
    expect(await rows(data)).toHaveLength(999);
    expect(alive.size).toBe(0);
    for await (const _ of data.batches(10)) {
      expect(alive.size).toBe(1);
      break;
    }
    expect(alive.size).toBe(0);
    const failing = async () => {
      for await (const _ of data.batches(10)) throw new Error("the reader's own");
    };
    await expect(failing()).rejects.toThrow("the reader's own");
    expect(alive.size).toBe(0);
    const wrong = csv(put(`${content(999, 1)}2,0,0\n`), columns);
    await expect(rows(wrong)).rejects.toThrow('line 1001: column "y" is "2"');
    expect(alive.size).toBe(0);
  });

  test("passes on what is wrong with the file itself, after the rows before it", async () => {
    const noise = Array.from({ length: 99_999 }, (_, i) => `1,${Math.sin(i)},${i}\n`).join("");
    const file = put(gzipSync(`y,x,idx\n${noise}`).subarray(0, -100));
    let count = 0;
    const read = async () => {
      for await (const { size } of csv(file, columns).batches(100)) count += size;
    };
    await expect(read()).rejects.toThrow(`${file} begins as a gzip file but is damaged or cut short`);
    expect(count).toBeGreaterThan(10_000);
    expect(alive.size).toBe(0);
  });

  test("serves one walk; those at the same time and later have their own", async () => {
    const data = csv(put(content(999, 1)), columns);
    const all = await rows(data);
    const walks = upTo(4).map(() => rows(data));
    expect(alive.size).toBeLessThanOrEqual(4);
    for (const walk of walks) expect(await walk).toEqual(all);
  });

  test.each([1, 3, 10])("works while the reader computes, at most %d blocks ahead of it", async (ahead) => {
    const file = put(content(999, 1));
    const format = csvFormat(file, await headerOf(file), columns, [5]);
    const labels: number[] = [];
    let first = true;
    for await (const found of prefetched(file, format, { chunk: 64, ahead })) {
      labels.push(...found.labels!);
      if (!first) continue;
      first = false;
      block(500);
      writeFileSync(file, content(999, 0)); // what the thread has read by now, it has as it was
    }
    expect(labels).toHaveLength(999);
    const read = labels.lastIndexOf(1) + 1;
    // A chunk is 8 rows. Besides the blocks that wait there are the one in the reader's hands, the next one, parsed or
    // half so, and what the stream of the file has buffered.
    expect(read).toBeGreaterThanOrEqual(8 * ahead);
    expect(read).toBeLessThanOrEqual(8 * (ahead + 5));
  });

  test("keeps the process as long as somebody waits for rows, not for a walk that nobody goes on with", async () => {
    const file = put(`y,x,idx\n${`1,0,${"long ".repeat(200)}\n`.repeat(20_000)}`); // more than fits into 32 blocks
    const program = `
      import { csv } from "./models/data/formats/csv.ts";
      const data = csv(${JSON.stringify(file)}, ${JSON.stringify(columns)});
      let count = 0;
      for await (const { size } of data.batches(1000)) count += size;
      await data.batches(1000)[Symbol.asyncIterator]().next();
      console.log(count);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", program],
      { timeout: 120_000 },
    );
    expect(stdout).toBe("20000\n");
  });
});
