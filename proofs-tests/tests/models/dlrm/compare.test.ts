import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { gpu } from "../../../../backends/gpu/index.ts";
import type { Backend, FloatArray } from "../../../../core/backend.ts";
import { ulpsApart } from "../../../../core/numeric/number.ts";
import type { Batch } from "../../../../models/data/dataset.ts";
import { compare } from "../../../../models/dlrm/compare.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { data, firstBatch, model } from "./tiny-model.ts";

const embeddings = [
  ["full", full()],
  ["robe", robe({ compression: 4, block: 4, seed: 5 })],
] as const;

describe.each(embeddings)("compare, %s", (_, embedding) => {
  it("finds nothing between a model and its copy", async () => {
    const tiny = model({ embedding });
    const { calls, loss, firstDifference, firstOutOfBound, mostUlps } = await compare(
      tiny,
      await tiny.to(cpu),
      await firstBatch(16),
    );
    expect(calls).toBeGreaterThan(50);
    expect([firstDifference, firstOutOfBound, mostUlps.ulps]).toEqual([undefined, undefined, 0]);
    expect(loss.a).toBe(loss.b);
    expect(mostUlps).toMatchObject({ call: 0, index: 0 }); // the first of many that are as near
    // Seven tensors to the bottom's output, three to the embeddings, four to their interaction, six to the logits; labels
    // and losses, their sum in two steps, and then their mean.
    expect(loss.call).toBe(7 + 3 + 4 + 6 + 4);
    expect(loss.a).toBe(await tiny.loss(await firstBatch(16)).item());
  });

  it("finds rounding and no more between two sound backends", async () => {
    const tiny = model({ embedding });
    for (const other of [cpu64, await gpu({ mode: "webasm" })]) {
      const { firstDifference, firstOutOfBound, worst, mostUlps } = await compare(
        tiny,
        await tiny.to(other),
        await firstBatch(16),
      );
      expect(firstDifference).toBeDefined();
      expect(mostUlps.ulps).toBeGreaterThanOrEqual(1);
      expect(firstOutOfBound).toBeUndefined();
      expect(worst.fraction).toBeLessThanOrEqual(1);
      expect(worst.fraction).toBeGreaterThan(0);
    }
  });

  it.each([
    ["matmul", "linear", 3],
    ["gather", "embeddingBag", 5],
    ["pairs", "pairwiseDot", 2],
    ["scatter", "embeddingBagGrad", 1],
    ["mix", "pairwiseDotGrad", 4],
  ])("says where a wrong %s is: op %s, element %i", async (kind, op, index) => {
    const wrong: Backend = {
      ...cpu,
      run(form, inputs) {
        const out = cpu.run(form, inputs) as FloatArray;
        if (form.kind === kind) out[index]! += 1e-3;
        return out;
      },
    };
    const tiny = model({ embedding });
    const { firstOutOfBound, firstDifference } = await compare(
      tiny,
      await tiny.to(wrong),
      await firstBatch(16),
    );
    expect(firstOutOfBound).toMatchObject({ op, index });
    expect(firstOutOfBound!.fraction).toBeGreaterThan(10);
    expect(firstOutOfBound!.b - firstOutOfBound!.a).toBeCloseTo(1e-3, 5);
    expect(firstDifference).toEqual(firstOutOfBound);
  });

  it("says in which call, and judges an error by its bound: three times that is too much", async () => {
    /** A gather whose element 5 is off by so much on the second model. */
    const off = async (error: number) => {
      const wrong: Backend = {
        ...cpu,
        run(form, inputs) {
          const out = cpu.run(form, inputs) as FloatArray;
          if (form.kind === "gather") out[5]! += error;
          return out;
        },
      };
      const tiny = model({ embedding });
      return compare(tiny, await tiny.to(wrong), await firstBatch(16));
    };
    const { firstOutOfBound, loss, calls } = await off(1e-3);
    const found = await off((3 * 1e-3) / firstOutOfBound!.fraction);
    expect(found.firstOutOfBound).toMatchObject({
      op: "embeddingBag",
      index: 5,
      call: firstOutOfBound!.call,
    });
    expect(found.firstOutOfBound!.fraction).toBeLessThan(5);
    expect(found.worst).toEqual(found.firstOutOfBound);
    // Batch and parameters come first, the loss ends the forward pass, and gradients follow.
    expect(firstOutOfBound!.call).toBeGreaterThan(0);
    expect(loss.call).toBeGreaterThan(firstOutOfBound!.call);
    expect(calls).toBeGreaterThan(loss.call + 1);
  });
});

/** The reference, but element `index` of each result of `kind` is `steps` floats further from 0. */
const nudged = (kind: string, index: number, steps: number): Backend => ({
  ...cpu,
  run(form, inputs) {
    const out = cpu.run(form, inputs) as Float32Array;
    if (form.kind === kind) new Int32Array(out.buffer)[index]! += steps;
    return out;
  },
});

