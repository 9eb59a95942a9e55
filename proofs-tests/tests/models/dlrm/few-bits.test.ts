import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { fast } from "../../../../backends/fast/index.ts";
import { validate } from "../../../../backends/validate.ts";
import type { Backend } from "../../../../core/backend.ts";
import { definedOnGrid } from "../../../../core/numeric/number.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { optimizerStep } from "../../../../core/optimizers/optimizer.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { Parameter } from "../../../../core/parameter.ts";
import { tensor } from "../../../../core/tensor.ts";
import type { Dlrm } from "../../../../models/dlrm/dlrm.ts";
import { load, restore } from "../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../models/dlrm/saved/save.ts";
import { train } from "../../../../models/dlrm/train.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { rowHash } from "../../../../models/embeddings/families/row-hash.ts";
import { temporaryFolder } from "../../temporary.ts";
import { bitsOf, data, model } from "./tiny-model.ts";

const folder = temporaryFolder();
const two = await fast({ threads: 2 });

async function walked(tiny: Dlrm, steps: number, done = 0): Promise<number[]> {
  const losses: number[] = [];
  const how = { optimizer: adagrad(0.05), batch: 64, epochs: 3, steps, from: { step: done, worse: 0 } };
  for await (const { loss } of train(tiny, data.train, how)) losses.push(loss);
  return losses;
}

describe.each([
  ["int4", robe({ compression: 2, block: 4, seed: 5, storage: "int4", memoryRange: 0.5 })],
  ["int8, of narrow rows", rowHash({ compression: 2, rowFloats: 2, storage: "int8", memoryRange: 0.5 })],
  ["int8, to nearest", robe({ compression: 2, storage: "int8", rounding: "nearest", memoryRange: 2 })],
] as const)("a memory in %s", (name, embedding) => {
  it("trains, each form and step on fast within its bound, and stays on its grid", async () => {
    const { backend, agreement } = validate(two);
    const tiny = model({ embedding, backend });
    const losses = await walked(tiny, 60);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    const { first, worst } = await agreement();
    expect(first).toBeUndefined();
    expect(worst).toBeGreaterThan(0);
    const { tensor, halves } = tiny.parameters[0]!;
    const { bits, step } = halves!.grid!;
    const whole = Array.from(await tensor.data(), (x) => x / step);
    expect(whole.every(Number.isInteger)).toBe(true);
    expect(Math.max(...whole)).toBeLessThan(2 ** (bits - 1));
    expect(Math.min(...whole)).toBeGreaterThanOrEqual(-(2 ** (bits - 1)));
    expect(new Set(whole).size).toBeGreaterThan(4);
  });

  it.each([
    ["cpu", cpu],
    ["fast", two],
  ] as const)("goes on from its file to the same bits on %s, and on another backend", async (on, backend) => {
    const place = join(folder, `${name}-${on}`);
    const [whole, stopped] = [model({ embedding, backend }), model({ embedding, backend })];
    await walked(whole, 40);
    await walked(stopped, 17);
    await save(place, stopped, { training: { step: 17 } });
    const resumed = model({ embedding, backend, seed: 1 });
    await restore(place, resumed);
    expect(await bitsOf(resumed)).toEqual(await bitsOf(stopped));
    await walked(resumed, 40, 17);
    expect(await bitsOf(resumed)).toEqual(await bitsOf(whole));
    const { model: elsewhere } = await load(place, { backend: backend === cpu ? two : cpu });
    expect(await bitsOf(await elsewhere.to(backend))).toEqual(await bitsOf(stopped));
    expect(elsewhere.parameters[0]!.halves).toMatchObject({ grid: resumed.parameters[0]!.halves!.grid });
  });
});

it.each([
  ["cpu", cpu],
  ["fast", two],
] as const)(
  "takes other numbers, as another program made them, as the nearest of its grid on %s",
  async (_, backend) => {
    const tiny = model({ embedding: robe({ compression: 2, storage: "int4", memoryRange: 1 }), backend });
    const [memory] = tiny.parameters;
    const made = Float64Array.from({ length: memory!.size }, (_, i) => Math.sin(i));
    memory!.fill(made);
    expect([...(await memory!.tensor.data())]).toEqual(
      [...made].map((x) => definedOnGrid(x, memory!.halves!.grid!)),
    );
    expect(made[1]).toBe(Math.sin(1));
    const place = join(folder, `made-${backend.name}`);
    await save(place, tiny);
    expect(await bitsOf((await load(place, { backend })).model)).toEqual(await bitsOf(tiny));
  },
);

it("validate allows a step to fall on the other side of a rounding to a grid, and no further", async () => {
  const step = 1 / 8;
  const found = async (places: number) => {
    const off: Backend = {
      ...cpu,
      update(update, weights, state, gradient) {
        cpu.update(update, weights, state, gradient);
        const moved = cpu.peek!(weights).map((w, i) => (i === 1 ? w + places * step : w));
        return { weights: cpu.upload(moved, "f16"), state: [...state] };
      },
    };
    const { backend, agreement } = validate(off);
    const memory = new Parameter("memory", tensor(backend, [2], [0, 0.25], "f16"), 1, {
      halves: { mode: "nearest", seed: 0, grid: { bits: 4, step } },
    });
    optimizerStep(sgd(1), memory, tensor(backend, [2], [step, step]), 1, 1);
    return (await agreement()).first?.index;
  };
  expect(await Promise.all([-2, -1, 0, 1, 2].map(found))).toEqual([1, undefined, undefined, undefined, 1]);
});
