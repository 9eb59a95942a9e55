import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Backend } from "../../core/backend.ts";
import { InputError, shownReason, shownWord } from "../../core/errors.ts";
import { type Comparison, conformTo } from "./check.ts";

const folder = join(import.meta.dirname, "files");

/** Paths of the golden files that come with this package. */
export const shippedFiles = async (): Promise<string[]> =>
  (await readdir(folder)).toSorted().map((name) => join(folder, name));

/** {@link conformTo} what a file holds. Throws an InputError if the file cannot be read or understood. */
export async function conform(path: string, also: readonly Backend[] = []): Promise<Comparison[]> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new InputError(`Cannot read ${shownWord(path)}: ${shownReason(error)}.`);
  });
  return conformTo(parse(text, path), also);
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${shownWord(path)} is not JSON: ${shownReason(error as Error)}.`);
  }
}