describe("compare", () => {
  it.each([1, 2, 5])("says that models part where an element first differs, by %i floats", async (steps) => {
    const tiny = model({});
    const other = await tiny.to(nudged("pairs", 3, steps));
    const { firstDifference, firstOutOfBound, mostUlps, calls } = await compare(
      tiny,
      other,
      await firstBatch(16),
    );
    expect(firstDifference).toMatchObject({ op: "pairwiseDot", index: 3, ulps: steps });
    expect(firstDifference!.b).not.toBe(firstDifference!.a);
    expect(firstOutOfBound).toBeUndefined(); // rounding would explain it
    expect(mostUlps.ulps).toBeGreaterThanOrEqual(steps);
    expect(firstDifference!.call).toBeLessThan(calls);
  });

  it("judges both models: the bound counts that either of them used more of", async () => {
    const [sound, batch] = [model({}), await firstBatch(16)];
    const wrong = await sound.to(nudged("pairs", 3, 10_000));
    const [there, back] = [await compare(sound, wrong, batch), await compare(wrong, sound, batch)];
    for (const { firstOutOfBound } of [there, back])
      expect(firstOutOfBound).toMatchObject({ op: "pairwiseDot", index: 3 });
    expect(there.firstOutOfBound!.fraction).toBe(back.firstOutOfBound!.fraction);
    expect([there.firstOutOfBound!.a, there.firstOutOfBound!.b]).toEqual([
      back.firstOutOfBound!.b,
      back.firstOutOfBound!.a,
    ]);
    expect(there.worst.fraction).toBeGreaterThanOrEqual(there.firstOutOfBound!.fraction);
    expect(there.worst.fraction).toBe(back.worst.fraction);
  });

  it("names a parameter that differs, and the batch", async () => {
    const [tiny, batch] = [model({}), await firstBatch(16)];
    const other = await tiny.to(cpu);
    const bias = other.parameters.find(({ name }) => name === "top.1.bias")!;
    bias.fill([5]);
    expect((await compare(tiny, other, batch)).firstDifference).toMatchObject({
      op: "top.1.bias",
      index: 0,
      b: 5,
    });
    const same = await compare(tiny, await tiny.to(cpu), batch);
    expect(same.mostUlps.op).toBe("batch");
  });

  it("reads the losses of both models", async () => {
    const [sound, batch] = [model({}), await firstBatch(16)];
    const wrong = await sound.to(nudged("pairs", 3, 1_000_000));
    const { loss } = await compare(sound, wrong, batch);
    expect([loss.a, loss.b]).toEqual([await sound.loss(batch).item(), await wrong.loss(batch).item()]);
    expect(loss.a).not.toBe(loss.b);
  });
});

it("models of other layers cannot be compared", async () => {
  const batch = await firstBatch(4);
  await expect(compare(model({}), model({ bottom: [8, 8, 4] }), batch)).rejects.toThrow(
    "compare needs two models of the same layers",
  );
  // As many layers, but another one of them below the interaction.
  await expect(compare(model({}), model({ bottom: [8, 8, 4], top: [1] }), batch)).rejects.toThrow(
    "compare needs two models of the same layers",
  );
});

describe("ulpsApart", () => {
  const next = (x: number): number => {
    const float = Float32Array.of(x);
    const bits = new Int32Array(float.buffer);
    bits[0]! += x < 0 ? -1 : 1;
    return float[0]!;
  };

  it("is 1 between neighbors, and adds up along the line, across zero too", () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(float, float, float, (a, b, c) => {
        const [x, y, z] = [a, b, c].sort((p, q) => p - q) as [number, number, number];
        expect(ulpsApart(x, y) + ulpsApart(y, z)).toBe(ulpsApart(x, z));
        expect(ulpsApart(x, y)).toBe(ulpsApart(y, x));
        if (x !== 0) expect(ulpsApart(x, next(x))).toBe(1);
      }),
    );
    expect(ulpsApart(-0, 0)).toBe(0);
    expect(ulpsApart(-(2 ** -149), 2 ** -149)).toBe(2);
    expect(ulpsApart(1, 1 + 2 ** -23)).toBe(1);
  });

  it("is infinite from NaN to any number", () => {
    expect([ulpsApart(Number.NaN, 1), ulpsApart(1, Number.NaN)]).toEqual([Infinity, Infinity]);
    expect(ulpsApart(Number.NaN, Number.NaN)).toBe(0);
  });
});

describe("compare, of several batches", () => {
  const tiny = model({});
  const part = data.train.select((row) => row < 800);

  it("takes batches and datasets, and counts the tensors of all", async () => {
    const other = await tiny.to(cpu64);
    const batches: Batch[] = [];
    for await (const batch of part.batches(256)) batches.push(batch);
    const each = await Promise.all(batches.map((batch) => compare(tiny, other, batch)));
    const calls = each.reduce((sum, one) => sum + one.calls, 0);
    const worst = Math.max(...each.map((one) => one.worst.fraction));
    for (const rows of [batches, part, part.batches(256)]) {
      const found = await compare(tiny, other, rows);
      expect([found.calls, found.worst.fraction, found.firstDifference]).toEqual([
        calls,
        worst,
        each[0]!.firstDifference,
      ]);
      expect(found.mostUlps.ulps).toBe(Math.max(...each.map((one) => one.mostUlps.ulps)));
      expect(found.loss.ulps).toBe(Math.max(...each.map((one) => one.loss.ulps)));
    }
  });

  it("says in which call of which batch a fault is that the first batch does not have", async () => {
    const batch = await firstBatch(16);
    let runs = 0;
    const wrong: Backend = {
      ...cpu,
      run(form, inputs) {
        const out = cpu.run(form, inputs) as FloatArray;
        if (form.kind === "pairs" && ++runs === 2) out[3]! += 1;
        return out;
      },
    };
    const other = await tiny.to(wrong);
    const { calls } = await compare(tiny, await tiny.to(cpu), batch);
    const { firstOutOfBound, firstDifference } = await compare(tiny, other, [batch, batch]);
    expect(firstOutOfBound).toMatchObject({ op: "pairwiseDot", index: 3 });
    expect(firstOutOfBound!.call).toBeGreaterThan(calls);
    expect(firstDifference).toEqual(firstOutOfBound);
  });

  it("refuses no rows", async () => {
    await expect(compare(tiny, await tiny.to(cpu), [])).rejects.toThrow("needs rows to compare on");
  });
});
