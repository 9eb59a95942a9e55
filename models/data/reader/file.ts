import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { check, InputError, shownWord } from "../../../core/errors.ts";

type Stranger = readonly [begins: RegExp, kind: string, remedy: string];

/** Files of other kinds by how they begin, in hexadecimal as no text does, and what to do with them. */
const strangers: readonly Stranger[] = [
  [/^504b0304/, "a zip archive", "unpack it (unzip); what is in it may be packed again by gzip"],
  [/^504b0506/, "a zip archive with nothing in it", "give the file itself"],
  [/^425a683[1-9]314159/, "packed by bzip2", "unpack it (bunzip2)"],
  [/^fd377a585a00/, "packed by xz", "unpack it (unxz)"],
  [/^28b52ffd/, "packed by zstd", "unpack it (unzstd)"],
  [/^04224d18/, "packed by lz4", "unpack it (unlz4)"],
  [/^1f9d/, "packed by compress", "unpack it (uncompress)"],
  [/^377abcaf271c/, "a 7z archive", "unpack it (7z x)"],
  [/^(?:..){257}7573746172/, "a tar archive", "unpack it (tar xf)"],
  [/^5041523115/, "a Parquet file", "read it with --data parquet:"],
  [/^4152524f57310000/, "an Arrow file", "read it with --data arrow:"],
  [/^ffffffff/, "a stream of Arrow", "read it with --data arrow:"],
  [/^46454131/, "a Feather file of version 1", "write it as version 2, or as CSV"],
  [/^fffe0000|^0000feff/, "UTF-32 text", "convert it (iconv -f UTF-32 -t UTF-8)"],
  [/^fffe|^feff/, "UTF-16 text", "convert it (iconv -f UTF-16 -t UTF-8)"],
  // Without a mark: four ASCII characters, none of them for control.
  [/^(?:[2-7].00){4}/, "UTF-16 text", "convert it (iconv -f UTF-16LE -t UTF-8)"],
  [/^(?:00[2-7].){4}/, "UTF-16 text", "convert it (iconv -f UTF-16BE -t UTF-8)"],
];

/** What an unpacked file must not begin as either. */
const packedTwice: Stranger = [/^1f8b/, "packed by gzip", "unpack it (gunzip)"];

/** Bytes of a file's beginning that tell its kind: a tar archive says only behind its first name what it is. */
const TELLING = 512;

/** Files that are no text by how they begin: "PAR1"; "ARROW1", or what comes before each message of a stream. */
const binary = { Parquet: /^50415231/, Arrow: /^4152524f5731|^ffffffff/ };

/** What a file must be, as far as its beginning tells. */
export type Kind = "text" | keyof typeof binary;

/** What is known of a file without reading it. */
interface Look {
  /** It begins as gzip does. */
  readonly packed: boolean;
  /** Size, time of the last change and first bytes. While this stays the same, so does the file: nobody reads it twice to know. */
  readonly state: string;
}

/**
 * Looks at a file.
 * @throws InputError for a file that cannot be read, or not twice, or is of another kind than `kind`.
 */
export function look(file: string, kind: Kind = "text"): Look {
  try {
    const isOther = !statSync(file).isFile() && !statSync(file).isDirectory(); // opening a pipe would wait
    check(
      !isOther,
      () =>
        `${shownWord(file)} is a pipe or a device, which cannot be read twice; write its rows to a file and give that.`,
    );
    const handle = openSync(file, "r");
    try {
      const bytes = Buffer.alloc(TELLING);
      const begins = bytes.toString("hex", 0, readSync(handle, bytes));
      if (kind === "text") checkText(shownWord(file), begins, strangers);
      else
        check(
          binary[kind].test(begins),
          () => `${shownWord(file)} is no ${kind} file, by how it begins; read text with --data csv:.`,
        );
      const { size, mtimeMs } = fstatSync(handle);
      return { packed: begins.startsWith("1f8b"), state: `${size} ${mtimeMs} ${begins}` };
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw explained(file, error);
  }
}

/** Throws an InputError where what a gzip file holds begins as no text does. */
export const checkUnpacked = (file: string, first: Buffer): void =>
  checkText(`${shownWord(file)}, unpacked,`, first.toString("hex", 0, TELLING), [packedTwice, ...strangers]);

function checkText(what: string, begins: string, others: readonly Stranger[]): void {
  const found = others.find(([magic]) => magic.test(begins));
  check(found === undefined, () => `${what} is ${found![1]}, which is not read here; ${found![2]}.`);
}

/** The sentence for an error of the operating system, of zlib or of the decoder; any other error as it is. */
export function explained(file: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return new InputError(`There is no file ${shownWord(file)}; check the path.`);
  if (code === "EISDIR")
    return new InputError(`${shownWord(file)} is a directory; give the path of a file in it.`);
  if (code === "EACCES" || code === "EPERM")
    return new InputError(`${shownWord(file)} may not be read (${code}); change its permissions.`);
  if (code.startsWith("Z_"))
    return new InputError(
      `${shownWord(file)} begins as a gzip file but is damaged or cut short (${(error as Error).message}); copy it again.`,
    );
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
    return new InputError(`${shownWord(file)} is not UTF-8 text; convert it, for example with iconv.`);
  return error;
}
