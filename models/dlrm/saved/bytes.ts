import { inNode } from "../../../backends/host.ts";
import { check, InputError, shown, shownReason, shownWord } from "../../../core/errors.ts";

/**
 * Where a saved model is: in Node the path of its file; in a page, and where it begins with http:// or https://, its address;
 * or its bytes.
 */
export type Place = string | URL | Uint8Array | ArrayBuffer | Blob;

/** Bytes that are read part by part. */
export interface Bytes {
  /** In sentences. */
  readonly name: string;
  readonly size: number;
  /** Fills `out` with the bytes from `position` on; throws an InputError where they are not there any more. */
  fill(out: Uint8Array, position: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens what is at `place`. Throws an InputError that names it where nothing can be read there. */
export async function openBytes(place: Place): Promise<Bytes> {
  if (place instanceof Blob) return blob(place);
  if (place instanceof Uint8Array) return inMemory(place, unnamed);
  if (place instanceof ArrayBuffer) return inMemory(new Uint8Array(place), unnamed);
  check(
    typeof place === "string" || place instanceof URL,
    () => `A saved model is read from a path, an address or its bytes, but was given ${shown(place)}.`,
  );
  if (place instanceof URL ? place.protocol !== "file:" : !inNode || /^https?:\/\//.test(place))
    return fetched(String(place));
  return openFile(place instanceof URL ? process.getBuiltinModule("node:url").fileURLToPath(place) : place);
}

/** Bytes without a name, in sentences. */
const unnamed = "The model's bytes";

const close = async (): Promise<void> => {};

const inMemory = (bytes: Uint8Array, name: string): Bytes => ({
  name,
  size: bytes.length,
  fill: async (out, position) => out.set(bytes.subarray(position, position + out.length)),
  close,
});

const blob = (of: Blob): Bytes => ({
  name: of instanceof File ? shownWord(of.name) : unnamed,
  size: of.size,
  fill: async (out, position) =>
    out.set(new Uint8Array(await of.slice(position, position + out.length).arrayBuffer())),
  close,
});

/** All of what a server sends. */
async function fetched(address: string): Promise<Bytes> {
  const name = shownWord(address);
  try {
    const response = await fetch(address);
    check(
      response.ok,
      () => `the server answers ${response.status}${response.statusText && ` ${response.statusText}`}`,
    );
    return inMemory(new Uint8Array(await response.arrayBuffer()), name);
  } catch (error) {
    const { cause } = error as Error; // where Node says why
    throw new InputError(
      `Cannot read ${name}: ${shownReason(cause instanceof Error ? cause : (error as Error))}.`,
    );
  }
}

async function openFile(path: string): Promise<Bytes> {
  const name = shownWord(path);
  const { open } = process.getBuiltinModule("node:fs/promises");
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, "r");
  } catch (error) {
    throw new InputError(
      (error as NodeJS.ErrnoException).code === "ENOENT"
        ? `There is no saved model at ${name}.`
        : `Cannot read ${name}: ${shownReason(error as Error)}.`,
    );
  }
  const stat = await file.stat();
  if (!stat.isFile()) {
    await file.close();
    throw new InputError(`${name} cannot be loaded: it is no file.`);
  }
  return {
    name,
    size: stat.size,
    async fill(out, position) {
      for (let done = 0; done < out.length; ) {
        const { bytesRead } = await file.read(out, done, out.length - done, position + done);
        check(bytesRead > 0, () => "it became shorter while it was read");
        done += bytesRead;
      }
    },
    close: () => file.close(),
  };
}
