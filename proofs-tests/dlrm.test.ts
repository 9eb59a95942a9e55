import { describe, expect, it } from "vitest";
import { cpu } from "../backends/cpu.ts";
import { dlrm } from "../models/dlrm.ts";
import { full } from "../models/full.ts";
import { mlp } from "../models/mlp.ts";
import { robe } from "../models/robe.ts";
import { bitsOf, model } from "./tiny-model.ts";

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
