import { existsSync, lstatSync, statSync } from "node:fs";
import { check, shownWord } from "../../core/errors.ts";
import { requireWritable } from "../../core/file.ts";

/**
 * Throws an InputError where nothing can be written to `path`: a file that is read, a file that is there unless it may be
 * replaced, a folder that takes none.
 */
export function checkOut(path: string, read: readonly string[], mayReplace: boolean): void {
  requireWritable(path);
  const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  const isSame = (other: string) => {
    const [a, b] = [path, other].map((each) => statSync(each, { bigint: true }));
    return a!.dev === b!.dev && a!.ino === b!.ino;
  };
  const same = existsSync(path) ? read.find(isSame) : undefined;
  check(
    same === undefined,
    () => `${shownWord(path)} is ${shownWord(same!)}, which is read; name another file.`,
  );
  check(
    mayReplace || !isThere,
    () =>
      `${shownWord(path)} is there already; add --overwrite to replace it when all is done, or name another file.`,
  );
}
