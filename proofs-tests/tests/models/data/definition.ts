import { InputError } from "../../../../core/errors.ts";
import { type Block, emptyBlock } from "../../../../models/data/reader/block.ts";
import { explained } from "../../../../models/data/reader/file.ts";
import { LARGEST } from "../../../../models/data/reader/kernels/job.ts";
import type { RecordFormat } from "../../../../models/data/reader/layout.ts";
import { tooLarge } from "../../../../models/data/reader/records.ts";
import { linesOf } from "../../../../models/data/reader/text.ts";
import { upTo } from "./rows.ts";

/** What a walk over a file gave: the bits of all its rows, or the sentence with which it ended. */
export type Outcome = { readonly rows: readonly string[] } | { readonly error: string };

/** The lines of a file, each with its end. */
function cutLines(content: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf("\n", from);
    const next = end < 0 ? content.length : end + 1;
    lines.push(content.subarray(from, next));
    from = next;
  }
  return lines;
}

/** Without the blank lines at the end, also those of carriage returns only. */
function withoutLastBlanks(content: Buffer): Buffer {
  const filled = content.findLastIndex((byte) => byte !== 10 && byte !== 13) + 1;
  const end = content.indexOf("\n", filled);
  return filled === 0 ? Buffer.of() : end < 0 ? content : content.subarray(0, end + 1);
}

/** The records of a file by the definition alone: a record goes on for as long as one of its quotes is open. */
function* recordsByDefinition(file: string, content: Buffer, format: RecordFormat): Generator<Block> {
  const lines = cutLines(withoutLastBlanks(content.indexOf("\uFEFF") === 0 ? content.subarray(3) : content));
  for (let from = format.columns?.header ?? 0, to = from + 1; from < lines.length; from = to, to++)
    for (;;) {
      const block = emptyBlock(1, format.dense, format.tables.length, {
        isLabeled: format.isLabeled,
        texts: format.texts ?? 0,
        isWide: format.columns !== undefined,
      });
      const record = Buffer.concat(lines.slice(from, to));
      if (record.length + (record.at(-1) === 10 ? 0 : 1) > LARGEST) throw tooLarge(file, from + 1);
      try {
        const bags = format.parse(linesOf(record), from + 1, block, 0);
        yield bags ? { ...block, ids: Uint32Array.from(bags.flat()), offsets: startsOf(bags) } : block;
        break;
      } catch (error) {
        const goesOn = error instanceof InputError && error.message.includes("no closing quote");
        if (!goesOn || to === lines.length || to - from > 1001) throw error;
        to++;
      }
    }
}

/** Where bags begin that follow each other, and where the last one ends. */
function startsOf(bags: readonly (readonly number[])[]): Uint32Array {
  const starts = new Uint32Array(bags.length + 1);
  for (const [bag, { length }] of bags.entries()) starts[bag + 1] = starts[bag]! + length;
  return starts;
}

/** Reads all blocks: numbers as their bits, so that 0 and −0 differ. */
export async function outcomeOf(
  file: string,
  blocks: () => Iterable<Block> | AsyncIterable<Block>,
): Promise<Outcome> {
  const rows: string[] = [];
  type Values = Float32Array | Float64Array | Uint32Array;
  const hex = (values: Values, from: number, to: number) =>
    Buffer.from(values.slice(from, to).buffer).toString("hex");
  try {
    for await (const { size, labels, dense, ids, offsets, texts } of blocks()) {
      const K = (texts?.length ?? 0) / size;
      const D = dense.length / size;
      const T = (offsets ? offsets.length - 1 : ids.length) / size;
      const start = (bag: number) => offsets?.[bag] ?? bag;
      for (let row = 0; row < size; row++) {
        const bags = upTo(T).map((t) => hex(ids, start(row * T + t), start(row * T + t + 1)));
        const own = [labels && hex(labels, row, row + 1), hex(dense, row * D, (row + 1) * D), ...bags];
        rows.push(
          [...own, ...(texts ?? []).slice(row * K, (row + 1) * K).map((text) => JSON.stringify(text))].join(
            " ",
          ),
        );
      }
    }
  } catch (error) {
    return { error: (explained(file, error) as Error).message };
  }
  return { rows };
}

/** The outcome by the definition alone, which knows neither kernel nor chunk. */
export const byDefinition = (file: string, content: Buffer, format: RecordFormat): Promise<Outcome> =>
  outcomeOf(file, function* () {
    let any = false;
    for (const block of recordsByDefinition(file, content, format)) {
      any = true;
      yield block;
    }
    if (!any) throw new InputError(format.empty);
  });
