import { accessSync, constants, existsSync, statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { check, escaped, InputError, shownWord } from "./errors.ts";

/**
 * Writes a file aside and renames it, so that nobody meets half of it and an interruption leaves the old one whole.
 * Makes the folders that are missing. Throws an InputError where it cannot.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`; // of this process: another may write the same file
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(aside, content);
    await rename(aside, path);
  } catch (error) {
    throw new InputError(`Cannot write ${shownWord(path)}: ${escaped((error as Error).message)}.`);
  }
}

/** Throws an InputError where {@link writeWhole} could not write: to be asked before the work that takes long. */
export function requireWritable(path: string): void {
  const isFolder = (at: string) => statSync(at).isDirectory();
  check(
    !existsSync(path) || !isFolder(path),
    () => `Cannot write ${shownWord(path)}: it is a folder; name a file.`,
  );
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder); // those that are missing will be made
  check(
    isFolder(folder),
    () => `Cannot write ${shownWord(path)}: ${shownWord(folder)} is a file, no folder.`,
  );
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new InputError(
      `Cannot write ${shownWord(path)}: nothing may be written into the folder ${shownWord(folder)}.`,
    );
  }
}
