import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { check, InputError } from "../../../core/errors.ts";
import { writeWhole } from "../../../core/file.ts";
import { keyOf, type Latency, type Outcome, type Setting, type Trial } from "./protocol.ts";

/** A trial and what came of it, as a file keeps them. */
export interface Recorded {
  readonly trial: Trial;
  readonly outcome: Outcome;
}

/**
 * A folder that several processes fill together: a file for each trial that is done, and a lock beside it while one is at
 * work on it. A process that was killed leaves a lock that nobody renews; it is taken over.
 */
export interface Folder {
  /** Every outcome so far, by the trial's name. */
  known(): Map<string, Outcome>;
  /** Takes `name` for this process; undefined where another has it. */
  claim(name: string): Claim | undefined;
  record(recorded: Recorded): Promise<void>;
  /** Times of steps, measured in one process. */
  latencies(): Latency[];
  recordLatencies(latencies: readonly Latency[]): Promise<void>;
}

/** Work that this process has taken: to be renewed at least once in ten minutes, and given back when done or given up. */
interface Claim {
  renew(): void;
  release(): void;
}

/** Milliseconds after which a lock that was not renewed is nobody's. */
const abandoned = 600_000;

/** Opens or makes the folder of a study. Throws an InputError where it holds trials of another setting. */
export async function openFolder(path: string, setting: Setting): Promise<Folder> {
  const of = join(path, "setting.json");
  if (!existsSync(of)) await writeWhole(of, `${JSON.stringify(setting, null, 1)}\n`);
  const there = readJson<Setting>(of);
  for (const name of Object.keys({ ...there, ...setting }) as (keyof Setting)[]) {
    const [old, now] = [JSON.stringify(there[name]), JSON.stringify(setting[name])];
    check(
      old === now,
      () =>
        `The trials in ${path} have ${name} ${old}, but now it is ${now}; name another folder with --out, or give the same flags.`,
    );
  }
  const trials = join(path, "trials");
  const times = join(path, "latencies.json");
  const read = new Map<string, Recorded>(); // what a trial came to does not change
  return {
    known() {
      const files = existsSync(trials) ? readdirSync(trials).filter((file) => file.endsWith(".json")) : [];
      for (const file of files) if (!read.has(file)) read.set(file, readJson(join(trials, file)));
      return new Map([...read.values()].map(({ trial, outcome }) => [keyOf(trial), outcome]));
    },
    claim: (name) => claim(join(path, `${name}.lock`)),
    record: (recorded) =>
      writeWhole(join(trials, `${keyOf(recorded.trial)}.json`), `${JSON.stringify(recorded)}\n`),
    latencies: () => (existsSync(times) ? readJson<Latency[]>(times) : []),
    recordLatencies: (latencies) => writeWhole(times, `${JSON.stringify(latencies)}\n`),
  };
}

function readJson<Value>(path: string): Value {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Value;
  } catch (error) {
    throw new InputError(
      `${path} cannot be read as JSON: ${(error as Error).message}; delete it to do its work anew.`,
    );
  }
}

/** Makes the lock where nobody has it; one that its owner left behind is removed first. */
function claim(path: string): Claim | undefined {
  if (isAbandoned(path)) rmSync(path, { force: true });
  try {
    writeFileSync(path, JSON.stringify({ host: hostname(), pid: process.pid }), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return undefined;
    throw error;
  }
  return {
    renew: () => utimesSync(path, new Date(), new Date()),
    release: () => rmSync(path, { force: true }),
  };
}

function isAbandoned(path: string): boolean {
  try {
    if (Date.now() - statSync(path).mtimeMs > abandoned) return true;
    const { host, pid } = JSON.parse(readFileSync(path, "utf8")) as { host: string; pid: number };
    return host === hostname() && !isRunning(pid);
  } catch {
    return false; // given back, or not yet written
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
