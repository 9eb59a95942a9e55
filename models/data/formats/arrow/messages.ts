import { type FileHandle, open } from "node:fs/promises";
import { Table } from "./flat.ts";

/** A message of an Arrow file or stream: what it says, and the bytes that it speaks of. */
export interface Message {
  /** Of the format's metadata: 4 is V5. */
  readonly version: number;
  readonly kind: number;
  readonly header: Table;
  readonly body: Uint8Array;
}

/** Kinds of messages that matter to rows. */
export const kinds = { schema: 1, dictionary: 2, rows: 3 };

const CONTINUED = 0xffffffff;

/** "ARROW1" */
const fileMagic = "4152524f5731";

/**
 * The messages of a file, the schema first: those of a stream as they come; those of the file format as its footer names them,
 * dictionaries before rows. Memory holds one message. A stream that is cut short is known by its missing end mark, a file by its
 * missing footer.
 * @throws RangeError for what is no such file.
 */
export async function* messages(file: string): AsyncGenerator<Message> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if ((await read(handle, 0, 6, size)).toString("hex") === fileMagic) yield* listed(handle, size);
    else
      for (let at = 0; ; ) {
        const found = await messageAt(handle, at, size);
        if (found === undefined) return;
        yield found.message;
        at = found.next;
      }
  } finally {
    await handle.close();
  }
}

async function* listed(handle: FileHandle, size: number): AsyncGenerator<Message> {
  const tail = await read(handle, Math.max(0, size - 10), 10, size);
  const [length, end] = [tail.readUInt32LE(), size - 10];
  if (tail.toString("hex", 4) !== fileMagic || length > end)
    throw new RangeError("it ends without its footer");
  const footer = Table.root(await read(handle, end - length, length, end));
  const header = footer.table(1);
  if (header === undefined) throw new RangeError("its footer has no schema");
  yield { version: footer.short(0), kind: kinds.schema, header, body: new Uint8Array() };
  for (const at of [...footer.counts(2, 3, 1), ...footer.counts(3, 3, 1)]) {
    const found = await messageAt(handle, at, end - length);
    if (found === undefined) throw new RangeError("a part of it is missing");
    yield found.message;
  }
}

/** The message at `at`, and where the next one is, before `end`; undefined for an end mark. */
async function messageAt(handle: FileHandle, at: number, end: number) {
  const word = (await read(handle, at, 4, end)).readUInt32LE();
  const from = word === CONTINUED ? at + 8 : at + 4; // before version 0.15 nothing stands before the length
  const length = word === CONTINUED ? (await read(handle, at + 4, 4, end)).readUInt32LE() : word;
  if (length === 0) return undefined;
  const said = Table.root(await read(handle, from, length, end));
  const header = said.table(2);
  if (header === undefined) throw new RangeError("a message says nothing");
  const body = await read(handle, from + length, said.long(3), end);
  const message: Message = { version: said.short(0), kind: said.byte(1), header, body };
  return { message, next: from + length + body.length };
}

/** So many bytes at `at`, of which those up to `end` can be had. */
async function read(handle: FileHandle, at: number, length: number, end: number): Promise<Buffer> {
  const bytes = length <= end - at ? Buffer.alloc(length) : undefined;
  const found = bytes && (await handle.read(bytes, 0, length, at)).bytesRead;
  if (found !== length) throw new RangeError("it is cut short");
  return bytes!;
}
