import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { InputError } from "../../../core/errors.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import type { RecordFormat } from "../../../models/data/reader/layout.ts";
import { prefetched } from "../../../models/data/reader/prefetch.ts";
import { byDefinition, type Outcome, outcomeOf } from "../models/data/definition.ts";
import { readersHere } from "../models/data/reader/readers-here.ts";
import { formats } from "../models/data/reader/text-files.ts";
import { temporaryFolder } from "../temporary.ts";
import { ofBytes } from "./damages.ts";
import { damagedText } from "./text-damages.ts";
import { badSentence, Findings, numbersOf, type Tries } from "./tries.ts";

/** Files of each format that damage begins with. */
const samples = 200;

/** One case in so many is read by a thread of its own, as users' files are; the others on this thread. */
const threaded = 50;

/**
 * Reads damaged text files: of each format, plain or gzip, also damaged as such. A file is refused in a sentence that names
 * it, and the line unless it is the whole file that is wrong; or it gives the bits of the rows of the definition, which is
 * plain loops over the text of the whole file and knows neither kernel, chunk nor gzip stream. Where both refuse a file that
 * is not packed, it is in the same words.
 */
export async function rows(tries: Tries): Promise<Findings> {
  const { seed, kept } = tries;
  const found = new Findings(kept);
  const path = join(temporaryFolder(), "damaged.txt");
  const texts = formats.map(({ text }) => fc.sample(text, { numRuns: samples, seed: seed | 0 }));
  try {
    for (const number of numbersOf(tries)) {
      const stream = random(seed, "rows", number);
      const f = stream.integer(formats.length);
      const { content, by } = damagedFile(texts[f]![stream.integer(samples)]!, stream);
      writeFileSync(path, content);
      const isThreaded = number % threaded === 0;
      readersHere(!isThreaded);
      const open = formats[f]!.open([1, 7, 1000, 2 ** 32][stream.integer(4)]!);
      const least = content[0] === 0x1f ? 64 : 1; // zlib has no smaller pieces
      const chunk = [least + stream.integer(64), least + stream.integer(4096), 1 << 18][stream.integer(3)]!;
      const { kind, wrong } = await cameOf(path, content, open, chunk, isThreaded);
      found.count(kind);
      if (isThreaded) found.count("by a thread");
      if (wrong !== undefined)
        found.fault(number, `${formats[f]!.name}, ${by.join(", ")}, chunk ${chunk}: ${wrong}`, {
          file: content,
        });
    }
    return found;
  } finally {
    readersHere(false);
  }
}

/** A text, damaged and perhaps packed, and then perhaps damaged again. */
function damagedFile(
  text: Buffer,
  stream: Random,
): { readonly content: Buffer; readonly by: readonly string[] } {
  const { damaged, by } = damagedText(text, stream);
  if (stream.integer(4) > 0) return { content: damaged, by };
  const cut = stream.integer(damaged.length + 1);
  const members = stream.integer(3) === 0 ? [damaged.subarray(0, cut), damaged.subarray(cut)] : [damaged];
  const packed = Buffer.concat(members.map((part) => gzipSync(part, { level: stream.integer(10) })));
  if (stream.integer(2) === 0) return { content: packed, by: [...by, "gzip"] };
  const names = Object.keys(ofPacked);
  const name = names[stream.integer(names.length)]!;
  return { content: ofPacked[name]!(packed, stream), by: [...by, "gzip", name] };
}

const ofPacked: typeof ofBytes = {
  ...ofBytes,
  /** Zeros after the end are none of its bytes, but what follows them is. */
  padding: (bytes, stream) =>
    Buffer.concat([
      bytes,
      Buffer.alloc(stream.integer(9)),
      Buffer.from(stream.integer(3) === 0 ? "" : "0,1\n"),
    ]),
};

interface Came {
  readonly kind: "rows" | "refused" | "refused at its header";
  readonly wrong?: string | undefined;
}

async function cameOf(
  path: string,
  content: Buffer,
  open: (file: string) => Promise<RecordFormat>,
  chunk: number,
  isThreaded: boolean,
): Promise<Came> {
  const format = await open(path).catch((error: unknown) => error as Error);
  if (format instanceof Error) return { kind: "refused at its header", wrong: refusalWrong(path, format) };
  let thrown: unknown;
  const noting = async function* () {
    try {
      yield* prefetched(path, format, { chunk, ...(!isThreaded && { ahead: Number.POSITIVE_INFINITY }) });
    } catch (error) {
      thrown = error;
      throw error;
    }
  };
  const outcome = await outcomeOf(path, noting);
  const plain = unpacked(content);
  const expected = plain && (await byDefinition(path, plain, format));
  if ("error" in outcome) {
    // The definition takes every file for text.
    const isText = plain === content && !outcome.error.includes("which is not read here");
    const hasRows = expected !== undefined && "rows" in expected;
    // Of a record that is both, the reader says that it is too large, the definition whichever it meets first.
    const isBoth =
      outcome.error.includes("no end within 1 MiB") &&
      expected !== undefined &&
      "error" in expected &&
      expected.error.includes("is not UTF-8");
    const otherwise =
      (isText && !isBoth) || hasRows
        ? difference(outcome, expected ?? { error: "nothing is known" })
        : undefined;
    return { kind: "refused", wrong: refusalWrong(path, thrown) ?? otherwise };
  }
  return { kind: "rows", wrong: expected ? difference(outcome, expected) : "rows of a damaged gzip file" };
}

/** The text that a file is or holds; undefined where it is no whole gzip file, or something follows it. */
function unpacked(content: Buffer): Buffer | undefined {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    const { buffer, engine } = gunzipSync(content, { info: true }) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return content.subarray(engine.bytesWritten).every((byte) => byte === 0) ? buffer : undefined;
  } catch {
    return undefined;
  }
}

function difference(outcome: Outcome, expected: Outcome): string | undefined {
  const [a, b] = [JSON.stringify(outcome), JSON.stringify(expected)];
  return a === b ? undefined : `${a.slice(0, 1000)}, but by the definition ${b.slice(0, 1000)}`;
}

/** Refusals of the whole file, or of its header. */
const ofFile =
  /is empty|has a header but no row|is not UTF-8|begins as a gzip file but|which is not read here|has no column|two columns called|names no column|ends its lines in CR|may have 4096 at most|separates its columns by/;

function refusalWrong(path: string, error: unknown): string | undefined {
  if (!(error instanceof InputError)) return `no refusal: ${error instanceof Error ? error.stack : error}`;
  const { message } = error;
  const bad = badSentence(message);
  if (bad !== undefined) return `a refusal with ${bad}: ${message.slice(0, 2000)}`;
  if (!message.includes(path)) return `a refusal that does not name the file: ${message}`;
  return /, line \d+/.test(message) || ofFile.test(message)
    ? undefined
    : `a refusal without a line: ${message}`;
}
