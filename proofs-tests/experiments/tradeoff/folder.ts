import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { check, InputError } from "../../../core/errors.ts";
import { writeWhole } from "../../../core/file.ts";
import { type Claim, lock } from "../../../core/lock.ts";
import { judgeOf, keyOf, type Latency, type Outcome, type Setting } from "./protocol.ts";
import { isLatencies, isRecorded, type Recorded } from "./recorded.ts";

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

/**
 * Opens or makes the folder of a study. A file in it that is damaged is told to `warn`, once, and its work is done anew.
 * Throws an InputError where it holds trials of another setting.
 */
export async function openFolder(
  path: string,
  setting: Setting,
  warn: (sentence: string) => unknown,
): Promise<Folder> {
  const of = join(path, "setting.json");
  if (!existsSync(of)) await writeWhole(of, `${JSON.stringify(setting, null, 1)}\n`);
  const there = settingIn(of);
  for (const name of Object.keys({ ...there, ...setting }) as (keyof Setting)[]) {
    const [old, now] = [JSON.stringify(there[name]), JSON.stringify(setting[name])];
    check(old === now, () =>
      name === "labels"
        ? `The rows of this data are not those of the trials in ${path}; name another folder with --out, or give the same rows.`
        : `The trials in ${path} have ${name} ${old}, but now it is ${now}; name another folder with --out, or give the same flags.`,
    );
  }
  const trials = join(path, "trials");
  const times = join(path, "latencies.json");
  const read = new Map<string, Recorded>(); // what a trial came to does not change
  const warned = new Set<string>();
  const damaged = (file: string, why: string): undefined => {
    if (!warned.has(file)) warn(`${file} ${why}: it is left out, and its work is done anew.`);
    warned.add(file);
  };
  const fileOf = ({ trial }: Recorded) => `${keyOf(trial)}.json`;
  const readTrial = (file: string): void => {
    const at = join(trials, file);
    const found = jsonIn(at, damaged);
    if (found === undefined) return;
    if (isRecorded(found, judgeOf(setting)) && fileOf(found) === file) read.set(file, found);
    else damaged(at, "is not the record of the trial that its name says");
  };
  return {
    known() {
      const files = existsSync(trials) ? readdirSync(trials).filter((file) => file.endsWith(".json")) : [];
      for (const file of files) if (!read.has(file)) readTrial(file);
      return new Map([...read.values()].map(({ trial, outcome }) => [keyOf(trial), outcome]));
    },
    claim: (name) => lock(join(path, `${name}.lock`)).claim,
    async record(recorded) {
      await writeWhole(join(trials, fileOf(recorded)), `${JSON.stringify(recorded)}\n`);
      read.set(fileOf(recorded), recorded);
    },
    latencies() {
      const found = existsSync(times) ? jsonIn(times, damaged) : [];
      if (isLatencies(found)) return [...found];
      if (found !== undefined) damaged(times, "holds no times of steps");
      return [];
    },
    recordLatencies: (latencies) => writeWhole(times, `${JSON.stringify(latencies)}\n`),
  };
}

/** The setting that a folder was made for: without it nobody knows what its trials are of. */
function settingIn(path: string): Setting {
  const found = jsonIn(path, (_, why) => {
    throw new InputError(`${path} ${why}; delete the folder, or name another with --out.`);
  });
  check(
    typeof found === "object" && found !== null,
    () => `${path} holds no setting; delete the folder, or name another with --out.`,
  );
  return found as Setting;
}

/** What a file holds; undefined, and `damaged` is told, where that is no JSON. */
function jsonIn(path: string, damaged: (path: string, why: string) => undefined): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return damaged(path, "is no JSON, or is cut short");
  }
}
