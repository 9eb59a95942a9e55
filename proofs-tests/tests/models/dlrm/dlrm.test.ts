import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../core/backend.ts";
import { liveTensors } from "../../../../core/tensor.ts";
import { dlrm, predict } from "../../../../models/dlrm/dlrm.ts";
import { mlp } from "../../../../models/dlrm/mlp.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { saysItsFeature } from "./made-model.ts";
import { bitsOf, firstBatch, model, said } from "./tiny-model.ts";

const wide = { bottom: [8, 6, 4], top: [8, 6, 1] };

describe("the initial values of a model", () => {
  it("come of a stream of their own for each array: no array is another one, scaled", async () => {
    const arrays = Object.entries(await bitsOf(model(wide))).filter(([, values]) => values.length > 1);
    expect(arrays).toHaveLength(1 + 6 + 5); // the table's memory, weights and biases but for the last bias, one number
    const ratios = arrays.map(([, [first, second]]) => first! / second!);
    for (const [i, ratio] of ratios.entries())
      for (const other of ratios.slice(i + 1)) expect(Math.abs(ratio / other - 1)).toBeGreaterThan(1e-4);
  });

  it("are others at another seed, in every array; seed 0 where none is given", async () => {
    const at = async (seed: number) => bitsOf(model({ ...wide, seed }));
    const [one, other] = [await at(1), await at(2)];
    for (const [name, [first]] of Object.entries(one)) expect(other[name]![0], name).not.toBe(first);
    const { seed: _, ...unseeded } = model({}).config;
    expect(await bitsOf(dlrm(unseeded))).toEqual(await bitsOf(model({ seed: 0 })));
  });

  it.each([
    ["a hidden layer of the bottom", { bottom: [50, 6, 4] }, /^(embedding|bottom\.2|top)/],
    ["a hidden layer of the top", { top: [50, 6, 1] }, /^(embedding|bottom|top\.2)/],
    ["the tables", { tables: [70, 20, 5] }, /^(bottom|top)/],
    ["the number of tables", { tables: [50, 20, 5, 5] }, /^(bottom|top\.[12]|top\.0\.bias)/],
    ["how the tables are kept", { embedding: robe({ compression: 4 }) }, /^(bottom|top)/],
  ])("that do not depend on %s stay when it changes: %o", async (_, change, same) => {
    const [before, after] = [await bitsOf(model(wide)), await bitsOf(model({ ...wide, ...change }))];
    const names = Object.keys(before).filter((name) => same.test(name));
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(after[name], name).toEqual(before[name]);
  });

  it("of a layer are normal: variance 2/(out + in) of a weight, 1/out of a bias", async () => {
    const [out, inputs] = [3000, 5];
    const layer = mlp("layer", [inputs, out], { logit: false, seed: 3, backend: cpu });
    for (const [i, variance] of [2 / (out + inputs), 1 / out].entries()) {
      const values = Float64Array.from(
        await layer.parameters[i]!.tensor.data(),
        (x) => x / Math.sqrt(variance),
      );
      const mean = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / values.length;
      // The moments of a standard normal number are 0, 1 and 3, and their variances 1, 2 and 96; six deviations.
      for (const [power, moment, spread] of [
        [1, 0, 1],
        [2, 1, 2],
        [4, 3, 96],
      ] as const)
        expect(Math.abs(mean(power) - moment)).toBeLessThan(6 * Math.sqrt(spread / values.length));
    }
  });

  it("of a full table lie within 1/√rows of 0, evenly", async () => {
    const rows = 2000;
    const tiny = model({ tables: [rows], embedding: full() });
    const values = Array.from(await tiny.parameters[0]!.tensor.data(), (x) => x * Math.sqrt(rows));
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(1 + 1e-6);
    const mean = (power: number) => values.reduce((sum, x) => sum + x ** power, 0) / values.length;
    // Even on [−1, 1]: mean 0 of variance ⅓, mean square ⅓ of variance ⅕ − ⅑.
    expect(Math.abs(mean(1))).toBeLessThan(6 * Math.sqrt(1 / 3 / values.length));
    expect(Math.abs(mean(2) - 1 / 3)).toBeLessThan(6 * Math.sqrt(4 / 45 / values.length));
  });
});

