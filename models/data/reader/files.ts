import { existsSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { check, shownWord } from "../../../core/errors.ts";
import type { Block } from "./block.ts";
import { explained, type Kind, look } from "./file.ts";

/** Files whose rows follow one another, as they were when they were named. */
export interface DataFiles {
  /** For people: the name of the first, and how many more there are. */
  readonly name: string;
  readonly all: readonly { readonly path: string; readonly state: string }[];
  readonly kind: Kind;
}

/**
 * Looks at one file or several.
 * @throws InputError as {@link look}, for no file, and for one that is given twice: its rows would be twice there, among
 *   those that are trained on and those that are tested.
 */
export function dataFiles(given: string | readonly string[], kind: Kind = "text"): DataFiles {
  const paths = typeof given === "string" ? [given] : given;
  check(paths.length > 0, () => "There is no file of rows; give at least one.");
  const all = paths.map((path) => ({ path, state: look(path, kind).state }));
  const places = paths.map((path) => resolve(path));
  const twice = paths.find((_, i) => places.indexOf(places[i]!) < i);
  check(twice === undefined, () => `The file ${shownWord(twice!)} is given twice; give it once.`);
  const others = paths.length > 1 ? ` and ${paths.length - 1} more` : "";
  return { name: `${shownWord(basename(paths[0]!))}${others}`, all, kind };
}

/**
 * The rows of these files. Each is `opened`, which gives how its rows are read, before the first row of any.
 * @throws InputError for a file that is not what it was, and what opening and reading throw.
 */
export async function* rowsOf(
  { all, kind }: DataFiles,
  opened: (path: string) => Promise<() => AsyncIterable<Block>>,
): AsyncGenerator<Block> {
  const checkSame = ({ path, state }: DataFiles["all"][number]) =>
    check(
      look(path, kind).state === state,
      () => `${shownWord(path)} has changed while it was read; start again when nobody writes to it.`,
    );
  const readings: (() => AsyncIterable<Block>)[] = [];
  for (const file of all) {
    checkSame(file);
    readings.push(await opened(file.path));
  }
  for (const [i, file] of all.entries()) {
    try {
      yield* readings[i]!();
    } catch (error) {
      checkSame(file); // that it changed says more than what is wrong in it
      throw error;
    }
    checkSame(file);
  }
}

/**
 * The files that an argument of the command line names. It is a file where there is one of this name; otherwise commas
 * separate several, and the last part of a path may have `*` (any characters) and `?` (any one), for all files of its folder
 * that fit, in the order of their names' characters.
 * @throws InputError where no file fits, or a folder has such characters.
 */
export const filesNamed = (argument: string): string[] =>
  existsSync(argument) ? [argument] : argument.split(",").flatMap((part) => fitting(part.trim()));

function fitting(pattern: string): string[] {
  check(pattern !== "", () => "A list of files has an empty name; separate names by one comma.");
  if (existsSync(pattern) || !/[*?]/.test(pattern)) return [pattern];
  const [folder, name] = [dirname(pattern), basename(pattern)];
  check(
    !/[*?]/.test(folder),
    () => `The folder ${shownWord(folder)} has * or ?, which only the last part of a path may have.`,
  );
  const parts = name
    .split(/([*?])/)
    .map((part) => special[part] ?? part.replace(/[\\^$.+()[\]{}|]/g, "\\$&"));
  const fits = new RegExp(`^${parts.join("")}$`, "su");
  const found = namesIn(folder).filter(
    (each) => fits.test(each) && each.startsWith(".") === name.startsWith("."),
  );
  check(found.length > 0, () => `No file fits ${shownWord(pattern)}; check the path.`);
  return found.sort().map((each) => join(folder, each));
}

/** What takes the place of characters of a pattern in a regular expression. */
const special: Readonly<Record<string, string>> = { "*": ".*", "?": "." };

/** Names of the files in a folder, none for a folder that is not there. */
function namesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name);
  } catch (error) {
    throw explained(folder, error);
  }
}
