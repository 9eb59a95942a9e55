import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  allTrials,
  bestPoint,
  bestRate,
  cellsOf,
  keyOf,
  type Outcome,
  openTrials,
  stepTo,
  trialsLeft,
} from "../../../experiments/tradeoff/protocol.ts";
import { protocolOf, trained } from "./made.ts";

const protocols = fc
  .record({
    methods: fc.subarray(["robe", "robe:block=2", "rowHash"]).map((some) => ["full", ...some]),
    compressions: fc.uniqueArray(fc.integer({ min: 2, max: 1000 }), { minLength: 1, maxLength: 3 }),
    rates: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    seeds: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 3 }),
  })
  .map(protocolOf);

/** Does what is open, all at once, until nothing is; gives every trial that was asked for. */
function worked(protocol: Parameters<typeof openTrials>[0], outcomeOf: (key: string) => Outcome) {
  const known = new Map<string, Outcome>();
  const asked: string[] = [];
  for (let open = openTrials(protocol, known); open.length > 0; open = openTrials(protocol, known)) {
    for (const trial of open) {
      asked.push(keyOf(trial));
      known.set(keyOf(trial), outcomeOf(keyOf(trial)));
    }
  }
  return { known, asked };
}

describe("the trials of a protocol", () => {
  it("are all rates at the first seed and the best at the others, each once", () => {
    fc.assert(
      fc.property(protocols, fc.integer({ min: 0, max: 99 }), (protocol, salt) => {
        const aucOf = (key: string) =>
          0.5 + (([...key].reduce((h, c) => h * 31 + c.charCodeAt(0), salt) >>> 0) % 1000) / 1e4;
        const { asked } = worked(protocol, (key) => trained([[5, aucOf(key)]]));
        const { rates, seeds } = protocol;
        expect(new Set(asked).size).toBe(asked.length);
        expect(asked).toHaveLength(cellsOf(protocol).length * (rates.length + seeds.length - 1));
        for (const cell of cellsOf(protocol)) {
          const aucs = rates.map((rate) => aucOf(keyOf({ ...cell, rate, seed: seeds[0]! })));
          const best = rates[aucs.indexOf(Math.max(...aucs))]!;
          for (const seed of seeds.slice(1)) expect(asked).toContain(keyOf({ ...cell, rate: best, seed }));
        }
      }),
    );
  });

  it("end where no rate trained, and are always among those that the protocol may ask for", () => {
    fc.assert(
      fc.property(protocols, (protocol) => {
        const { asked } = worked(protocol, () => ({ kind: "refused", reason: "too small" }));
        expect(asked).toHaveLength(cellsOf(protocol).length * protocol.rates.length);
        const all = allTrials(protocol).map(keyOf);
        expect(asked.filter((key) => !all.includes(key))).toEqual([]);
      }),
    );
  });

  it("have names that files can have, different for different trials", () => {
    fc.assert(
      fc.property(protocols, (protocol) => {
        const keys = allTrials(protocol).map(keyOf);
        expect(new Set(keys).size).toBe(keys.length);
        for (const key of keys) expect(key).toMatch(/^[\w.,@=+-]+$/);
      }),
    );
  });

  it("are all among those that are left at most, which never grow more", () => {
    fc.assert(
      fc.property(protocols, fc.infiniteStream(fc.boolean()), (protocol, trains) => {
        const known = new Map<string, Outcome>();
        const { rates, seeds } = protocol;
        let left = trialsLeft(protocol, known);
        expect(left).toBe(cellsOf(protocol).length * (rates.length + seeds.length - 1));
        for (let open = openTrials(protocol, known); open.length > 0; open = openTrials(protocol, known)) {
          const outcome = trains.next().value
            ? trained([[5, 0.6]])
            : ({ kind: "diverged", reason: "too fast" } as const);
          known.set(keyOf(open[0]!), outcome);
          const now = trialsLeft(protocol, known);
          expect(now).toBeLessThan(left);
          expect(openTrials(protocol, known).length).toBeLessThanOrEqual(now);
          left = now;
        }
        expect(left).toBe(0);
      }),
    );
  });

  it("take the seed's rows one seed after the other", () => {
    const protocol = protocolOf({ rates: [1, 2], seeds: [3, 1, 2], compressions: [10, 100] });
    const known = new Map<string, Outcome>();
    for (const trial of openTrials(protocol, known)) known.set(keyOf(trial), trained([[5, 0.6]]));
    const seeds = openTrials(protocol, known).map(({ seed }) => seed);
    expect(seeds).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });
});

describe("the rate of a cell", () => {
  const cell = { method: "robe", compression: 4 };
  const protocol = protocolOf({ rates: [1, 3, 9], seeds: [5, 6] });
  const best = (first: readonly Outcome[]) => {
    const known = new Map(
      first.map((outcome, i) => [keyOf({ ...cell, rate: protocol.rates[i]!, seed: 5 }), outcome]),
    );
    // At the second seed the last rate is the best, which counts for nothing.
    known.set(keyOf({ ...cell, rate: 9, seed: 6 }), trained([[10, 0.99]]));
    return bestRate(cell, protocol, known);
  };
  // By its last point, or on test rows, another would be best.
  const high = trained(
    [
      [10, 0.6],
      [20, 0.9],
      [30, 0.5],
    ],
    0.5,
  );
  const low = trained([[10, 0.8]], 0.99);
  const diverged: Outcome = { kind: "diverged", reason: "too fast" };

  it("is that of the highest point of a validation curve at the first seed", () => {
    expect(best([low, high, low])).toBe(3);
    expect(best([high, low, low])).toBe(1);
    expect(best([diverged, low, high])).toBe(9);
  });

  it("is the first of equals", () => expect(best([low, high, high])).toBe(3));

  it("is not known while one of them is not, or where none trained", () => {
    expect(best([high, low])).toBeUndefined();
    expect(best([diverged, diverged, diverged])).toBeUndefined();
  });
});

describe("a curve", () => {
  const curve = [0.5, 0.7, 0.8, 0.6, 0.8].map((auc, i) => ({ step: 10 * (i + 1), auc, logLoss: 0.5 }));

  it("has its best point where it is first that high", () => expect(bestPoint(curve, "auc").step).toBe(30));

  it("reaches an AUC at the first point that has it or more", () =>
    expect([0.4, 0.5, 0.7, 0.71, 0.8, 0.81].map((auc) => stepTo(curve, auc, "auc"))).toEqual([
      10,
      10,
      20,
      30,
      30,
      undefined,
    ]));
});
