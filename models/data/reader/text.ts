import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { check, shownWord } from "../../../core/errors.ts";
import { checkUnpacked, explained, look } from "./file.ts";
import { LARGEST } from "./kernels/job.ts";

/**
 * The lines of a UTF-8 text file, plain or gzip (told by its first two bytes, whatever its name), a list for each chunk
 * that is read: memory does not grow with the file. Lines end in LF or CRLF, the last one may end in neither; a byte order
 * mark is dropped. A line that goes on for more than {@link LARGEST} characters is the last, and cut off.
 * @throws InputError for a file that is missing, unreadable, empty, a directory, damaged, of another kind, also when it is
 *   unpacked, or not UTF-8.
 */
export async function* lines(file: string): AsyncGenerator<string[]> {
  let any = false;
  try {
    for await (const chunk of splitLines(bytes(file))) {
      any = true;
      yield chunk;
    }
  } catch (error) {
    throw explained(file, error);
  }
  check(any, () => `${shownWord(file)} is empty; give a file that has rows.`);
}

/** The lines of a byte stream, wherever its chunks are cut: within a line, a CRLF or a character. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  // Node's decoder removes the byte order mark. `fatal`: an id of replacement characters would merge ids silently.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop()!;
    if (parts.length > 0) yield parts.map(withoutReturn);
    if (rest.length > LARGEST) break;
  }
  if (rest.length <= LARGEST) rest += decoder.decode();
  if (rest !== "") yield [withoutReturn(rest)];
}

const wholeText = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The lines of whole lines: a byte order mark is text here, since it is one only where the file begins. */
export function linesOf(bytes: Uint8Array): string[] {
  return wholeText.decode(bytes).replace(/\n$/, "").split("\n").map(withoutReturn);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

async function* bytes(file: string): AsyncGenerator<Uint8Array> {
  const { packed } = look(file);
  const source = createReadStream(file, { highWaterMark: 1 << 18 });
  if (!packed) return yield* source;
  let first = true;
  // `pipeline` carries an error, or the reader's early departure, from either stream to the other.
  for await (const chunk of pipeline(source, createGunzip({ chunkSize: 1 << 18 }), () => {})) {
    if (first) checkUnpacked(file, chunk);
    first = false;
    yield chunk;
  }
}
