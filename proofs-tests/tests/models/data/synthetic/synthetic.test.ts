import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random } from "../../../../../core/numeric/random.ts";
import { expectedQuality } from "../../../../../models/data/synthetic/bayes.ts";
import { synthetic } from "../../../../../models/data/synthetic/synthetic.ts";
import { metrics } from "../../../../../models/metrics/metrics.ts";
import { rows, upTo } from "../rows.ts";

describe("synthetic clicks", () => {
  const planted = { tables: [1_000_000, 40_000, 300], dense: 13, rows: 20_000, seed: 3 };
  const data = synthetic(planted);
  const parts = ["train", "validation", "test"] as const;

  test("80, 10 and 10 % of the rows, the same for the same seed", async () => {
    expect(parts.map((part) => data[part].rows)).toEqual([16_000, 2_000, 2_000]);
    const again = synthetic(planted);
    expect(await rows(again.test)).toEqual(await rows(data.test));
    expect(again.best).toEqual(data.best);
    expect(await rows(synthetic({ ...planted, seed: 4 }).test)).not.toEqual(await rows(data.test));
  });

  test("labels are drawn from the probabilities: within 6 standard errors, overall and in each tenth", async () => {
    for (const part of parts) {
      const p = data.probabilities[part];
      const labels = (await rows(data[part], 500)).map((row) => row.label);
      const within = (chosen: number[]) => {
        const excess = chosen.reduce((sum, i) => sum + labels[i]! - p[i]!, 0);
        expect(Math.abs(excess)).toBeLessThan(
          6 * Math.sqrt(chosen.reduce((sum, i) => sum + p[i]! * (1 - p[i]!), 0)),
        );
      };
      within(upTo(p.length));
      for (const tenth of upTo(10)) within(upTo(p.length).filter((i) => Math.floor(10 * p[i]!) === tenth));
    }
  });

  test("rate and signal are those asked for", () => {
    const all = parts.flatMap((part) => [
      ...synthetic({ ...planted, rate: 0.1, signal: 1.2 }).probabilities[part],
    ]);
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    const logits = all.map((p) => Math.log(p / (1 - p)));
    expect(mean(all)).toBeCloseTo(0.1, 6);
    expect(Math.sqrt(mean(logits.map((z) => (z - mean(logits)) ** 2)))).toBeCloseTo(1.2, 6);
  });

  test("what is not asked for is a rate of ¼, a deviation of 1.6, Zipf's exponent 1.1, a fifth for dense features and a quarter of the ids' part in pairs", () => {
    const small = { tables: [300, 20, 5], dense: 2, rows: 500, seed: 1 };
    const spelled = { rate: 0.25, signal: 1.6, interaction: 0.25, denseShare: 0.2, spread: false };
    const whole = { exponent: 1.1, occurring: 300, carriers: 300, fading: 0, fields: [1, 1, 1] };
    expect(synthetic(small).probabilities).toEqual(
      synthetic({ ...small, ...spelled, ...whole }).probabilities,
    );
  });

  test("one number for all tables is that number for each", () => {
    const small = { tables: [300, 20, 5], dense: 2, rows: 500, seed: 1 };
    const each = { exponent: 0.5, occurring: 15, carriers: 9, fading: 0.7, fields: 2 };
    const spelled = Object.fromEntries(Object.entries(each).map(([name, x]) => [name, [x, x, x]]));
    expect(synthetic({ ...small, ...each }).probabilities).toEqual(
      synthetic({ ...small, ...spelled }).probabilities,
    );
    for (const [name, value] of Object.entries(each)) {
      const one = { ...small, ...each, [name]: [value / 3, value, value] };
      expect(synthetic(one).probabilities).not.toEqual(synthetic({ ...small, ...each }).probabilities);
    }
  });

  test("features, ids and labels are each drawn anew at another seed", async () => {
    // Without signal each label is 1 with probability ¼, whatever else was drawn.
    const at = async (seed: number) =>
      rows(synthetic({ tables: [300], dense: 1, rows: 500, seed, signal: 0 }).train, 100);
    const [one, other] = await Promise.all([at(1), at(2)]);
    const parts = (all: typeof one) => [
      all.map((r) => r.dense),
      all.map((r) => r.bags),
      all.map((r) => r.label),
    ];
    for (const [i, part] of parts(one!).entries()) expect(parts(other!)[i]).not.toEqual(part);
  });

  test("the ids of two tables are drawn apart from each other", async () => {
    const [n, size] = [8000, 50];
    const { train } = synthetic({ tables: [size, size], dense: 1, rows: n / 0.8, seed: 1, exponent: 0 });
    const same = (await rows(train, 1000)).filter(({ bags: [a, b] }) => a![0] === b![0]).length;
    expect(Math.abs(same - n / size)).toBeLessThan(6 * Math.sqrt(n / size));
  });

  test("best is expected of the test rows' true probabilities, realized is on the labels that they have", async () => {
    const { best, realized, probabilities, test } = synthetic({ ...planted, rows: 2000 });
    const p = probabilities.test;
    const labels = (await rows(test)).map((row) => row.label);
    const { auc, logLoss } = metrics(labels, p);
    expect(realized).toEqual({ auc: expect.closeTo(auc.value, 10), logLoss: expect.closeTo(logLoss, 10) });
    const entropies = p.map((x) => -x * Math.log(x) - (1 - x) * Math.log(1 - x));
    let [right, all] = [0, 0];
    p.forEach((one, i) => {
      p.forEach((other, j) => {
        if (i === j) return;
        all += one * (1 - other);
        if (one > other) right += one * (1 - other);
      });
    });
    expect(best).toEqual({
      auc: expect.closeTo(right / all, 6),
      logLoss: expect.closeTo(entropies.reduce((a, b) => a + b) / p.length, 10),
    });
  });

  test("the best is worth learning, and what was drawn is near it", () => {
    expect(data.best.auc).toBeGreaterThan(0.78);
    expect(data.best.auc).toBeLessThan(0.85);
    const clicks = 2_000 * 0.25;
    expect(Math.abs(data.realized.auc - data.best.auc)).toBeLessThan(6 * Math.sqrt(1 / (12 * clicks)));
    const variance = data.probabilities.test.reduce(
      (sum, p) => sum + p * (1 - p) * Math.log(p / (1 - p)) ** 2,
      0,
    );
    expect(Math.abs(data.realized.logLoss - data.best.logLoss)).toBeLessThan(
      (6 * Math.sqrt(variance)) / 2_000,
    );
  });

  test("no noisy version is better than the best", () =>
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 3, noNaN: true }), (seed, noise) => {
        const stream = random(seed, "noise");
        const noisy = data.probabilities.test.map(
          (p) => 1 / (1 + Math.exp(-Math.log(p / (1 - p)) - noise * stream.normal())),
        );
        const quality = expectedQuality(noisy, data.probabilities.test);
        expect(quality.auc).toBeLessThanOrEqual(data.best.auc + 1e-12);
        expect(quality.logLoss).toBeGreaterThanOrEqual(data.best.logLoss - 1e-12);
      }),
      { numRuns: 30 },
    ));

  test("ids lie in tables as large as 2³², and those of one logit share nothing else", async () => {
    const huge = synthetic({ tables: [2 ** 32, 1], dense: 0, rows: 1000, seed: 1, exponent: 0.5 });
    const ids = (await rows(huge.train, 100)).map((row) => row.bags);
    expect(ids.every(([a, b]) => a![0]! < 2 ** 32 && b![0] === 0)).toBe(true);
    expect(Math.max(...ids.map(([a]) => a![0]!))).toBeGreaterThan(2 ** 31);
  });

  test("expected AUC and log loss equal the sums over all pairs, ties and labels included", () => {
    const pair = fc.tuple(
      fc.constantFrom(0.1, 0.2, 0.5, 0.9),
      fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
    );
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 12 }), (pairs) => {
        const scores = Float64Array.from(pairs, ([s]) => s);
        const truth = pairs.map(([, p]) => p);
        let right = 0;
        let all = 0;
        pairs.forEach(([s, p], i) => {
          pairs.forEach(([other, q], j) => {
            if (i === j) return;
            all += p * (1 - q);
            right += p * (1 - q) * (s > other ? 1 : s === other ? 0.5 : 0);
          });
        });
        fc.pre(all > 1e-6);
        const quality = expectedQuality(scores, truth);
        expect(quality.auc).toBeCloseTo(right / all, 8);
        const loss =
          pairs.reduce((sum, [s, p]) => sum - p * Math.log(s) - (1 - p) * Math.log(1 - s), 0) / pairs.length;
        expect(quality.logLoss).toBeCloseTo(loss, 10);
      }),
    );
  });

  test.each([
    [{ rows: 9 }, "The number of rows must be a whole number from 10 up, but it is 9."],
    [{ tables: [5, 0] }, "rows of table 1"],
    [{ dense: -1 }, "dense features"],
    [{ rate: 1 }, "The click rate must lie between 0 and 1, but it is 1."],
    [{ exponent: [1, -1, 1] }, "The exponent of Zipf's law of table 1 must be a finite number from 0 to 10"],
    [{ occurring: 0 }, "The number of ids of table 0 that occur"],
    [{ carriers: [1, 1, 0.5] }, "The number of ids of table 2 that have an effect"],
    [{ fading: -1 }, "The fading of the effects of table 0"],
    [{ fields: [1, 1] }, "`fields` must be one number, or 3, one for each table, but it has 2."],
    [{ fields: 0 }, "The sizes of the tables' effects must not all be 0, but they are [0, 0, 0]."],
    [{ denseShare: 1.5 }, "The dense features' share of the logit"],
    [{ signal: NaN }, "The signal"],
    [{ interaction: 2 }, "The interaction"],
    [{ seed: 0.5 }, "The seed"],
    [{ tables: [1], dense: 0 }, "No feature varies"],
  ])("%o is refused", (wrong, sentence) => {
    expect(() => synthetic({ ...planted, ...wrong })).toThrow(sentence);
  });
});
