import fc from "fast-check";
import { expect, it } from "vitest";
import { bestRate, keyOf, type Outcome, type Protocol } from "../../../experiments/tradeoff/protocol.ts";
import { ranking } from "../../../experiments/tradeoff/ranking.ts";
import { type Row, summarize } from "../../../experiments/tradeoff/summary.ts";
import { protocolOf, trained } from "./made.ts";

const methods = ["full", "robe", "rowHash"];
const cells = ["full", "floor", "robe", "rowHash"].map((method) => ({
  method,
  compression: ["full", "floor"].includes(method) ? 1 : 4,
}));
const rates = [0.5, 1];
const seeds = [0, 1, 2];
const byAuc = protocolOf({ methods, rates, seeds });
const byLoss: Protocol = { ...byAuc, setting: { ...byAuc.setting, judge: "logLoss" } };

/** The study whose log loss is 1 − AUC at every point, and whose AUC is undefined. */
function mirrored(outcome: Outcome): Outcome {
  if (outcome.kind !== "trained") return outcome;
  const other = <P extends { readonly auc: number | null }>(point: P) => ({
    ...point,
    auc: null,
    logLoss: 1 - point.auc!,
  });
  return { ...outcome, curve: outcome.curve.map(other), test: other(outcome.test) };
}

/** 128ths, so that 1 − x and differences are exact. */
const quality = fc.integer({ min: 1, max: 64 }).map((x) => x / 128);
const outcome = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.array(quality, { minLength: 1, maxLength: 4 }), quality) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);
const study = fc.array(outcome, { minLength: 24, maxLength: 24 }).map((drawn) => {
  const known = new Map<string, Outcome>();
  for (const cell of cells)
    for (const rate of rates)
      for (const seed of seeds) {
        const made = drawn[known.size];
        const points = made?.[0].map((auc, i) => [10 * (i + 1), auc] as const);
        known.set(
          keyOf({ ...cell, rate, seed }),
          points ? trained(points, made![1]) : { kind: "diverged", reason: "too fast" },
        );
      }
  return known;
});

it("a study by log loss says of every method what one by AUC says where that is 1 − log loss", () => {
  // An AUC lies in 0 … 1, which cuts intervals of a difference; all else is of its values.
  const plain = ({ difference, iterations: _, auc: _a, logLoss: _l, quality: _q, ...row }: Row) => ({
    ...row,
    difference: difference.values,
  });
  fc.assert(
    fc.property(study, (known) => {
      const losses = new Map([...known].map(([key, one]) => [key, mirrored(one)]));
      for (const cell of cells) expect(bestRate(cell, byLoss, losses)).toBe(bestRate(cell, byAuc, known));
      const [auc, loss] = [summarize(byAuc, known, []), summarize(byLoss, losses, [])];
      expect(loss.rows.map((row) => plain(row))).toEqual(auc.rows.map((row) => plain(row)));
      expect([loss.signal, loss.small, loss.missing]).toEqual([auc.signal, auc.small, auc.missing]);
      const places = ({ rows }: typeof auc) => ranking(rows, 4).map(({ place, row }) => [place, row.method]);
      expect(places(loss)).toEqual(places(auc));
      // To the full tables' best itself; 99 % of an AUC is no share of a log loss.
      const steps = ({ rows }: typeof auc) => rows.map(({ iterations }) => iterations[0]);
      expect(steps(loss)).toEqual(steps(auc));
      expect(loss.rows.every((row) => row.auc === undefined)).toBe(true);
    }),
  );
});

it("of log loss 99 % of full tables' best is 1 % above it", () => {
  const at = (losses: readonly number[]): Outcome => {
    const one = trained(losses.map((_, i) => [10 * (i + 1), 0.5] as const)) as Extract<
      Outcome,
      { kind: "trained" }
    >;
    return { ...one, curve: one.curve.map((point, i) => ({ ...point, auc: null, logLoss: losses[i]! })) };
  };
  const known = new Map<string, Outcome>();
  for (const seed of seeds)
    for (const cell of cells)
      for (const rate of rates)
        known.set(
          keyOf({ ...cell, rate, seed }),
          at(cell.method === "robe" ? [0.6, 0.50505, 0.5005, 0.51] : [0.7, 0.5]),
        );
  const robe = summarize(byLoss, known, []).rows.find(({ method }) => method === "robe")!;
  expect(robe.iterations.map(({ steps }) => steps)).toEqual([undefined, 30, 20]);
});
