import { cpu, cpu64 } from "../../backends/cpu/index.ts";
import type { Backend } from "../../core/backend.ts";
import { check } from "../../core/errors.ts";
import type { Optimizer } from "../../core/optimizers/optimizer.ts";
import { type Schedule, warmupAndDecay } from "../../core/optimizers/schedule.ts";
import type { Batch } from "../../models/data/dataset.ts";
import { dlrm, predict } from "../../models/dlrm/dlrm.ts";
import { trainStep } from "../../models/dlrm/train.ts";
import type { Accuracy, Recomputed } from "./compare.ts";
import { f32Accuracy, f64Accuracy } from "./dlrm.ts";
import type { Golden } from "./golden.ts";
import { load, part, type Segment, segmentsOf } from "./layout.ts";
import { configOf, type Defaults, optimizerOf, readBatch, readSetting, type Setting } from "./setting.ts";

/** The program prints 6 decimals, so a printed loss is up to half of the sixth off, on top of the run's own rounding. */
const printRounding = 5e-7;

/** The rates of a trace have 9 significant digits: each is off by at most 5e-9 of itself, and none exceeds the base rate. */
const digitRounding = 5e-9;

interface Run {
  readonly setting: Setting;
  readonly segments: readonly Segment[];
  readonly params: Golden;
  readonly batches: readonly Batch[];
  readonly optimizer: Optimizer;
  readonly schedule: Schedule;
}

/** Format dlrm-cli-1: the reference program's command line, end to end, in float32. */
export async function recomputeProgram(golden: Golden, also: readonly Backend[]): Promise<Recomputed[]> {
  const flags = flagsOf(golden.section("made_by").value("args"));
  const setting = readSetting(golden.section("config"), defaultsOf(flags));
  const rate = numberOf(flags, "--learning-rate", 0.01);
  const run: Run = {
    setting,
    segments: segmentsOf(setting),
    params: golden.section("params"),
    batches: golden.cases("steps").map((step) => readBatch(step, setting)),
    optimizer: optimizerOf(flags.get("--optimizer") ?? "sgd", rate),
    schedule: scheduleOf(flags, rate),
  };
  // The file itself is in float32, so float64 comes no nearer to it than float32 does.
  const f64: Accuracy = { ...f64Accuracy, allowed: f32Accuracy.allowed };
  const results = [trace(run), ...(await compute(run, cpu64, f64))];
  for (const backend of [cpu, ...also])
    results.push(...(await compute(run, backend, { ...f32Accuracy, by: backend.name })));
  return results;
}

/** "--flag=value", "--flag value" and a bare "--flag", in one string or a list of them. */
function flagsOf(args: unknown): Map<string, string> {
  const words = Array.isArray(args) ? args.map(String) : String(args).split(/\s+/);
  const flags = new Map<string, string>();
  let last = "";
  for (const word of words) {
    const [, name, value] = /^(--[\w-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (name !== undefined) flags.set(name, value ?? "true");
    else if (last !== "") flags.set(last, word);
    last = name ?? "";
  }
  return flags;
}

function numberOf(flags: ReadonlyMap<string, string>, name: string, otherwise: number): number {
  const value = Number(flags.get(name) ?? otherwise);
  check(
    Number.isFinite(value),
    () => `made_by.args gives ${name} as "${flags.get(name)}", which is no number.`,
  );
  return value;
}

const defaultsOf = (flags: ReadonlyMap<string, string>): Required<Defaults> => ({
  interaction: (flags.get("--arch-interaction-op") ?? "dot") as "dot" | "cat",
  itself: flags.get("--arch-interaction-itself")?.toLowerCase() === "true",
  loss: (flags.get("--loss-function") ?? "mse") as "bce" | "mse",
  clamp: numberOf(flags, "--loss-threshold", 0),
});

const scheduleOf = (flags: ReadonlyMap<string, string>, base: number): Schedule =>
  warmupAndDecay(
    {
      warmup: numberOf(flags, "--lr-num-warmup-steps", 0),
      decayStart: numberOf(flags, "--lr-decay-start-step", 0),
      decaySteps: numberOf(flags, "--lr-num-decay-steps", 0),
    },
    base,
  );

/** [scheduler step count, rate], asked once before training and once after each step. */
function trace({ batches, optimizer: { learningRate: rate }, schedule }: Run): Recomputed {
  const entries = Array.from({ length: batches.length + 1 }, (_, s) => [s + 1, rate * schedule(s + 1)]);
  return {
    array: "lr_trace",
    shape: [entries.length, 2],
    values: entries.flat(),
    precision: "f64",
    by: "schedule",
    allowed: digitRounding * rate,
  };
}

async function compute(run: Run, backend: Backend, accuracy: Accuracy): Promise<Recomputed[]> {
  const { setting, segments, params, batches, optimizer, schedule } = run;
  const model = dlrm(configOf(setting, backend));
  load(model, segments, params);
  const results: Recomputed[] = [];
  const losses: number[] = [];
  for (const [s, batch] of batches.entries()) {
    const prob = await predict(model, batch);
    const loss = await trainStep(model, batch, s + 1, { optimizer, schedule });
    results.push({ array: `steps[${s}].prob`, shape: [batch.size, 1], values: prob, ...accuracy });
    results.push({ array: `steps[${s}].loss`, shape: [], values: [loss], ...accuracy });
    losses.push(loss);
  }
  const printed = { ...accuracy, allowed: accuracy.allowed + printRounding };
  results.push({ array: "printed_losses", shape: [losses.length], values: losses, ...printed });
  for (const { name, tensor } of model.parameters) {
    const values = await tensor.data();
    for (const segment of segments.filter((s) => s.parameter === name)) {
      const array = `final_params.${segment.name}`;
      results.push({ array, shape: segment.shape, values: part(segment, values), ...accuracy });
    }
  }
  model.free();
  return results;
}
