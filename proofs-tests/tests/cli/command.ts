import { execFile } from "node:child_process";
import { vi } from "vitest";
import { command, type VerbEntry, verbs } from "../../../cli/command.ts";
import { flagsOf, readArguments, type Texts, type Verb } from "../../../cli/flags.ts";
import { programWords } from "../../../config/program.ts";

/** Flags by name as a person writes them; true for switches, undefined for those that are left out. */
export type Written = Readonly<Record<string, string | boolean | undefined>>;

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Commands of this process wait for each other: what one prints is not another's. */
let turn: Promise<unknown> = Promise.resolve();

/** Runs the command line in this process, where faults can be planted and nothing has to start. */
export const run = (...args: string[]): Promise<Outcome> => runOf(verbs, ...args);

/** A list of one verb. */
export const only = (verb: Verb): VerbEntry[] => [
  { name: verb.name, summary: "", load: () => Promise.resolve(verb) },
];

/** {@link run}, of these verbs. */
export function runOf(all: readonly VerbEntry[], ...args: string[]): Promise<Outcome> {
  const mine = turn.then(() => printedBy(all, args));
  turn = mine.catch(() => {});
  return mine;
}

/** {@link run} of a verb with these flags. */
export const runFlags = (verb: string, flags: Written): Promise<Outcome> => run(verb, ...argsOf(flags));

/** Flags as the words of a command line; those that are undefined are left out. */
export const argsOf = (flags: Written): string[] =>
  Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [`--${name}`] : [`--${name}`, `${value}`],
  );

/** What a verb is given by these flags: their values, and their texts. */
export function given(verb: Verb, flags: Written): { values: never; texts: Texts } {
  const { texts } = readArguments(verb, argsOf(flags));
  return { values: flagsOf(verb.flags, texts) as never, texts };
}

async function printedBy(all: readonly VerbEntry[], args: readonly string[]): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const log = vi
    .spyOn(console, "log")
    .mockImplementation((...values) => void out.push(`${values.join(" ")}\n`));
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => err.push(`${text}`) > 0);
  // Of a verb that gives rows, not words.
  const give = vi.spyOn(process.stdout, "write").mockImplementation(((text: string, done?: () => void) => {
    out.push(text);
    done?.();
    return true;
  }) as typeof process.stdout.write);
  const { argv } = process;
  process.argv = [argv[0]!, "cli/index.ts", ...args];
  try {
    return { code: await command(args, all), out: out.join(""), err: err.join("") };
  } finally {
    process.argv = argv;
    log.mockRestore();
    give.mockRestore();
    write.mockRestore();
  }
}

/** Runs the command line as its own process, with these environment variables too. */
export function runProcess(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [...programWords("cli/index.ts"), ...args],
      { maxBuffer: 2 ** 26, env: { ...process.env, ...environment } },
      (error, out, err) =>
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err }),
    );
  });
}
