import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check, InputError, shownReason } from "../../../core/errors.ts";
import type { Random } from "../../../core/numeric/random.ts";
import type { Shape } from "../shape.ts";
import { type Block, RowBuffer } from "./block.ts";

/** Words of a bucket that are collected before they are written: 512 KiB. */
const SEGMENT = 2 ** 17;

/** Some rows of a bucket, where they lie in the file. */
interface Segment {
  readonly at: number;
  readonly rows: number;
  readonly ids: number;
  readonly isMulti: boolean;
  readonly isLabeled: boolean;
  readonly isWide: boolean;
}

/** `writeSync` or `readSync`. */
type Move = (file: number, bytes: Buffer, offset: number, length: number, position: number) => number;

interface Bucket {
  readonly rows: RowBuffer;
  readonly segments: Segment[];
}

/**
 * Rows on disk, each in one of `ways` buckets that is drawn for it. They lie in one file in a new folder of the system's
 * folder for temporary files. Both are removed as soon as the file is open, which the system allows everywhere but in Windows,
 * so that they are gone however the process ends; in Windows `close` removes them.
 *
 * Memory: some 512 KiB a bucket, or two rows where these are larger.
 * @throws InputError (each method) where the file cannot be written or read.
 */
export class Spill {
  private readonly shape: Shape;
  private readonly stream: Random;
  private readonly parent = tmpdir();
  private readonly folder: string;
  private readonly file: number;
  private all: readonly Bucket[];
  /** Bytes in the file. */
  private end = 0;

  constructor(shape: Shape, stream: Random, ways = 64) {
    this.shape = shape;
    this.stream = stream;
    const [D, T] = [shape.dense, shape.tables.length];
    const room = Math.min(4096, Math.ceil(SEGMENT / (1 + 2 * D + T)));
    this.all = Array.from({ length: ways }, () => ({ rows: new RowBuffer(D, T, room), segments: [] }));
    this.folder = this.onDisk(() => mkdtempSync(join(this.parent, "pss-dlrm-shuffle-")));
    try {
      this.file = this.onDisk(() => openSync(join(this.folder, "rows"), "wx+"));
    } catch (error) {
      this.remove();
      throw error;
    }
    if (process.platform !== "win32") this.remove();
  }

  /** Draws a bucket for each row. */
  add(block: Block): void {
    check(
      block.texts === undefined,
      () =>
        `"${this.shape.name}" has more rows than are shuffled in memory, and columns that are kept as text, which cannot be put on disk; leave these out.`,
    );
    const ways = this.all.length;
    for (let row = 0; row < block.size; row++) {
      const bucket = this.all[this.stream.integer(ways)]!;
      bucket.rows.add(block, row, row + 1);
      if (bucket.rows.left === 0 || bucket.rows.words >= SEGMENT) this.write(bucket);
    }
  }

  /** The rows of each bucket that has any, in the order in which they came; no row can be added from then on. */
  *buckets(): Generator<Iterable<Block>> {
    for (const bucket of this.all) if (bucket.rows.size > 0) this.write(bucket);
    const all = this.all.map(({ segments }) => segments);
    this.all = []; // and with it the buffers
    for (const segments of all) if (segments.length > 0) yield this.blocks(segments);
  }

  close(): void {
    closeSync(this.file);
    this.remove();
  }

  private remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private write({ rows, segments }: Bucket): void {
    const { size, labels, dense, ids, offsets } = rows.taken();
    const has = {
      isMulti: offsets !== undefined,
      isLabeled: labels !== undefined,
      isWide: dense instanceof Float64Array,
    };
    segments.push({ at: this.end, rows: size, ids: ids.length, ...has });
    for (const part of [dense, labels, ids, offsets]) {
      if (!part) continue;
      const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
      this.moved(writeSync, bytes, this.end);
      this.end += bytes.length;
    }
  }

  private *blocks(segments: readonly Segment[]): Generator<Block> {
    const [D, T] = [this.shape.dense, this.shape.tables.length];
    for (const { at, rows: size, ids, isMulti, isLabeled, isWide } of segments) {
      const [ends, known, numbers] = [isMulti ? size * T + 1 : 0, isLabeled ? size : 0, size * D];
      const first = numbers * (isWide ? 8 : 4); // of all, so that they are aligned
      const bytes = Buffer.from(new ArrayBuffer(first + 4 * (known + ids + ends)));
      this.moved(readSync, bytes, at);
      const words = bytes.buffer;
      yield {
        size,
        dense: new (isWide ? Float64Array : Float32Array)(words, 0, numbers),
        ids: new Uint32Array(words, first + 4 * known, ids),
        ...(isLabeled && { labels: new Float32Array(words, first, size) }),
        ...(isMulti && { offsets: new Uint32Array(words, bytes.length - 4 * ends) }),
      };
    }
  }

  /** Writes or reads all `bytes` at `position`, which a call may do in part. */
  private moved(move: Move, bytes: Buffer, position: number): void {
    for (let done = 0; done < bytes.length; )
      done += this.onDisk(() => move(this.file, bytes, done, bytes.length - done, position + done));
  }

  private onDisk<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw new InputError(
        `"${this.shape.name}" has more rows than are shuffled in memory, and ${this.parent} cannot hold them (${shownReason(error as Error)}); make room there, or set TMPDIR to another folder.`,
      );
    }
  }
}
