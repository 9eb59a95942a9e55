import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { dense, gradients } from "../../../../core/backward.ts";
import { definedOnGrid } from "../../../../core/numeric/number.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { makeState, type Optimizer, optimizerStep } from "../../../../core/optimizers/optimizer.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import type { Tensor } from "../../../../core/tensor.ts";
import { type Dlrm, predict } from "../../../../models/dlrm/dlrm.ts";
import { load } from "../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../models/dlrm/saved/save.ts";
import { toTorch } from "../../../../models/export/torch/model.ts";
import { forwardBound } from "../../../laws/forward-bound.ts";
import { seed } from "../../seed.ts";
import { temporaryFolder } from "../../temporary.ts";
import { type ExportCase, exportCase, exportCases, numbered } from "./cases.ts";
import { python } from "./python.ts";

/** Models of each family. */
const count = 2;
/** The rounding error of f32; and what some thousand roundings of doubles, and roots and exponentials among them, come to. */
const [u, ofDoubles] = [2 ** -24, 2 ** -36];

interface Result {
  readonly probabilities: readonly number[];
  readonly loss: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly sgd: Result["gradients"];
  readonly adagrad: Result["gradients"];
  readonly vectors: readonly number[];
}

const root = temporaryFolder();
const cases = exportCases(count, seed).map(({ name, family, own }, i) => ({
  name,
  folder: join(root, String(i).padStart(3, "0")),
  example: exportCase(family, own),
}));
const resultOf = (folder: string): Result => JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));

/** What files say besides the models' numbers: of their training, and of what is the same of other numbers. */
const said = { settings: { data: 'csv:"ü"\n' }, training: { step: 7 } };

async function parametersOf(model: Dlrm) {
  const all = model.parameters.map(async ({ name, tensor }) => [name, await tensor.data()] as const);
  return new Map(await Promise.all(all));
}

/** Of a loss, one for each parameter; undefined where it has none. */
const gradientsOf = ({ parameters }: Dlrm, loss: Tensor) =>
  gradients(
    loss,
    parameters.map(({ tensor }) => tensor),
  );

/** Parameters of a copy of the model after five steps on the batch. */
async function stepped({ model, batch }: ExportCase, optimizer: Optimizer) {
  const copy = await model.to(cpu64);
  for (let step = 1; step <= 5; step++) {
    const all = gradientsOf(copy, copy.loss(batch));
    for (const [i, p] of copy.parameters.entries()) {
      makeState(optimizer, p);
      if (all[i]) optimizerStep(optimizer, p, all[i], step, optimizer.learningRate);
    }
  }
  return parametersOf(copy);
}

/** A rate of SGD at which the loss falls by a hundredth at most, as the gradient has it: rounding grows where a training diverges. */
async function calmRate({ model, batch }: ExportCase): Promise<number> {
  const all = gradientsOf(model, model.loss(batch));
  let squares = 0;
  for (const own of all) if (own) for (const g of await dense(own).data()) squares += g * g;
  return 0.01 / (1 + squares);
}

const near = (found: number, wanted: number) =>
  expect(Math.abs(found - wanted)).toBeLessThanOrEqual(ofDoubles * (1 + Math.abs(wanted)));

function allNear(found: Result["gradients"], wanted: ReadonlyMap<string, ArrayLike<number>>): void {
  expect(Object.keys(found).toSorted()).toEqual([...wanted.keys()].toSorted());
  for (const [name, values] of wanted) for (const [i, x] of found[name]!.entries()) near(x, values[i]!);
}

describe.skipIf(python === undefined)("an exported model in torch", () => {
  beforeAll(async () => {
    for (const { folder, example } of cases) {
      const { model, batch, padded, shape } = example;
      mkdirSync(folder);
      const single = await model.to(cpu);
      await save(join(folder, "model.safetensors"), single, said, { state: false });
      writeFileSync(join(folder, "model.py"), toTorch(single, {}));
      const rows = Array.from({ length: batch.size }, (_, i) => [...batch.dense.subarray(3 * i, 3 * i + 3)]);
      const rate = await calmRate(example);
      const given = { dense: rows, labels: [...batch.labels], ids: padded.map(Number), shape, rate };
      writeFileSync(join(folder, "case.json"), JSON.stringify(given));
    }
    execFileSync(python!, [join(import.meta.dirname, "run_cases.py"), root], {
      stdio: ["ignore", "inherit", "inherit"],
    });
  });

  it.each(cases)("$name reads the same slots with the same signs", async ({ folder, example }) => {
    const copy = await example.model.to(cpu64);
    numbered(copy);
    const expected = await copy.embedding.forward(example.batch.bags).data();
    const { vectors } = resultOf(folder);
    if (expected.every((x) => Number.isInteger(x) && Math.abs(x) <= 2 ** 53))
      expect(vectors).toEqual([...expected]);
    else for (const [i, x] of expected.entries()) near(vectors[i]!, x);
  });

  it.each(cases)("$name gives the same probabilities", async ({ folder, example: { model, batch } }) => {
    const expected = await predict(model, batch);
    const bound = await forwardBound(model, batch, u);
    for (const [i, p] of resultOf(folder).probabilities.entries())
      expect(Math.abs(p - expected[i]!)).toBeLessThanOrEqual(bound.logits[i]! / 4 + 4 * u);
  });

  it.each(cases)("$name has the same loss and gradients in doubles", async ({ folder, example }) => {
    const { model, batch } = example;
    const { loss, gradients: found } = resultOf(folder);
    const exact = model.loss(batch);
    near(loss, (await exact.data())[0]!);
    const all = gradientsOf(model, exact);
    const wanted = model.parameters.map(async ({ name, size }, i) => {
      const own = all[i] ? await dense(all[i]).data() : new Float64Array(size);
      return [name, own] as const;
    });
    allNear(found, new Map(await Promise.all(wanted)));
  });

  // Steps of ours round a memory of halves; those of torch are on the floats that it was loaded as.
  const whole = cases.filter(({ example }) => example.model.parameters.every(({ halves }) => !halves));
  it.each(whole)("$name takes the same five steps", async ({ folder, example }) => {
    const result = resultOf(folder);
    allNear(result.sgd, await stepped(example, sgd(await calmRate(example))));
    allNear(result.adagrad, await stepped(example, adagrad(0.1, { eps: 0.1 })));
  });

  it.each(cases)("$name comes back as it was, and as it was trained", async ({ folder, example }) => {
    const [first, same] = ["model", "same"].map((name) => readFileSync(join(folder, `${name}.safetensors`)));
    expect(same!.equals(first!)).toBe(true);
    const { model, about } = await load(join(folder, "other.safetensors"), { backend: cpu64 });
    expect([about.settings, about.training]).toEqual([said.settings, undefined]);
    const [before, after] = [await parametersOf(example.model), await parametersOf(model)];
    const [changed] = before.keys();
    for (const [name, values] of before)
      for (const [i, x] of values.entries()) {
        const moved = name === changed ? Math.fround(x + 1) : x;
        const half = model.parameters.find((p) => p.name === name)!.halves;
        if (!half) expect(after.get(name)![i]).toBe(moved);
        else if (half.grid) expect(after.get(name)![i]).toBe(definedOnGrid(moved, half.grid));
        else expect(Math.abs(after.get(name)![i]! - moved)).toBeLessThanOrEqual(2 ** -11 * Math.abs(moved));
      }
  });
});
