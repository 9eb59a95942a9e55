import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { InputError } from "../../../../core/errors.ts";
import { synthetic } from "../../../../models/data/synthetic/synthetic.ts";
import type { Folder } from "../../../experiments/tradeoff/folder.ts";
import { keyOf, type Point, type Protocol } from "../../../experiments/tradeoff/protocol.ts";
import type { Recorded } from "../../../experiments/tradeoff/recorded.ts";
import { type News, runTrials } from "../../../experiments/tradeoff/work.ts";
import { protocolOf, trained } from "./made.ts";

/** Does all trials of a protocol in a folder that is in memory. */
async function worked(protocol: Protocol, theirs?: Recorded) {
  const recorded: Recorded[] = [];
  const claims: string[] = [];
  const folder: Folder = {
    known: () => new Map(recorded.map(({ trial, outcome }) => [keyOf(trial), outcome])),
    claim: (name) => {
      if (theirs && name === keyOf(theirs.trial)) return undefined;
      claims.push(name);
      return { renew: () => claims.push("renewed"), release: () => claims.push("released") };
    },
    record: async (one) => {
      recorded.push(one, ...(theirs ? [theirs] : []));
    },
    latencies: () => [],
    recordLatencies: async () => {},
  };
  const opened: number[] = [];
  const open = async (seed: number) => {
    opened.push(seed);
    return synthetic({ tables: [6, 4], dense: 2, rows: 100, seed });
  };
  const news: News[] = [];
  const known = await runTrials(protocol, { backend: cpu, folder, open }, (one) => news.push(one));
  return { recorded, claims, opened, news, known };
}

describe("the trials of a study, done one after the other,", () => {
  it("are on the rows of their seeds, told as they go, and recorded as they end", async () => {
    const setting = { ...protocolOf({}).setting, batch: 20, every: 2 }; // 80 rows, four steps
    const protocol = protocolOf({ setting, methods: ["full"], seeds: [5, 2] });
    const { recorded, claims, opened, news, known } = await worked(protocol);
    expect(opened).toEqual([5, 5, 2, 2]);
    expect(recorded.map(({ trial }) => trial)).toEqual(
      [5, 2].flatMap((seed) =>
        ["full", "floor"].map((method) => ({ method, compression: 1, rate: 1, seed })),
      ),
    );
    expect([...known.values()]).toEqual(recorded.map(({ outcome }) => outcome));
    expect(new Set(recorded.map(({ outcome }) => JSON.stringify(outcome))).size).toBe(4);
    const told = ({ trial, outcome }: Recorded, i: number): News[] => {
      const curve: readonly Point[] = outcome.kind === "trained" ? outcome.curve : [];
      expect(curve.map(({ step }) => step)).toEqual([2, 4]);
      return [
        { kind: "begins", trial, left: 4 - i },
        ...curve.map((point): News => ({ kind: "measured", trial, point })),
        { kind: "ends", trial, outcome, left: 3 - i },
      ];
    };
    expect(news).toEqual(recorded.flatMap(told));
    const claimed = ({ trial }: Recorded) => [keyOf(trial), "renewed", "renewed", "released"];
    expect(claims).toEqual(recorded.flatMap(claimed));
  });

  it("are done but for those that another process has begun, whose results are read", async () => {
    const setting = { ...protocolOf({}).setting, batch: 20, every: 2 };
    const protocol = protocolOf({ setting, methods: ["full"], seeds: [5], rates: [1, 3] });
    const trial = { method: "full", compression: 1, rate: 1, seed: 5 };
    const theirs = { trial, outcome: trained([[4, 0.6]]) };
    const { news, known } = await worked(protocol, theirs);
    expect(new Set(news.map(({ trial }) => `${trial.method} ${trial.rate}`))).toEqual(
      new Set(["full 3", "floor 1", "floor 3"]),
    );
    expect(known.get(keyOf(trial))).toEqual(theirs.outcome);
    expect(known.size).toBe(4);
  });

  it("end with the sentence of what is wrong with the data, and nothing is recorded", async () => {
    const wrong = new InputError("Line 7 is wrong.");
    const count = { recorded: 0, released: 0 };
    const folder: Folder = {
      known: () => new Map(),
      claim: () => ({ renew: () => {}, release: () => void count.released++ }),
      record: async () => void count.recorded++,
      latencies: () => [],
      recordLatencies: async () => {},
    };
    const open = async () => {
      const rows = synthetic({ tables: [6, 4], dense: 2, rows: 100, seed: 5 });
      return {
        ...rows,
        train: {
          ...rows.train,
          batches: () => {
            throw wrong;
          },
        },
      };
    };
    await expect(runTrials(protocolOf({}), { backend: cpu, folder, open }, () => {})).rejects.toBe(wrong);
    expect(count).toEqual({ recorded: 0, released: 1 });
  });

  it("say how many are left at most", async () => {
    // Two rates and one more seed each. Neither method can be so small: once that is known no other seed of it is left.
    const setting = { ...protocolOf({}).setting, batch: 20, every: 4 };
    const protocol = protocolOf({
      setting,
      methods: ["full", "memcom", "dhe"],
      compressions: [99],
      rates: [1, 3],
    });
    const { news } = await worked(protocol);
    const left = news.flatMap((one) => (one.kind === "begins" || one.kind === "ends" ? [one.left] : []));
    // Four of full tables and the floor; then two rates each of the others, of which the second ends two; then the other seeds.
    const each = [12, 11, 10, 9, 8, 7, 5, 4, 2, 1, 0];
    expect(left).toEqual(each.slice(1).flatMap((n, i) => [each[i], n]));
  });
});
