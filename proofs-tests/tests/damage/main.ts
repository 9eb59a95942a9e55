/**
 * Tries at random what files, disks, signals and flags may do: `npm run damage -- models|rows|kills|flags --count N --seed S`.
 * Each case is drawn from the seed and its number: `--from NUMBER --count 1` tries one again.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { drawnSeed } from "../../../core/numeric/random.ts";
import { choiceOption, flagOf, type Option, wholeOption } from "../../../core/options.ts";
import type { Signal } from "./kills.ts";
import type { Findings, Tries } from "./tries.ts";

interface What {
  /** Cases, where it is not said how many. */
  readonly usual: number;
  /** MiB of memory at most. */
  readonly memory: number;
  load(): Promise<(tries: Tries & { readonly signal: Signal }) => Promise<Findings>>;
}

const all: Readonly<Record<string, What>> = {
  models: { usual: 10_000, memory: 512, load: async () => (await import("./models.ts")).models },
  rows: { usual: 50_000, memory: 1024, load: async () => (await import("./rows.ts")).rows },
  flags: { usual: 500, memory: 512, load: async () => (await import("./flags.ts")).flags },
  kills: { usual: 100, memory: 512, load: async () => (await import("./kills.ts")).kills },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(
    ["count", "seed", "from", "signal"].map((name) => [name, { type: "string" as const }]),
  ),
});
const given = <Value>(name: string, option: Option<Value>): Value | undefined =>
  values[name] === undefined ? undefined : option.accept(option.read(values[name]), flagOf(name));

const name = choiceOption(Object.keys(all), { help: "" }).accept(positionals[0], "What is damaged");
const { usual, memory, load } = all[name]!;
const count = given("count", wholeOption({ from: 1, help: "" })) ?? usual;
const seed = given("seed", wholeOption({ help: "" })) ?? drawnSeed();
const from = given("from", wholeOption({ from: 0, help: "" })) ?? 0;
const signal =
  given("signal", choiceOption<Signal>(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"], { help: "" })) ??
  "SIGKILL";
const begun = performance.now();
const temporary = mkdtempSync(join(tmpdir(), "pss-dlrm-damage-"));
process.env.TEMPORARY_FOLDER = temporary;
const run = await load();
const { counts, faults } = await run({
  count,
  seed,
  from,
  signal,
  kept: `reports/damage/${name}-${seed}`,
}).finally(() => rmSync(temporary, { recursive: true, force: true }));
const seconds = Math.round((performance.now() - begun) / 100) / 10;
const peak = Math.ceil(process.resourceUsage().maxRSS / 1024);
const tooMuch = peak > memory ? [`${peak} MiB of memory, more than ${memory}`] : [];
const wrong = [...faults, ...tooMuch];
console.log(
  JSON.stringify({ name, count, seed, from, seconds, peakMiB: peak, ...counts, faults: wrong.length }),
);
for (const fault of wrong.slice(0, 20)) console.log(fault);
process.exitCode = wrong.length > 0 ? 1 : 0;
