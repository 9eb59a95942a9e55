import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { check, InputError, shownPath } from "../../../core/errors.ts";
import { LARGEST } from "./kernels/job.ts";

/**
 * The lines of a UTF-8 text file, plain or gzip (told by its first two bytes, whatever its name), a list for each chunk
 * that is read: memory does not grow with the file. Lines end in LF or CRLF, the last one may end in neither; a byte order
 * mark is dropped. A line that goes on for more than {@link LARGEST} characters is the last, and cut off.
 * @throws InputError for a file that is missing, unreadable, empty, a directory, damaged, or not UTF-8.
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
  check(any, () => `${shownPath(file)} is empty; give a file that has rows.`);
}

/** Throws an {@link InputError} unless `file` can be opened and read: for an early word, before the first row is asked for. */
export function checkReadable(file: string): void {
  isGzip(file);
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

function bytes(file: string): AsyncIterable<Uint8Array> {
  const packed = isGzip(file);
  const source = createReadStream(file, { highWaterMark: 1 << 18 });
  if (!packed) return source;
  // `pipeline` carries an error, or the reader's early departure, from either stream to the other.
  return pipeline(source, createGunzip({ chunkSize: 1 << 18 }), () => {});
}

/** Files of other kinds by how they begin, in hexadecimal as no text does, and what to do with them. */
const strangers: readonly (readonly [begins: RegExp, kind: string, remedy: string])[] = [
  [/^504b0304/, "a zip archive", "unpack it (unzip); what is in it may be packed again by gzip"],
  [/^504b0506/, "a zip archive with nothing in it", "give the file itself"],
  [/^425a683[1-9]314159/, "packed by bzip2", "unpack it (bunzip2)"],
  [/^fd377a585a00/, "packed by xz", "unpack it (unxz)"],
  [/^28b52ffd/, "packed by zstd", "unpack it (unzstd)"],
  [/^377abcaf271c/, "a 7z archive", "unpack it (7z x)"],
  [/^5041523115/, "a Parquet file", "write it as CSV"],
  [/^4152524f57310000/, "an Arrow file", "write it as CSV"],
  [/^fffe/, "UTF-16 text", "convert it (iconv -f UTF-16 -t UTF-8)"],
  [/^feff/, "UTF-16 text", "convert it (iconv -f UTF-16 -t UTF-8)"],
];

/**
 * Whether `file` begins as gzip does.
 * @throws InputError for a file that cannot be read, or is no text but of a kind that is told by how it begins.
 */
export function isGzip(file: string): boolean {
  try {
    const handle = openSync(file, "r");
    try {
      const bytes = Buffer.alloc(8);
      const magic = bytes.toString("hex", 0, readSync(handle, bytes));
      const found = strangers.find(([begins]) => begins.test(magic));
      check(
        found === undefined,
        () => `${shownPath(file)} is ${found![1]}, which is not read; ${found![2]}.`,
      );
      return magic.startsWith("1f8b");
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw explained(file, error);
  }
}

/** The sentence for an error of the operating system, of zlib or of the decoder; any other error as it is. */
export function explained(file: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return new InputError(`There is no file ${shownPath(file)}; check the path.`);
  if (code === "EISDIR")
    return new InputError(`${shownPath(file)} is a directory; give the path of a file in it.`);
  if (code === "EACCES" || code === "EPERM")
    return new InputError(`${shownPath(file)} may not be read (${code}); change its permissions.`);
  if (code.startsWith("Z_"))
    return new InputError(
      `${shownPath(file)} begins as a gzip file but is damaged or cut short (${(error as Error).message}); copy it again.`,
    );
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
    return new InputError(`${shownPath(file)} is not UTF-8 text; convert it, for example with iconv.`);
  return error;
}
