import { type ChildProcess, fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../../cli/flags.ts";
import { random } from "../../../core/numeric/random.ts";
import { clicks, columns, fileOf } from "../cli/clicks/clicks.ts";
import { run } from "../cli/command.ts";
import { temporaryFolder } from "../temporary.ts";
import { commandLineFor, type Places } from "./command-lines.ts";
import type { Came } from "./flags-runner.ts";
import { badSentence, Findings, numbersOf, type Tries } from "./tries.ts";
import { numbersIn, type Pair, pairFor } from "./unused-flags.ts";

/** Milliseconds that a command line may take, on a machine that does other things too. */
const limit = 120_000;

/** Verbs whose exit code may be 1: they hold something to a law, or measure it. */
const judges = ["verify", "golden", "prove", "bench", "tradeoff"];

/**
 * Runs drawn command lines in a process beside, a fresh one where that ends or hangs. Each exits with 0, 1 or 2; a refusal
 * is one sentence and prints nothing else; and where it worked, the verb has asked for the value of every flag that was given.
 * Of the options of what a flag chooses (`--embedding`, `--data`) that is not looked at: what is chosen accepts them all. So
 * every second case gives `train` or `tradeoff` one flag more than they need, in turn: it is refused, or changes some number.
 */
export async function flags(tries: Tries): Promise<Findings> {
  const found = new Findings(tries.kept);
  const places = await placesIn(temporaryFolder());
  let runner = new Runner(places.folder);
  try {
    for (const number of numbersOf(tries)) {
      const stream = random(tries.seed, "flags", number);
      const pair = number % 2 === 1 ? pairFor((number - 1) / 2, stream, places) : undefined;
      const args = pair?.args ?? (await commandLineFor(stream, places));
      const came = await runner.run(args);
      found.count(came === undefined ? "hung or ended" : `exit ${came.code}`);
      let wrong = came === undefined ? `no answer: the process hung or ended` : wrongIn(args, came);
      if (pair && came?.code === 0) {
        found.count("tried without a flag");
        wrong ??= unusedIn(pair, came, await runner.run(pair.without));
      }
      if (wrong !== undefined)
        found.fault(number, `${wrong}: ${commandLine(args).slice(0, 2000)}`, {
          "came.json": JSON.stringify({ args, came }),
        });
      if (came === undefined) {
        runner.end();
        runner = new Runner(places.folder);
      }
    }
    return found;
  } finally {
    runner.end();
  }
}

/** Files that flags may name, in a new folder. */
async function placesIn(folder: string): Promise<Places> {
  const line = (i: number) =>
    [i % 2, ...new Array(13).fill(i), ...new Array(26).fill(i.toString(16))].join("\t");
  const criteo = join(folder, "criteo.tsv");
  writeFileSync(criteo, Array.from({ length: 60 }, (_, i) => `${line(i)}\n`).join(""));
  const checkpoint = join(folder, "checkpoint");
  const csv = fileOf(clicks(60, 1));
  const made = ["--data", `csv:${csv}`, ...columns, "--dim", "4", "--bottom", "4,4"];
  const { code, err } = await run("train", ...made, "--backend", "cpu", "--checkpoint", checkpoint);
  if (code !== 0) throw new Error(err);
  const work = join(folder, "work");
  mkdirSync(work);
  return {
    csv,
    criteo,
    checkpoint,
    folder: work,
    golden: resolve("proofs-tests/golden/files/dlrm-onehot-dot-sgd.json"),
  };
}

/** What long work says on its way, which may end in a refusal all the same. */
const progress = /^((Trains|Scores|Permutes) .*\.|reading: \d+ rows|step \d+.*|.*; at least \d+ left, .*)$/;

/** What is wrong with what came of a command line, if something is. */
function wrongIn([verb]: readonly string[], { code, out, err, thrown, unread }: Came): string | undefined {
  if (thrown !== undefined) return thrown;
  if (code === 2) {
    if (out !== "") return "a refusal after output";
    const lines = err.replace(/\n$/, "").split("\n");
    const said = lines.filter((line, i) => i === lines.length - 1 || !progress.test(line)).join("\n");
    const bad = badSentence(said, 1500);
    return bad && `a refusal with ${bad}: ${err.slice(0, 2000)}`;
  }
  if (code !== 0 && !(code === 1 && judges.includes(verb!))) return `exit ${code}`;
  if (/^\s+at .*:\d+:\d+/m.test(err)) return `a stack trace: ${err.slice(0, 2000)}`;
  return unread.length > 0 ? `given, but not read: ${unread.join(", ")}` : undefined;
}

/** What is wrong with a command line of a flag without which the same numbers come. */
const unusedIn = ({ flag }: Pair, came: Came, without: Came | undefined): string | undefined =>
  without?.code === 0 && numbersIn(came.out) === numbersIn(without.out)
    ? `${flag} is given, but changes no number`
    : undefined;

/** A process that runs command lines in the folder `cwd`. */
class Runner {
  private readonly child: ChildProcess;

  constructor(cwd: string) {
    const program = fileURLToPath(new URL("flags-runner.ts", import.meta.url));
    this.child = fork(program, {
      cwd,
      execArgv: ["--import", import.meta.resolve("tsx"), "--max-old-space-size=1024"],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
    });
  }

  /** What came of a command line; undefined where the process ended or did not answer. */
  run(args: readonly string[]): Promise<Came | undefined> {
    return new Promise((resolve) => {
      const { child } = this;
      const done = (came?: Came) => {
        clearTimeout(timer);
        child.off("message", done);
        child.off("exit", ended);
        resolve(came);
      };
      const ended = () => done();
      const timer = setTimeout(ended, limit);
      child.on("message", done);
      child.on("exit", ended);
      child.send(args as string[]);
    });
  }

  end(): void {
    this.child.kill("SIGKILL");
  }
}
