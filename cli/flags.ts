import type { ParseArgsConfig } from "node:util";
import { InputError, require } from "../core/errors.ts";
import { requireWritable } from "../core/file.ts";

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

/** A flag's list of numbers, separated by commas. */
export function numbers(flags: Flags, name: string): number[] | undefined {
  if (text(flags, name) === undefined) return undefined;
  const values = names(flags, name).map(Number);
  require(values.length > 0 && values.every(Number.isFinite), () =>
    `--${name} must be numbers separated by commas, but it is "${text(flags, name)}".`);
  return values;
}

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

/** Names with commas for a help text, on lines that start at column `indent` and end before column 80. */
export function listed(all: readonly string[], indent = 18): string {
  const lines = [""];
  for (const [i, name] of all.entries()) {
    const item = i + 1 < all.length ? `${name},` : name;
    if (indent + lines.at(-1)!.length + 1 + item.length > 80) lines.push("");
    lines.push(`${lines.pop()} ${item}`.trimStart());
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** The command that was given, ready to paste. */
export const commandLine = (args: readonly string[]): string =>
  [
    "npx pss-dlrm",
    ...args.map((arg) => (/^[\w./:=,@%+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)),
  ].join(" ");
