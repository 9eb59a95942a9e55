import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allTrials, cellsOf, keyOf, type Outcome, openTrials } from "../../models/tradeoff/protocol.ts";
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

  it("take the seed's rows one seed after the other", () => {
    const protocol = protocolOf({ rates: [1, 2], seeds: [3, 1, 2], compressions: [10, 100] });
    const known = new Map<string, Outcome>();
    for (const trial of openTrials(protocol, known)) known.set(keyOf(trial), trained([[5, 0.6]]));
    const seeds = openTrials(protocol, known).map(({ seed }) => seed);
    expect(seeds).toEqual([1, 1, 1, 2, 2, 2]);
  });
});
