import type { ParseArgsConfig } from "node:util";
import { InputError, require } from "../../core/errors.ts";
import { requireWritable } from "../file.ts";

/** What the command line was given for one verb: text by flag, true for switches. */
export type Flags = Readonly<Record<string, string | boolean | undefined>>;

/** One verb of the command line. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** What `--help` prints; fits a screen. */
  readonly help: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** Runs it; the exit code is 0 for success, 1 where a check failed. Throws InputError for bad input (exit code 2). */
  run(flags: Flags, files: readonly string[]): Promise<number>;
}

/** The text of a flag; undefined where it was not given. */
export const text = (flags: Flags, name: string): string | undefined => flags[name] as string | undefined;

/** A flag's file, which can be written; undefined where it was not given. */
export function writable(flags: Flags, name: string): string | undefined {
  const path = text(flags, name);
  if (path !== undefined) requireWritable(path);
  return path;
}

/** A flag's number; undefined where it was not given. "1e6" and "26.14e9" are numbers too. */
export function number(flags: Flags, name: string): number | undefined {
  const given = text(flags, name);
  if (given === undefined) return undefined;
  const value = given.trim() === "" ? Number.NaN : Number(given);
  require(Number.isFinite(value), () => `--${name} must be a number, but it is "${given}".`);
  return value;
}

/** A flag's whole number of at least `low`. */
export function whole(flags: Flags, name: string, low: number): number | undefined {
  const value = number(flags, name);
  require(value === undefined || (Number.isInteger(value) && value >= low), () =>
    `--${name} must be a whole number from ${low} up, but it is ${text(flags, name)}.`);
  return value;
}

/** A flag's list of names, separated by commas. */
export const names = (flags: Flags, name: string): string[] =>
  (text(flags, name) ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);

/** A flag's list of whole numbers, separated by commas or dashes: layer sizes, table sizes. */
export function sizes(flags: Flags, name: string): number[] | undefined {
  const given = text(flags, name);
  if (given === undefined) return undefined;
  return given.split(/[,-]/).map((part) => {
    const value = Number(part);
    if (!Number.isInteger(value) || value < 1)
      throw new InputError(`--${name} must be whole numbers from 1 up like 64-16, but it is "${given}".`);
    return value;
  });
}

/** Names for a help text, on lines of 80 columns; all but the first are indented as descriptions of flags are. */
export function listed(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const longer = `${lines.at(-1)}, ${name}`;
    if (lines.length > 0 && longer.length <= 61) lines[lines.length - 1] = longer;
    else lines.push(name);
  }
  return lines.join(`,\n${" ".repeat(18)}`);
}

/** The command that was given, ready to paste. */
export const commandLine = (args: readonly string[]): string =>
  [
    "npx pss-dlrm",
    ...args.map((arg) => (/^[\w./:=,@%+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)),
  ].join(" ");

/** A number of bytes as people read it. */
export function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let [value, unit] = [count, 0];
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/** A count as people read it: 26.14 billion. */
export function count(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toPrecision(4)} billion`;
  if (value >= 1e6) return `${(value / 1e6).toPrecision(4)} million`;
  return value.toLocaleString("en-US");
}

/** A number to `digits` significant digits, its thousands grouped: 1,310,000. */
export const grouped = (x: number, digits: number): string =>
  Number(x.toPrecision(digits)).toLocaleString("en-US");
