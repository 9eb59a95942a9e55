import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { programWords } from "../../../config/program.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import { checkpointIn } from "../../../models/dlrm/saved/save.ts";
import { clicks, columns, fileOf } from "../cli/clicks/clicks.ts";
import { temporaryFolder } from "../temporary.ts";
import { badSentence, Findings, numbersOf, type Tries } from "./tries.ts";

/** Signals that end a training, and what it exits with where it saw them. */
export const signals = { SIGKILL: undefined, SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const;
export type Signal = keyof typeof signals;

/** What a training leaves: the numbers in its files, and what it says of its quality. */
interface Left {
  readonly arrays: readonly string[];
  readonly report: string;
  /** Milliseconds before its folder was there, and from then on. */
  readonly times: readonly [number, number];
}

const small = ["--dim", "4", "--bottom", "8,4", "--top", "8,1", "--batch", "16", "--table-rows", "64"];
const trainings: readonly (readonly string[])[] = [
  ["--backend", "cpu", "--epochs", "2", "--eval-every", "7"],
  ["--embedding", "robe", "--compression", "4", "--optimizer", "adam", "--epochs", "4", "--patience", "2"],
  ["--embedding", "cafe", "--compression", "4", "--epochs", "2", "--keep", "last"],
];

/**
 * Trains in child processes that are killed at random moments, perhaps again and again, and go on until they end. What they
 * leave must be, to the last bit, what a training leaves that nobody stopped. Their moments are drawn, but what a process
 * has done by then is the machine's: a case can be tried again, but not repeated.
 */
export async function kills(
  tries: Tries & { readonly signal: Signal; readonly jobs?: number },
): Promise<Findings> {
  const { seed, signal, kept, jobs = 2 } = tries;
  const found = new Findings(kept);
  const folder = temporaryFolder();
  const file = fileOf(clicks(700, 1));
  const wordsOf = (number: number, at: string): string[] => [
    ...["train", "--data", `csv:${file}`, ...columns, ...small, ...trainings[number % trainings.length]!],
    ...["--checkpoint", at, "--save-every", "0.02", "--json"],
  ];
  try {
    const numbers = numbersOf(tries);
    const whole = new Map<readonly string[], Left>();
    for (const number of new Set(numbers.map((n) => n % trainings.length))) {
      const at = join(folder, `whole-${number}`);
      const { code, out, err, times } = await ended(start(wordsOf(number, at)), at);
      if (code !== 0) throw new Error(`a training that nobody stopped exits with ${code}: ${err}`);
      whole.set(trainings[number]!, { arrays: arraysIn(at), report: qualityIn(out), times });
    }
    const waiting = numbers.values();
    const work = async () => {
      for (const number of waiting) {
        const at = join(folder, String(number));
        const expected = whole.get(trainings[number % trainings.length]!)!;
        const stream = random(seed, "kills", number);
        const fault = await oneTraining(wordsOf(number, at), at, { expected, stream, signal, found });
        found.count("trainings");
        if (fault !== undefined) found.fault(number, fault, filesIn(at));
        rmSync(at, { recursive: true, force: true });
      }
    };
    await Promise.all(Array.from({ length: jobs }, work));
    return found;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Killing {
  readonly expected: Left;
  readonly stream: Random;
  readonly signal: Signal;
  readonly found: Findings;
}

/** One training to its end; what is wrong with it, if something is. */
async function oneTraining(
  words: readonly string[],
  at: string,
  { expected, stream, signal, found }: Killing,
): Promise<string | undefined> {
  const [before, during] = expected.times;
  for (let left = 1 + stream.integer(4); ; left--) {
    const goesOn = existsSync(checkpointIn(at));
    const isEarly = stream.integer(5) === 0;
    const moment = stream.uniform() * (isEarly ? before : during);
    const child = start(goesOn ? [...words, "--resume"] : words);
    const end = ended(child, at);
    if (left > 0) {
      // A run that goes on finds the folder there; when its training begins is when its lock is.
      if (!isEarly) await Promise.race([until(() => existsSync(join(at, "training.lock"))), end]);
      await Promise.race([sleep(moment), end]);
      child.kill(signal);
      found.count("kills");
    }
    const { code, by, out, err } = await end;
    found.count(by ? `ended by ${by}` : `exit ${code}`);
    if (by === signal) continue; // no handler was there yet, or any more; SIGKILL has none
    if (code !== 0 && code === signals[signal]) {
      const fault = stopped(at, err);
      if (fault) return fault;
      continue;
    }
    if (code !== 0) return `exit ${code}${by ? ` by ${by}` : ""}: ${err}`;
    if (readdirSync(at).toSorted().join() !== "checkpoint.safetensors,model.safetensors")
      return `the end leaves ${readdirSync(at)}`;
    if (qualityIn(out) !== expected.report)
      return `another report: ${qualityIn(out)}, not ${expected.report}`;
    const arrays = arraysIn(at);
    const other = arrays.findIndex((array, i) => array !== expected.arrays[i]);
    return other < 0 ? undefined : `other numbers in ${["the checkpoint", "the model"][other]}`;
  }
}

/** What is wrong after a training that stopped because it was asked to. */
function stopped(at: string, err: string): string | undefined {
  const said = err.trim();
  if (badSentence(said) || !said.endsWith("add --resume to go on."))
    return `it stopped with the words ${err}`;
  const strays = readdirSync(at).filter((name) => !name.endsWith("l.safetensors"));
  return strays.join() === "checkpoint.safetensors" ? undefined : `a training that stopped leaves ${strays}`;
}

const start = (words: readonly string[]): ChildProcess =>
  spawn(process.execPath, [...programWords("cli/index.ts"), ...words], {
    stdio: ["ignore", "pipe", "pipe"],
  });

/** What a process said, how it ended, and how long it took before there was the folder `at`, and after. */
async function ended(child: ChildProcess, at: string) {
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout!.on("data", (text) => out.push(`${text}`));
  child.stderr!.on("data", (text) => err.push(`${text}`));
  const begun = performance.now();
  let opened = begun;
  void until(() => existsSync(at)).then(() => {
    opened = performance.now();
  });
  const [code, by] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.on("close", (...how) => resolve(how)),
  );
  const times = [opened - begun, performance.now() - opened] as const;
  return { code, by, out: out.join(""), err: err.join(""), times };
}

/** Waits until something is so, a minute at most. */
async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 6000 && !isSo(); i++) await sleep(10);
}

/** Shapes and numbers of both files, without what they say of their history. */
const arraysIn = (at: string): string[] =>
  ["checkpoint", "model"].map((name) => {
    const bytes = readFileSync(join(at, `${name}.safetensors`));
    const start = 8 + Number(bytes.readBigUInt64LE());
    const { __metadata__: _, ...shapes } = JSON.parse(bytes.toString("utf8", 8, start));
    return JSON.stringify(shapes) + bytes.toString("base64", start);
  });

function qualityIn(out: string): string {
  const { quality, reliability, steps, kept, rows } = JSON.parse(out);
  return JSON.stringify({ quality, reliability, steps, kept, rows });
}

const filesIn = (at: string): Record<string, Uint8Array> =>
  existsSync(at)
    ? Object.fromEntries(readdirSync(at).map((name) => [name, readFileSync(join(at, name))]))
    : {};
