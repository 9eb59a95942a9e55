import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOf, type Outcome, type Protocol } from "../../models/tradeoff/protocol.ts";
import { betterThan, ranking } from "../../models/tradeoff/ranking.ts";
import { headline } from "../../models/tradeoff/report.ts";
import { overSeeds, type Row, summarise } from "../../models/tradeoff/summary.ts";
import { protocolOf, trained } from "./made.ts";

/** Outcomes by (method, seed) at the one compression of a protocol. */
function outcomes(protocol: Protocol, given: Readonly<Record<string, readonly Outcome[]>>) {
  const known = new Map<string, Outcome>();
  for (const [method, all] of Object.entries(given)) {
    const compression = method === "full" ? 1 : protocol.compressions[0]!;
    for (const [i, outcome] of all.entries())
      known.set(keyOf({ method, compression, rate: 1, seed: protocol.seeds[i]! }), outcome);
  }
  return known;
}

const three = protocolOf({ seeds: [0, 1, 2] });

describe("an interval over seeds", () => {
  it("is Student's t, worked out by hand", () => {
    // Mean 2, deviation 1, t = 4.302653 for two degrees of freedom: 2 ± 4.302653/√3.
    const { mean, interval } = overSeeds([1, 2, 3]);
    expect(mean).toBe(2);
    expect(interval![0]).toBeCloseTo(2 - 2.484138, 5);
    expect(interval![1]).toBeCloseTo(2 + 2.484138, 5);
  });

  it("is not there for one seed", () => expect(overSeeds([0.7]).interval).toBeUndefined());

  it("holds the mean of normal numbers in 95 of 100 cases", () => {
    // By hand for three numbers of known spread: scaling and shifting change the interval likewise.
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: -9, max: 9 }),
        (values, by, shift) => {
          const [plain, moved] = [overSeeds(values), overSeeds(values.map((v) => by * v + shift))];
          for (const end of [0, 1]) {
            const expected = by * plain.interval![end]! + shift;
            expect(Math.abs(moved.interval![end]! - expected)).toBeLessThan(1e-9 * (1 + Math.abs(expected)));
          }
        },
      ),
    );
  });
});

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
  const { rows } = summarise(three, known, [
    { method: "robe", compression: 4, step: 2, quartiles: [1, 3], speedup: 1.5, predicted: 1000 },
  ]);
  const [full, robe] = rows as [Row, Row];

  it("pairs each seed with the full tables' same seed", () => {
    expect(robe.difference.values.map((v) => Number(v.toFixed(6)))).toEqual([-0.01, -0.02, -0.03]);
    expect(full.difference.values).toEqual([0, 0, 0]);
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

  it("says why a method is missing", () => {
    const refused = outcomes(three, {
      full: [trained([[1, 0.6]])],
      robe: [{ kind: "refused", reason: "too small" }],
    });
    expect(summarise(three, refused, []).missing).toEqual([
      { method: "robe", compression: 4, reason: "too small" },
    ]);
  });

  it("says what was left out", () => {
    const protocol = protocolOf({ compressions: [4, 9], skipped: ["robe@9"] });
    const { rows, missing } = summarise(protocol, known, []);
    expect(rows.map(({ method, compression }) => [method, compression])).toEqual([
      ["full", 1],
      ["robe", 4],
    ]);
    expect(missing).toEqual([{ method: "robe", compression: 9, reason: "left out of this study" }]);
  });

  it("says when the best rate lies at the edge of those tried", () => {
    const protocol = protocolOf({ rates: [1, 3, 9], seeds: [0] });
    const key = (rate: number) => keyOf({ method: "full", compression: 1, rate, seed: 0 });
    const edge = (best: number) => {
      const all = new Map(
        protocol.rates.map((rate) => [key(rate), trained([[1, rate === best ? 0.8 : 0.6]])]),
      );
      return summarise(protocol, all, []).rows[0]!.edge;
    };
    expect([1, 3, 9].map(edge)).toEqual(["lowest", undefined, "highest"]);
  });
});

/** Rows of made-up methods at one compression, by their AUC at each seed. */
const rowsOf = (aucs: Readonly<Record<string, readonly number[]>>): Row[] => {
  const protocol = protocolOf({ methods: ["full", ...Object.keys(aucs)], seeds: [0, 1, 2] });
  const all = Object.entries(aucs).map(
    ([name, values]) => [name, values.map((v) => trained([[1, 0.7]], v))] as const,
  );
  const full = [0, 1, 2].map(() => trained([[1, 0.7]], 0.7));
  return [...summarise(protocol, outcomes(protocol, { full, ...Object.fromEntries(all) }), []).rows];
};

describe("a ranking", () => {
  const places = (aucs: Record<string, readonly number[]>) =>
    ranking(rowsOf(aucs), 4).map(({ place, row }) => `${place} ${row.method}`);

  it("separates what every seed separates", () =>
    expect(places({ a: [0.7, 0.71, 0.72], b: [0.6, 0.611, 0.619] })).toEqual(["1 a", "2 b"]));

  it("calls a tie what seeds contradict each other about", () =>
    expect(places({ a: [0.7, 0.71, 0.72], b: [0.71, 0.7, 0.715], c: [0.5, 0.501, 0.503] })).toEqual([
      "1 a",
      "1 b",
      "3 c",
    ]));

  it("pairs seeds: a small steady difference counts where seeds vary more than that", () =>
    expect(places({ a: [0.6, 0.7, 0.8], b: [0.595, 0.6951, 0.7949] })).toEqual(["1 a", "2 b"]));

  it("never puts a better mean below a worse one", () => {
    const auc = fc.integer({ min: 500, max: 900 }).map((x) => x / 1000);
    const seeds = fc.tuple(auc, auc, auc);
    fc.assert(
      fc.property(fc.record({ a: seeds, b: seeds, c: seeds, d: seeds }), (aucs) => {
        const ranked = ranking(rowsOf(aucs), 4);
        for (const [i, { place, row }] of ranked.entries()) {
          expect(place).toBeLessThanOrEqual(i + 1);
          if (i > 0) expect(row.auc.mean).toBeLessThanOrEqual(ranked[i - 1]!.row.auc.mean);
        }
      }),
    );
  });
});

describe("what is better than a method", () => {
  const base = [0.6, 0.7, 0.8];
  const better = (others: Record<string, readonly number[]>) =>
    betterThan(rowsOf({ base, ...others }), "base").map(({ method }) => method);

  // Differences 0.02, 0.03, 0.04: mean 0.03, deviation 0.01. Student's t of two degrees is 4.303 for one comparison (± 0.0248)
  // and 6.205 for each of two (± 0.0358).
  const above = [0.62, 0.73, 0.84];

  it("is what an interval shows, where it is the only one compared", () =>
    expect(better({ above })).toEqual(["above"]));

  it("must be better by a wider interval, where more are compared", () => {
    expect(better({ above, level: base })).toEqual([]);
    expect(better({ above: [0.63, 0.7301, 0.8299], level: base })).toEqual(["above"]);
  });

  it("is nothing worse", () => expect(better({ below: [0.57, 0.6699, 0.7701] })).toEqual([]));
});

describe("the headline claims what the intervals bear", () => {
  const said = (robe: readonly number[]) => headline({ rows: rowsOf({ robe }), missing: [] });
  it.each([
    ["cannot be told from", [0.69, 0.7, 0.705]],
    ["scores above", [0.75, 0.751, 0.752]],
    ["No method is shown to keep", [0.65, 0.651, 0.652]],
  ])("%s", (words, aucs) => expect(said(aucs)).toContain(words));
});
