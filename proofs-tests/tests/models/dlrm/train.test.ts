import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { adam } from "../../../../core/optimizers/adam.ts";
import type { Optimizer } from "../../../../core/optimizers/optimizer.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { liveTensors, tensor } from "../../../../core/tensor.ts";
import type { Dlrm } from "../../../../models/dlrm/dlrm.ts";
import { type Step, train } from "../../../../models/dlrm/train.ts";
import type { EmbeddingMaker } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { labels, made, one, saysThreeQuarters, zero } from "./made-model.ts";
import { embeddings, stepsOf } from "./small-trainings.ts";
import { bitsOf, data, model } from "./tiny-model.ts";

const mean = (losses: readonly Step[]) => losses.reduce((sum, { loss }) => sum + loss, 0) / losses.length;

describe.each(embeddings)("1,000 steps, %s", (_, embedding) => {
  const walk = { optimizer: adagrad(0.05), batch: 32, epochs: 20, steps: 1000 };

  it("hold as many tensors after each step from the first on, and the loss falls", async () => {
    const tiny = model({ embedding });
    const live = new Set<number>();
    const steps: Step[] = [];
    for await (const step of train(tiny, data.train, walk)) {
      steps.push(step);
      live.add(liveTensors());
    }
    expect(live.size).toBe(1);
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(mean(steps.slice(-100))).toBeLessThan(0.95 * mean(steps.slice(0, 100)));
    tiny.free();
  });

  it("give the same parameters bit for bit at the same seed, others at another", async () => {
    const trained = async (seed: number, shuffle: number) => {
      const tiny = model({ embedding, seed });
      await stepsOf(train(tiny, data.train, { ...walk, steps: 100, shuffle }));
      return bitsOf(tiny);
    };
    const one = await trained(1, 1);
    expect(await trained(1, 1)).toEqual(one);
    expect(await trained(2, 1)).not.toEqual(one);
    expect(await trained(1, 2)).not.toEqual(one);
  });
});

it("a training after another one goes on from its steps, to the bits of both in one", async () => {
  const walk = { optimizer: adam(0.01), batch: 100, shuffle: null };
  const [whole, parts] = [model({}), model({})];
  await stepsOf(train(whole, data.train, { ...walk, epochs: 2 }));
  const first = await stepsOf(train(parts, data.train, walk));
  await stepsOf(train(parts, data.train, { ...walk, priorSteps: first.length }));
  expect(await bitsOf(parts)).toEqual(await bitsOf(whole));
});

it("freeing a model gives back all that it and its training held", async () => {
  const before = liveTensors();
  const tiny = model({});
  await stepsOf(train(tiny, data.train, { optimizer: adagrad(0.05), batch: 32, steps: 3 }));
  tiny.free();
  expect(liveTensors()).toBe(before);
});

