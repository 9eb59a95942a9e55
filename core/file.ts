import { closeSync, existsSync, openSync, rmSync, statSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { check, InputError, shownReason, shownWord } from "./errors.ts";
import { isRunning } from "./lock.ts";

/** Writes `content` as {@link writeAside} does. */
export const writeWhole = (path: string, content: string | Uint8Array): Promise<void> =>
  writeAside(path, (file) => file.writeFile(content));

/** What is being written by this process, by its path: the next write of the same file waits. */
const writing = new Map<string, Promise<void>>();

/**
 * Writes a file aside and renames it, so that nobody meets half of it, and an interruption, were it of the machine, leaves
 * the old one or the new one whole. `write` may write at any place. Makes the folders that are missing; what processes
 * that are gone left half written beside it is removed. Throws an InputError where it cannot write, and whatever `write`
 * throws; nothing is left then.
 */
export async function writeAside(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const own = resolve(path);
  const before = writing.get(own) ?? Promise.resolve();
  const now = before.catch(() => {}).then(() => written(path, write));
  writing.set(own, now);
  try {
    await now;
  } catch (error) {
    const isOfSystem = error instanceof Error && "syscall" in error;
    throw isOfSystem ? new InputError(`Cannot write ${shownWord(path)}: ${shownReason(error)}.`) : error;
  } finally {
    if (writing.get(own) === now) writing.delete(own);
  }
}

async function written(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  await mkdir(folder, { recursive: true });
  await removeLeftOver(folder, name);
  const aside = join(folder, `.${name}.${process.pid}.tmp`);
  const file = await open(aside, "w");
  try {
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Removes what processes that run no longer had begun to write in place of `name`. */
async function removeLeftOver(folder: string, name: string): Promise<void> {
  const prefix = `.${name}.`;
  for (const file of await readdir(folder)) {
    const pid = file.startsWith(prefix) ? /^(\d+)\.tmp$/.exec(file.slice(prefix.length))?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) await rm(join(folder, file), { force: true });
  }
}

/** Makes a renaming outlast the machine, where folders can be told to. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows opens no folders, and some file systems sync none: the file is in its place all the same
  }
}

/** Throws an InputError where {@link writeWhole} could not write: to be asked before the work that takes long. */
export function requireWritable(path: string): void {
  const isFolder = (at: string) => statSync(at).isDirectory();
  // What is written is put in its place: a device or a pipe would be gone.
  check(
    !existsSync(path) || statSync(path).isFile(),
    () =>
      `Cannot write ${shownWord(path)}: it is ${isFolder(path) ? "a folder" : "a device or a pipe"}; name a file.`,
  );
  let folder = dirname(resolve(path));
  while (!existsSync(folder)) folder = dirname(folder); // those that are missing will be made
  check(
    isFolder(folder),
    () => `Cannot write ${shownWord(path)}: ${shownWord(folder)} is a file, no folder.`,
  );
  // Permissions do not tell: the system's own folders let everybody write, and take nothing.
  const trial = join(folder, `.${basename(path)}.${process.pid}.tmp`);
  try {
    closeSync(openSync(trial, "a"));
    rmSync(trial, { force: true });
  } catch (error) {
    throw new InputError(
      `Cannot write ${shownWord(path)}: nothing can be written into the folder ${shownWord(folder)} (${(error as NodeJS.ErrnoException).code}).`,
    );
  }
}