describe("a model's answers", () => {
  it("cost their logit where they are certain and wrong, however certain", async () => {
    const batch = (x: number, label: number) => ({
      size: 1,
      dense: Float32Array.of(x),
      labels: Float32Array.of(label),
      bags: { ids: new Uint32Array(1), offsets: Uint32Array.of(0, 1) },
    });
    expect(await saysItsFeature().loss(batch(200, 0)).item()).toBe(200);
    expect(await saysItsFeature().loss(batch(200, 1)).item()).toBe(0);
    const clamped = dlrm({ ...saysItsFeature().config, clamp: 0.25 });
    for (const p of clamped.parameters) p.fill(new Float32Array(p.size).fill(1));
    expect(Array.from(await predict(clamped, batch(200, 0)))).toEqual([0.75]);
    expect(await clamped.loss(batch(200, 0)).item()).toBeCloseTo(Math.log(4), 6);
    const squared = dlrm({ ...clamped.config, loss: "mse" });
    for (const p of squared.parameters) p.fill(new Float32Array(p.size).fill(1));
    expect(await squared.loss(batch(200, 0)).item()).toBeCloseTo(0.75 ** 2, 6);
  });

  it("hold no tensor once they are read", async () => {
    const [tiny, batch] = [model({}), await firstBatch(8)];
    const before = liveTensors();
    expect((await predict(tiny, batch)).length).toBe(8);
    expect(liveTensors()).toBe(before);
  });

  it("are of products of different vectors, and of each with itself where that is asked for", async () => {
    const width = async (config: Parameters<typeof model>[0]) =>
      model(config).forward(await firstBatch(8)).interaction.shape[1];
    // The bottom's 4 floats, and 6 pairs of 4 vectors; 4 more with themselves; or 4 · 4 floats side by side.
    expect(await width({})).toBe(4 + 6);
    expect(await width({ itself: false })).toBe(4 + 6);
    expect(await width({ itself: true })).toBe(4 + 10);
    expect(await width({ interaction: "cat" })).toBe(16);
  });
});

describe("a model that cannot be is refused: ", () => {
  it.each<[string, Parameters<typeof model>[0], string]>([
    ["no dense feature", { dense: 0 }, "Dense features must be a whole number from 1 up"],
    ["no floats a row", { dim: 0 }, "Embedding dim must be a whole number from 1 up"],
    ["no table", { tables: [] }, "A DLRM needs at least one embedding table"],
    ["an empty table", { tables: [5, 0] }, "Rows of table 1 must be a whole number from 1"],
    ["a table of more than 2³² rows", { tables: [2 ** 32 + 1] }, "Rows of table 0 must be"],
    ["an empty layer", { bottom: [0, 4] }, "MLP layer size must be a whole number from 1 up"],
    ["an empty layer at the top", { top: [0, 1] }, "MLP layer size must be a whole number from 1 up"],
    [
      "a bottom that does not end in dim",
      { bottom: [8, 5] },
      "must end in the embedding dim 4, but its sizes are 8-5",
    ],
    [
      "a top that does not end in one logit",
      { top: [8, 2] },
      "must end in 1, the logit, but its sizes are 8-2",
    ],
    ["a clamp of a half", { clamp: 0.5 }, "Clamp threshold must be"],
    ["a clamp below 0", { clamp: -0.1 }, "Clamp threshold must be"],
    ["another loss", { loss: "mae" as "mse" }, 'There is no loss "mae"; choose bce or mse.'],
    [
      "another interaction",
      { interaction: "sum" as "cat" },
      'There is no interaction "sum"; choose dot or cat.',
    ],
  ])("%s", (_, config, words) => {
    expect(said(() => model(config))).toContain(words);
  });

  it("a batch of other sizes", async () => {
    const [tiny, batch] = [model({}), await firstBatch(8)];
    const answer = (more: Partial<typeof batch>) => said(() => tiny.forward({ ...batch, ...more }));
    expect(answer({ dense: new Float32Array(31) })).toContain("needs 32 dense numbers (4 each), but has 31");
    const { ids, offsets } = batch.bags;
    expect(answer({ bags: { ids, offsets: offsets.slice(0, -1) } })).toContain("needs 24 bags, but has 23");
  });
});

it("a model moves from where its parameters cannot be read at once, bit for bit, to any backend", async () => {
  const { peek: _, ...away } = cpu;
  const tiny = model({ backend: away as Backend });
  const there = await tiny.to(cpu64);
  expect([there.backend.name, await bitsOf(await there.to(cpu))]).toEqual(["cpu64", await bitsOf(tiny)]);
});

describe("the loss of rows with weights", () => {
  it("is their mean by weight, and 0 where they weigh nothing", async () => {
    const tiny = model({ backend: cpu64 });
    const batch = await firstBatch(5);
    const lossOf = (weights: readonly number[]) =>
      tiny.loss({ ...batch, weights: Float32Array.from(weights) }).item();
    const alone: number[] = [];
    for (const row of [0, 1, 2, 3, 4])
      alone.push(await lossOf([0, 1, 2, 3, 4].map((i) => (i === row ? 3 : 0))));
    const weights = [0.5, 0, 4, 2, 1.5];
    const mean = weights.reduce((sum, weight, i) => sum + weight * alone[i]!, 0) / 8;
    expect(await lossOf(weights)).toBeCloseTo(mean, 12);
    expect(await lossOf([2, 2, 2, 2, 2])).toBeCloseTo(await tiny.loss(batch).item(), 12);
    expect(await lossOf([0, 0, 0, 0, 0])).toBe(0);
  });
});