describe("train", () => {
  const walk = { optimizer: adagrad(0.05) as Optimizer, batch: 100 };
  const on = data.validation;

  it("walks all rows of every epoch", async () => {
    const steps = await stepsOf(train(model({}), data.train, { ...walk, epochs: 2, batch: 300 }));
    expect(steps.map(({ rows }) => rows)).toEqual([
      300, 300, 300, 300, 300, 100, 300, 300, 300, 300, 300, 100,
    ]);
    expect(steps.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
  });

  it.each([
    [{ epochs: 1 }, 16, [5, 10, 15, 16]],
    [{ epochs: 3, steps: 12 }, 12, [5, 10, 12]],
    [{ epochs: 2, steps: 20 }, 20, [5, 10, 15, 20]],
    [{ epochs: 2, steps: 12, from: { step: 7, worse: 0 } }, 12, [10, 12]],
  ])("%o: stops and measures when it is due, and at the end", async (limits, last, measured) => {
    const steps = await stepsOf(
      train(model({}), data.train, { ...walk, ...limits, evaluate: { on, every: 5 } }),
    );
    expect(steps.at(-1)!.step).toBe(last);
    expect(steps.filter(({ validation }) => validation).map(({ step }) => step)).toEqual(measured);
    for (const { validation } of steps) if (validation) expect(validation.auc.value).toBeGreaterThan(0);
  });

  it("has nothing left to do where all steps are done", async () => {
    expect(
      await stepsOf(
        train(model({}), data.train, { ...walk, epochs: 2, steps: 12, from: { step: 12, worse: 0 } }),
      ),
    ).toEqual([]);
    expect(await stepsOf(train(model({}), data.train, { ...walk, from: { step: 16, worse: 0 } }))).toEqual(
      [],
    );
  });

  it("takes no step where there are no rows", async () => {
    const none = made({ batches: () => [] });
    expect(await stepsOf(train(saysThreeQuarters(), none, { ...walk, epochs: 2 }))).toEqual([]);
  });

  it("shows an embedding that adapts the gradients of its own parameters, then tells it the batch and the step", async () => {
    const seen: unknown[] = [];
    const embedding: EmbeddingMaker = (setting) => ({
      ...full({ pooling: "learned" })(setting),
      adaptation: {
        arrays: new Map(),
        take: () => {},
        observe: (gradients) => {
          seen.push(gradients.length);
          return tensor(cpu, [2], [3, 4]);
        },
        learn: async ({ ids }, observed, t) => void seen.push([ids.length, [...observed], t]),
      },
    });
    await stepsOf(train(model({ embedding }), data.train, { ...walk, steps: 2 }));
    expect(seen).toEqual([2, [300, [3, 4], 1], 2, [300, [3, 4], 2]]);
  });

  it("opens the data once an epoch, and no more once the steps are done", async () => {
    let walks = 0;
    const counted = {
      ...data.train,
      batches: (...given: Parameters<typeof data.train.batches>) => {
        walks++;
        return data.train.batches(...given);
      },
    };
    await stepsOf(train(model({}), counted, { ...walk, epochs: 50, steps: 20 }));
    expect(walks).toBe(2);
  });

  it("stops when `patience` measurements in a row brought nothing better", async () => {
    const standing = { ...walk, optimizer: sgd(0), epochs: 9, evaluate: { on, every: 4 }, patience: 3 };
    const steps = await stepsOf(train(model({}), data.train, standing));
    expect(steps.at(-1)!.step).toBe(4 + 3 * 4); // the first is the best, three more are not better
  });

  it("compares with the best measurement, not with the last: slow recovery from a bad one is not better", async () => {
    // Of 8 rows 7, 1, 2, 3, 4, 5 are labeled 1: the first measurement is the best, and each one after the second beats the last.
    const on = made({ batches: (walk) => [labels(8, [7, 1, 2, 3, 4, 5][walk]!)] });
    const endless = made({ batches: () => [[1], [0], [1], [0], [1], [0]] });
    const standing = { optimizer: sgd(0), batch: 1, evaluate: { on, every: 1 }, patience: 3 };
    const steps = await stepsOf(train(saysThreeQuarters(), endless, standing));
    const losses = [7, 1, 2, 3].map((ones) => (ones * one + (8 - ones) * zero) / 8);
    expect(steps.map(({ validation }) => validation!.logLoss)).toEqual(
      losses.map((x) => expect.closeTo(x, 6)),
    );
  });

  it("says the loss of each batch, and measures the data that it was told to", async () => {
    const rows = made({
      batches: () => [
        [1, 1],
        [0, 0],
        [1, 0, 0],
      ],
    });
    const on = made({ batches: () => [labels(8, 2)] });
    const standing = { optimizer: sgd(0), batch: 2, evaluate: { on, every: 2 } };
    const steps = await stepsOf(train(saysThreeQuarters(), rows, standing));
    expect(steps.map(({ loss }) => loss)).toEqual(
      [one, zero, (one + 2 * zero) / 3].map((x) => expect.closeTo(x, 6)),
    );
    expect(steps.map(({ validation }) => validation && [validation.rows, validation.baseRate])).toEqual([
      undefined,
      [8, 0.25],
      [8, 0.25],
    ]);
  });

  it.each([
    [
      { shuffle: 3 },
      [
        { seed: 3, epoch: 0 },
        { seed: 3, epoch: 1 },
      ],
    ],
    [
      {},
      [
        { seed: 0, epoch: 0 },
        { seed: 0, epoch: 1 },
      ],
    ],
    [{ shuffle: null }, [undefined, undefined]],
  ])(
    "%o: walks each epoch in an order of its own, unless the data's own is asked for",
    async (order, shuffles) => {
      const rows = made({ batches: () => [[1], [0]] });
      await stepsOf(train(saysThreeQuarters(), rows, { optimizer: sgd(0), batch: 5, epochs: 2, ...order }));
      expect(rows.walks).toEqual(shuffles.map((shuffle) => ({ size: 5, shuffle })));
    },
  );

  it("tells the optimizer the number of each step and its scheduled rate, also when it goes on", async () => {
    const rule = sgd(0.5);
    const seen = new Set<string>();
    const watched: Optimizer = {
      ...rule,
      hyper(t, rate) {
        seen.add(`step ${t} at ${rate}`);
        return rule.hyper(t, rate);
      },
    };
    const rows = made({ batches: () => [[1], [0], [1], [0]] });
    const schedule = (t: number) => t / 4;
    await stepsOf(
      train(saysThreeQuarters(), rows, {
        optimizer: watched,
        batch: 1,
        schedule,
        from: { step: 1, worse: 0 },
      }),
    );
    expect([...seen]).toEqual(["step 2 at 0.25", "step 3 at 0.375", "step 4 at 0.5"]);
  });

  it("follows its schedule: a rate of 0 leaves the parameters", async () => {
    const tiny = model({});
    const before = await bitsOf(tiny);
    await stepsOf(train(tiny, data.train, { ...walk, schedule: () => 0 }));
    expect(await bitsOf(tiny)).toEqual(before);
  });

  it("stops with a sentence that names the step and the rate where the loss is no number", async () => {
    const diverging = stepsOf(train(model({}), data.train, { ...walk, optimizer: sgd(1e30) }));
    await expect(diverging).rejects.toThrow(
      /^The loss became NaN at step [2-5]: training has diverged\..*1e\+30/,
    );
  });

  it("weighs a step by its rows: the gradient of a last, shorter batch is scaled by its share of a whole one", async () => {
    const bias = async (model: Dlrm) => (await model.parameters.at(-1)!.tensor.data())[0];
    const p = (logit: number) => 1 / (1 + Math.exp(-logit));
    const first = Math.log(3) - (p(Math.log(3)) - 2 / 3);
    const walk = { optimizer: sgd(1), batch: 3 };
    const biasAfter = async (...batches: number[][]) => {
      const model = saysThreeQuarters();
      await stepsOf(train(model, made({ batches: () => batches }), walk));
      return bias(model);
    };
    expect(await biasAfter([1, 1, 0])).toBeCloseTo(first, 6);
    expect(await biasAfter([1, 1, 0], [0])).toBeCloseTo(first - p(first) / 3, 6);
    expect(await biasAfter([1])).toBeCloseTo(Math.log(3) - (p(Math.log(3)) - 1), 6); // the only batch counts whole
  });

  it("says the loss after the update where it is asked for, and holds nothing for it", async () => {
    const tiny = model({});
    for await (const { loss, lossAfter, step } of train(tiny, data.train, { ...walk, steps: 2 })) {
      const live = liveTensors();
      const after = await lossAfter();
      expect(liveTensors()).toBe(live);
      expect(after).toBeLessThan(loss);
      if (step === 2) expect(await lossAfter()).toBe(after);
    }
  });

  it.each([
    [{ batch: 0 }, "Batch size must be a whole number from 1 up, but it is 0."],
    [{ epochs: 0.5 }, "Epochs must be a whole number from 1 up, but it is 0.5."],
  ])("%o is refused", async (wrong, sentence) => {
    await expect(stepsOf(train(model({}), data.train, { ...walk, ...wrong }))).rejects.toThrow(sentence);
  });
});
