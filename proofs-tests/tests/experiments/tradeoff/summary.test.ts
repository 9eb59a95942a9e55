import { describe, expect, it } from "vitest";
import { ratioOverSeeds } from "../../../experiments/tradeoff/over-seeds.ts";
import { keyOf, type Outcome } from "../../../experiments/tradeoff/protocol.ts";
import { type Row, summarize } from "../../../experiments/tradeoff/summary.ts";
import { outcomes, protocolOf, trained } from "./made.ts";

const three = protocolOf({ seeds: [0, 1, 2] });

describe("a summary", () => {
  const known = outcomes(three, {
    full: [
      trained(
        [
          [10, 0.6],
          [20, 0.8],
          [30, 0.79],
        ],
        0.75,
      ),
      trained(
        [
          [10, 0.7],
          [20, 0.8],
        ],
        0.76,
      ),
      trained(
        [
          [10, 0.8],
          [20, 0.7],
        ],
        0.77,
      ),
    ],
    robe: [
      trained(
        [
          [10, 0.6],
          [20, 0.795],
          [30, 0.81],
        ],
        0.74,
      ),
      trained(
        [
          [10, 0.6],
          [20, 0.7],
          [30, 0.799],
        ],
        0.74,
      ),
      trained(
        [
          [10, 0.5],
          [20, 0.5],
        ],
        0.74,
      ),
    ],
  });
  const { rows } = summarize(three, known, [
    { method: "robe", compression: 4, step: 2, quartiles: [1, 3], speedup: 1.5, predicted: 1000 },
  ]);
  const [full, robe] = rows as [Row, Row];

  it("pairs each seed with the full tables' same seed", () => {
    expect(robe.difference.values.map((v) => Number(v.toFixed(6)))).toEqual([-0.01, -0.02, -0.03]);
    expect(full.difference.values).toEqual([0, 0, 0]);
  });

  it("has no interval beyond what an AUC or a difference of two can be", () => {
    const known = outcomes(three, {
      full: [0.1, 0.9, 0.2].map((auc) => trained([[1, 0.5]], auc)),
      robe: [0.9, 0.1, 0.7].map((auc) => trained([[1, 0.5]], auc)),
    });
    const { rows } = summarize(three, known, []);
    expect(rows.map(({ auc }) => auc!.interval)).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(rows[1]!.difference.interval).toEqual([-1, 1]);
  });

  it("says how far full tables are above the floor, and what a method keeps of that: of means over the seeds of all three", () => {
    const at = (auc: number) => trained([[1, 0.7]], auc);
    const diverged = { kind: "diverged", reason: "too fast" } as const;
    const given = outcomes(protocolOf({ seeds: [0, 1, 2, 3] }), {
      full: [at(0.75), at(0.76), at(0.78), at(0.9)],
      robe: [at(0.74), at(0.74), at(0.75), diverged],
      floor: [at(0.65), at(0.65), at(0.65), diverged],
    });
    const { rows, signal } = summarize(protocolOf({ seeds: [0, 1, 2, 3] }), given, []);
    expect(signal!.values.map((v) => Number(v.toFixed(6)))).toEqual([0.1, 0.11, 0.13]);
    const [full, floor, robe] = rows;
    // (0.09 + 0.09 + 0.1) of (0.1 + 0.11 + 0.13); its interval is Fieller's.
    expect(robe!.kept!.value).toBeCloseTo(28 / 34, 9);
    const by = ratioOverSeeds([0.09, 0.09, 0.1], [0.1, 0.11, 0.13])!.interval;
    for (const end of [0, 1]) expect(robe!.kept!.interval[end]).toBeCloseTo(by[end]!, 9);
    expect([full!.kept!.value, floor!.kept!.value]).toEqual([1, 0]);
    const noisy = outcomes(three, {
      full: [at(0.75), at(0.64), at(0.78)],
      ...{ robe: [0.7, 0.7, 0.7].map(at), floor: [0.65, 0.65, 0.65].map(at) },
    });
    expect(summarize(three, noisy, []).rows.map(({ kept }) => kept)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(summarize(three, known, []).signal).toBeUndefined();
  });

  it("tells how small tables can be for the tolerance", () => {
    const at = (auc: number) => trained([[1, 0.7]], auc);
    const given = outcomes(three, { full: [0.7, 0.7, 0.7].map(at), robe: [0.695, 0.6951, 0.6949].map(at) });
    const small = (tolerance: number) => summarize({ ...three, tolerance }, given, []).small;
    expect(small(0.006)).toMatchObject({ tolerance: 0.006, smallest: { method: "robe", compression: 4 } });
    expect(small(0.005).smallest).toBeUndefined();
  });

  it("counts steps to the same seed's best AUC of the full tables, and to shares of it", () => {
    // To 1: seed 0 at step 30 of 20 (1.5), the others never. To 0.99 (0.792): 20 of 20, 30 of 20, never.
    expect(robe.iterations[0]).toEqual({ share: 1, reached: 1, steps: 30, ratio: 1.5, seconds: 0.06 });
    expect(robe.iterations[2]).toEqual({ share: 0.99, reached: 2, steps: 25, ratio: 1.25, seconds: 0.05 });
    expect(full.iterations.map(({ ratio, reached }) => [ratio, reached])).toEqual([
      [1, 3],
      [1, 3],
      [1, 3],
    ]);
  });

  it("takes medians over the seeds that reached it: of the steps, and of each seed's own ratio", () => {
    const reaching = (step: number) =>
      trained([
        [1, 0.5],
        [step, 0.8],
        [100, 0.7],
      ]);
    const known = outcomes(three, {
      full: [10, 2, 20].map(reaching),
      robe: [10, 20, 60].map(reaching),
    });
    const time = { method: "robe", quartiles: [1, 99], speedup: 1, predicted: 1 } as const;
    const times = [
      { ...time, compression: 9, step: 7 },
      { ...time, compression: 4, step: 5 },
    ];
    const { rows } = summarize(three, known, times);
    // Steps 10, 20, 60; ratios 1, 10, 3. Twenty steps of 5 ms each.
    expect(rows[1]!.iterations[1]).toEqual({ share: 0.999, reached: 3, steps: 20, ratio: 3, seconds: 0.1 });
    expect(rows[0]!.iterations[1]).toEqual({ share: 0.999, reached: 3, steps: 10, ratio: 1 });
    expect(rows.map(({ latency }) => latency)).toEqual([undefined, times[1]]);
  });

  it("is of the rate that validation chose at the first seed, and of test rows", () => {
    const protocol = protocolOf({ methods: ["full"], rates: [1, 3], seeds: [4, 5, 6] });
    const known = new Map<string, Outcome>();
    const add = (rate: number, seed: number, auc: number, test: { auc: number; logLoss: number }) =>
      known.set(keyOf({ method: "full", compression: 1, rate, seed }), {
        kind: "trained",
        bytes: 40 * rate,
        modelBytes: 77 * rate,
        optimizer: "sgd",
        learningRate: rate / 10,
        steps: 9,
        curve: [{ step: 9, auc, logLoss: 0.1 }],
        test: { step: 9, ...test },
      });
    add(1, 4, 0.7, { auc: 0.9, logLoss: 0.2 });
    add(3, 4, 0.8, { auc: 0.71, logLoss: 0.4 });
    add(1, 5, 0.9, { auc: 0.9, logLoss: 0.2 }); // of an earlier study, whose best rate was another
    add(3, 5, 0.6, { auc: 0.73, logLoss: 0.6 });
    const [row] = summarize(protocol, known, []).rows;
    expect(row).toMatchObject({
      bytes: 120,
      modelBytes: 231,
      learningRate: 0.3,
      edge: "highest",
      seeds: [4, 5],
      auc: { values: [0.71, 0.73] },
      logLoss: { mean: 0.5, values: [0.4, 0.6] },
    });
  });

  it("says of a share that no seed reached that it was not", () => {
    const known = outcomes(three, {
      full: [0, 1, 2].map(() => trained([[10, 0.8]])),
      robe: [0, 1, 2].map(() => trained([[10, 0.7]])),
    });
    const { rows } = summarize(three, known, []);
    expect(rows[1]!.iterations).toEqual([1, 0.999, 0.99].map((share) => ({ share, reached: 0 })));
  });

  it("pairs no seed that one of both lacks", () => {
    const diverged = { kind: "diverged", reason: "too fast" } as const;
    const at = (auc: number) => trained([[1, 0.7]], auc);
    const { rows } = summarize(
      three,
      outcomes(three, { full: [at(0.7), diverged, at(0.6)], robe: [at(0.75), at(0.9), at(0.5)] }),
      [],
    );
    expect(rows[1]!.seeds).toEqual([0, 1, 2]);
    expect(rows[1]!.difference.values.map((v) => Number(v.toFixed(6)))).toEqual([0.05, -0.1]);
  });

  it("says why a method is missing", () => {
    const refused = outcomes(three, {
      ...{ full: [trained([[1, 0.6]])], floor: [trained([[1, 0.6]])] },
      robe: [{ kind: "refused", reason: "too small" }],
    });
    expect(summarize(three, refused, []).missing).toEqual([
      { method: "robe", compression: 4, reason: "too small" },
    ]);
  });

  it("says what was left out", () => {
    const protocol = protocolOf({ compressions: [4, 9], skipped: ["robe@9"] });
    const { rows, missing } = summarize(protocol, known, []);
    expect(rows.map(({ method, compression }) => [method, compression])).toEqual([
      ["full", 1],
      ["robe", 4],
    ]);
    expect(missing).toEqual([
      { method: "floor", compression: 1, reason: "not done yet" },
      { method: "robe", compression: 9, reason: "left out of this study" },
    ]);
  });

  it("says when the best rate lies at the edge of those tried", () => {
    const edge = (best: number, rates: readonly number[]) => {
      const protocol = protocolOf({ rates, seeds: [0] });
      const key = (rate: number) => keyOf({ method: "full", compression: 1, rate, seed: 0 });
      const all = new Map(rates.map((rate) => [key(rate), trained([[1, rate === best ? 0.8 : 0.6]])]));
      return summarize(protocol, all, []).rows[0]!.edge;
    };
    expect([1, 3, 9].map((best) => edge(best, [1, 3, 9]))).toEqual(["lowest", undefined, "highest"]);
    expect(edge(9, [9, 1, 3])).toBe("highest");
    expect(edge(1, [1])).toBeUndefined(); // nothing else was tried
  });
});
