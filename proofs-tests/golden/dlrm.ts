import { cpu, cpu64 } from "../../backends/cpu/index.ts";
import type { Backend } from "../../core/backend.ts";
import { dense, gradients } from "../../core/backward.ts";
import { eachRead } from "../../core/lookup.ts";
import type { Optimizer } from "../../core/optimizers/optimizer.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import { type Cotangent, Tensor, tidy } from "../../core/tensor.ts";
import type { Batch } from "../../models/data/dataset.ts";
import { type Dlrm, dlrm, predict } from "../../models/dlrm/dlrm.ts";
import { trainStep } from "../../models/dlrm/train.ts";
import { type Accuracy, exactly, type Recomputed } from "./compare.ts";
import type { Golden } from "./golden.ts";
import { load, part, type Segment, segmentsOf } from "./layout.ts";
import { configOf, optimizerOf, readBatch, readSetting, type Setting } from "./setting.ts";

/** The files are a float64 run printed with 13 digits. */
export const f64Accuracy: Accuracy = { precision: "f64", by: cpu64.name, allowed: 1e-10 };

/** The reference program's own float32 run strays by up to 8e-7 from its float64 one; another order of sums, by as much again. */
export const f32Accuracy: Accuracy = { precision: "f32", by: cpu.name, allowed: 2e-6 };

interface Run {
  readonly setting: Setting;
  readonly segments: readonly Segment[];
  readonly params: Golden;
  readonly batches: readonly Batch[];
  readonly optimizer: Optimizer;
  readonly steps: number;
}

/** Formats dlrm-golden-1 and robe-dlrm-golden-1: a forward pass, its gradients, and a whole training run. */
export async function recomputeDlrm(golden: Golden, also: readonly Backend[]): Promise<Recomputed[]> {
  const run = readRun(golden);
  const f32 = { ...f32Accuracy, allowed: Math.max(f32Accuracy.allowed, ownStray(golden)) };
  const results = await compute(run, cpu64, f64Accuracy);
  for (const backend of [cpu, ...also])
    results.push(...(await compute(run, backend, { ...f32, by: backend.name })));
  return results;
}

function readRun(golden: Golden): Run {
  const config = golden.section("config");
  const setting = readSetting(config);
  const optimizer = config.section("optimizer");
  return {
    setting,
    segments: segmentsOf(setting),
    params: golden.section("params"),
    batches: golden.cases("batches").map((batch) => readBatch(batch, setting)),
    optimizer: optimizerOf(optimizer.text("name"), optimizer.number("lr"), optimizer),
    steps: config.number("steps"),
  };
}

/** How far the file says that the program's float32 run strays from its float64 one; no other can be held to less. */
function ownStray(golden: Golden): number {
  const strays = golden.has("f32_max_abs_diff") ? golden.section("f32_max_abs_diff") : undefined;
  return Math.max(
    golden.number("f32_max_abs_diff_final_params", 0),
    ...(strays?.keys.map((key) => strays.number(key)) ?? []),
  );
}

async function compute(run: Run, backend: Backend, accuracy: Accuracy): Promise<Recomputed[]> {
  const { setting, segments, params, batches, optimizer, steps } = run;
  const model = dlrm(configOf(setting, backend));
  load(model, segments, params);
  const results: Recomputed[] = [];
  const add = (array: string, shape: Shape, values: ArrayLike<number>, how = accuracy) =>
    results.push({ array, shape, values, ...how });
  await addFirstForward(add, model, batches[0]!);
  await addFirstGradients(add, model, batches[0]!, segments);
  const losses: number[] = [];
  const probabilities: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = batches[step % batches.length]!;
    probabilities.push(...Array.from(await predict(model, batch)));
    losses.push(await trainStep(model, batch, step + 1, { optimizer }));
    if (step === 0) await addParameters(add, "step0.params_after", model, segments);
  }
  add("losses", [steps], losses);
  if (accuracy.precision === "f32") add("losses_f32", [steps], losses);
  add("probs", [steps, batches[0]!.size], probabilities);
  const final: number[] = [];
  for (const batch of batches) final.push(await lossOf(model, batch));
  add("final_losses", [batches.length], final);
  await addParameters(add, "final_params", model, segments);
  model.free();
  return results;
}

type Add = (array: string, shape: Shape, values: ArrayLike<number>, how?: Accuracy) => void;

async function addFirstForward(add: Add, model: Dlrm, batch: Batch): Promise<void> {
  const { tables, dim } = model.config;
  const forward = tidy(() => ({ ...model.forward(batch) }));
  add("step0.bot_out", forward.bottom.shape, await forward.bottom.data());
  const pooled = await forward.embeddings.data();
  const byTable = tables.flatMap((_, t) =>
    Array.from({ length: batch.size }, (_, b) => {
      const from = (b * tables.length + t) * dim;
      return Array.from(pooled.subarray(from, from + dim));
    }).flat(),
  );
  add("step0.emb_out", [tables.length, batch.size, dim], byTable);
  add("step0.interact_out", forward.interaction.shape, await forward.interaction.data());
  add("step0.logit", forward.logits.shape, await forward.logits.data());
  add("step0.prob", forward.probabilities.shape, await forward.probabilities.data());
  add("step0.loss", [], [await lossOf(model, batch)]);
  for (const tensor of Object.values(forward)) tensor.free();
}

async function lossOf(model: Dlrm, batch: Batch): Promise<number> {
  const loss = tidy(() => model.loss(batch));
  const value = await loss.item();
  loss.free();
  return value;
}

async function addFirstGradients(
  add: Add,
  model: Dlrm,
  batch: Batch,
  segments: readonly Segment[],
): Promise<void> {
  const found = tidy(() => {
    const tensors = model.parameters.map((p) => p.tensor);
    return gradients(model.loss(batch), tensors).map((gradient) => ({
      whole: gradient && dense(gradient),
      slots: slotsOf(gradient),
    }));
  });
  for (const [i, { whole, slots }] of found.entries()) {
    const values = (await whole?.data()) ?? new Float64Array(model.parameters[i]!.size);
    for (const segment of segments.filter((s) => s.parameter === model.parameters[i]!.name)) {
      add(`step0.grad.${segment.name}`, segment.shape, part(segment, values));
      if (!segment.name.startsWith("emb_l")) continue;
      const rows = rowsOf(segment, slots);
      add(`step0.grad_rows.${segment.name}`, [rows.length], rows, exactly(model.backend.name));
    }
  }
}

/** The slots of a memory that its gradient names. */
function slotsOf(gradient: Cotangent | null): Set<number> {
  const slots = new Set<number>();
  if (gradient === null || gradient instanceof Tensor) return slots;
  for (const { lookup } of gradient.parts) eachRead(lookup, (_, __, slot) => slots.add(slot));
  return slots;
}

/** The rows of a table that lie on these slots, ascending. */
function rowsOf({ from, shape }: Segment, slots: ReadonlySet<number>): number[] {
  const width = shape[1] ?? 1;
  const rows = new Set<number>();
  for (const slot of slots) {
    if (slot >= from && slot < from + sizeOf(shape)) rows.add(Math.floor((slot - from) / width));
  }
  return [...rows].sort((a, b) => a - b);
}

async function addParameters(
  add: Add,
  name: string,
  model: Dlrm,
  segments: readonly Segment[],
): Promise<void> {
  for (const parameter of model.parameters) {
    const values = await parameter.tensor.data();
    for (const segment of segments.filter((s) => s.parameter === parameter.name)) {
      add(`${name}.${segment.name}`, segment.shape, part(segment, values));
    }
  }
}
