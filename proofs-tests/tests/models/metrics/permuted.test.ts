import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { permutation, type Random, random } from "../../../../core/numeric/random.ts";
import { rocAuc } from "../../../../models/metrics/auc.ts";
import { logLoss } from "../../../../models/metrics/metrics.ts";
import { aucDrop, logLossRise, type Permuted } from "../../../../models/metrics/permuted.ts";
import { average } from "./random-rows.ts";

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** `n` rows with label, one column that nobody knows but the model, and one column x ≥ −1 with a long tail; what a model says. */
function draw(n: number, stream: Random) {
  const z = Float64Array.from({ length: n }, () => stream.normal());
  const x = z.map(() => -Math.log(1 - stream.uniform()) - 1);
  const labels = z.map((known, i) => Number(stream.uniform() < sigmoid(known + x[i]!)));
  const said = (order?: Uint32Array) => z.map((known, i) => sigmoid(known + x[order ? order[i]! : i]!));
  const permuted = (): Permuted => {
    const order = permutation(n, stream);
    return { order, probabilities: said(order) };
  };
  return { scored: { labels, probabilities: said() }, permuted };
}

const some = fc.tuple(fc.integer({ min: 20, max: 60 }), fc.nat(1e6), fc.integer({ min: 2, max: 4 }));
const drawn = ([n, seed, repeats]: [number, number, number]) => {
  const { scored, permuted } = draw(n, random(seed, "some"));
  return { scored, after: Array.from({ length: repeats }, permuted), stream: random(seed, "weights") };
};

describe("what is lost when a column is permuted", () => {
  test("is the metric before, and the mean of the metric after, by the weights of rows", () =>
    fc.assert(
      fc.property(some, fc.boolean(), (given, isWeighted) => {
        const { scored, after, stream } = drawn(given);
        const { labels, probabilities } = scored;
        const weights = isWeighted ? labels.map(() => 1 + stream.integer(3)) : undefined;
        const auc = (of: ArrayLike<number>) => rocAuc(labels, of, { weights }).value;
        const loss = (of: ArrayLike<number>) => logLoss(labels, of, weights);
        const mean = (metric: typeof auc) => average(after.map((each) => metric(each.probabilities)));
        const asked = { ...scored, weights };
        expect(aucDrop(asked, after).value).toBeCloseTo(auc(probabilities) - mean(auc), 12);
        expect(logLossRise(asked, after).value).toBeCloseTo(mean(loss) - loss(probabilities), 12);
      }),
      { numRuns: 30 },
    ));

  it("is 0 for certain where no score changes", () => {
    const { scored, after } = drawn([40, 1, 3]);
    const same = after.map(({ order }) => ({ order, probabilities: scored.probabilities }));
    for (const measure of [aucDrop, logLossRise])
      expect(measure(scored, same)).toEqual({ value: 0, standardError: 0, interval: [0, 0] });
  });

  it("does not depend on how the weights are scaled, and rows of weight 0 count for nothing", () => {
    const { scored, after } = drawn([40, 2, 3]);
    const weighed = (by: number) => ({ ...scored, weights: scored.labels.map((_, i) => (i % 3) * by) });
    const wrong = (all: Float64Array) => all.map((p, i) => (i % 3 === 0 ? 1 - p : p));
    const others = after.map(({ order, probabilities }) => ({
      order,
      probabilities: wrong(Float64Array.from(probabilities)),
    }));
    for (const measure of [aucDrop, logLossRise]) {
      const one = measure(weighed(1), after);
      expect(one.standardError).toBeGreaterThan(0);
      expect(measure(weighed(8), after).standardError).toBeCloseTo(one.standardError, 12);
      expect(measure({ ...weighed(1), probabilities: wrong(scored.probabilities) }, others)).toEqual(one);
    }
  });

  it("has an interval only from two permutations and two rows of a label on", () => {
    const { scored, after } = drawn([20, 3, 2]);
    expect(() => aucDrop(scored, after.slice(1))).toThrow("needs two permutations or more, but there are 1");
    const lone = { ...scored, labels: scored.labels.map((_, i) => (i === 0 ? 1 : 0)) };
    expect(() => aucDrop(lone, after)).toThrow("needs two rows that count of each label");
    expect(logLossRise(lone, after).standardError).toBeGreaterThan(0);
  });
});

describe("over rows and permutations that are drawn again and again", () => {
  const truth = () => {
    const { scored, permuted } = draw(100_000, random(1, "truth"));
    const { labels, probabilities } = scored;
    const after = permuted().probabilities;
    return [
      rocAuc(labels, probabilities).value - rocAuc(labels, after).value,
      logLoss(labels, after) - logLoss(labels, probabilities),
    ];
  };
  const runs = Array.from({ length: 500 }, (_, run) => {
    const { scored, permuted } = draw(150, random(run, "runs"));
    const after = Array.from({ length: 3 }, permuted);
    return [aucDrop(scored, after), logLossRise(scored, after)];
  });

  test.each([0, 1])("the standard error and the interval of metric %d are as they should be", (metric) => {
    const known = truth()[metric]!;
    const estimates = runs.map((run) => run[metric]!);
    const spread = Math.sqrt(average(estimates.map(({ value }) => (value - known) ** 2)));
    const ratio = average(estimates.map(({ standardError }) => standardError)) / spread;
    expect(ratio).toBeGreaterThan(0.92);
    expect(ratio).toBeLessThan(1.08);
    const held = estimates.filter(({ interval: [low, high] }) => low <= known && known <= high);
    expect(held.length / runs.length).toBeGreaterThan(0.91);
    expect(held.length / runs.length).toBeLessThan(0.975);
  });
});
