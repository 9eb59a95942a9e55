import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../core/errors.ts";

/**
 * Writes a file aside and renames it, so that nobody meets half of it and an interruption leaves the old one whole.
 * Makes the folders that are missing. Throws an InputError where it cannot.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.tmp`, content);
    await rename(`${path}.tmp`, path);
  } catch (error) {
    throw new InputError(`Cannot write ${path}: ${(error as Error).message}.`);
  }
}
