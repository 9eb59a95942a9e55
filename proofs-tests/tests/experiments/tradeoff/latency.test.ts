import { afterEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../core/backend.ts";
import type { Dataset } from "../../../../models/data/dataset.ts";
import { synthetic } from "../../../../models/data/synthetic/synthetic.ts";
import { type Folder, openFolder } from "../../../experiments/tradeoff/folder.ts";
import { latenciesOf } from "../../../experiments/tradeoff/latency.ts";
import { keyOf, type Latency, type Outcome } from "../../../experiments/tradeoff/protocol.ts";
import { temporaryFolder } from "../../temporary.ts";
import { protocolOf, trained } from "./made.ts";

const full = { method: "full", compression: 1 };
const floor = { method: "floor", compression: 1 };
const robe = { method: "robe", compression: 4 };
const knownOf = (cells: readonly { method: string; compression: number }[]) =>
  new Map(cells.map((cell) => [keyOf({ ...cell, rate: 1, seed: 0 }), trained([[5, 0.6]])]));

// 100 rows at dim 4: full tables are 400 floats, a fourth of them 100.
const tables = [60, 40];
const size = 8;
const slowest = 26;

/** Batches that say in their dense number how slow a round with them is: 10, 11, … 26, so many as there are rounds. */
const paced: Dataset = {
  name: "paced",
  dense: 1,
  tables,
  rows: undefined,
  async *batches(asked) {
    expect(asked).toBe(size);
    for (let pace = 10; pace <= slowest; pace++)
      yield {
        size,
        dense: new Float32Array(size).fill(pace),
        bags: {
          ids: new Uint32Array(2 * size).fill(3),
          offsets: Uint32Array.from({ length: 2 * size + 1 }, (_, bag) => bag),
        },
        labels: new Float32Array(size),
      };
  },
  select: () => paced,
};

/**
 * A device on which reading or changing the embedding takes `pace` milliseconds a float of it, pace² a float of full
 * tables, and all else no time.
 */
function slowDevice(): Backend {
  let [clock, pace] = [0, 0];
  const touch = (floats: number) => {
    clock += floats * (floats === 400 ? pace ** 2 : pace);
  };
  vi.spyOn(performance, "now").mockImplementation(() => clock);
  return {
    ...cpu,
    upload(values, storage) {
      if (values.length === size && values[0]! >= 10) pace = values[0]!; // the dense numbers of a batch
      return cpu.upload(values, storage);
    },
    run(form, inputs) {
      if (form.kind === "gather") touch(form.lookup.memorySize);
      return cpu.run(form, inputs);
    },
    update(update, weights, state, gradient) {
      const floats = cpu.peek!(weights).length;
      if (floats >= 100) touch(floats); // no layer is as large
      return cpu.update(update, weights, state, gradient);
    },
  };
}

/** A folder in memory, and what was recorded in it. */
function folderOf(there: readonly Latency[]) {
  const recorded: Latency[][] = [];
  const folder: Folder = {
    known: () => new Map(),
    claim: () => ({ renew: () => {}, release: () => {} }),
    record: async () => {},
    latencies: () => [...there],
    recordLatencies: async (latencies) => {
      recorded.push([...latencies]);
    },
  };
  return { folder, recorded };
}

const measured = async (known: ReadonlyMap<string, Outcome>, there: readonly Latency[] = []) => {
  const { setting } = protocolOf({});
  const protocol = protocolOf({ setting: { ...setting, batch: size }, compressions: [4, 100_000] });
  const parts = { train: paced, validation: paced, test: paced };
  const { folder, recorded } = folderOf(there);
  const open = async (seed: number) => {
    expect(seed).toBe(protocol.seeds[0]);
    return parts;
  };
  const told: Latency[] = [];
  const means = { backend: slowDevice(), folder, open };
  const times = await latenciesOf(protocol, known, means, (one) => told.push(one));
  return { times, told, recorded };
};

describe("times of steps", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("are medians over the rounds after two that warm up: of a step, of the ratio, of rows predicted a second", async () => {
    const { times, told, recorded } = await measured(knownOf([full, robe]));
    // A step reads the embedding and changes it; a prediction reads it. Rounds that count have paces 12 … 26: median 19,
    // quartiles 15.5 and 22.5. Full tables take 2·400·pace², robe 2·100·pace, so the ratio is 4·pace.
    expect(times).toContainEqual({
      ...robe,
      step: 200 * 19,
      quartiles: [200 * 15.5, 200 * 22.5],
      speedup: 4 * 19,
      predicted: (1000 * size) / (100 * 19),
    });
    // Of pace²: 19², and half way between 15² and 16², and between 22² and 23².
    expect(times).toContainEqual({
      ...full,
      step: 800 * 361,
      quartiles: [800 * 240.5, 800 * 506.5],
      speedup: 1,
      predicted: (1000 * size) / (400 * 361),
    });
    expect([times.length, told, recorded]).toEqual([2, times, [times]]);
  });

  it("are of rows as each method reads them: of the floor without ids", async () => {
    const { times } = await measured(knownOf([full, floor]));
    // Its two rows are eight floats, too few to count when they change; reading them takes 8·pace.
    expect(times[1]).toMatchObject({ ...floor, step: 8 * 19, predicted: (1000 * size) / (8 * 19) });
  });

  it("are of the cells that trained, and not measured again where the folder has them", async () => {
    const had = { ...robe, step: 7, quartiles: [6, 8], speedup: 2, predicted: 9 } as const;
    const elsewhere = { ...had, compression: 9 }; // of no cell of this protocol
    const { times, told, recorded } = await measured(knownOf([full, robe]), [had, elsewhere]);
    expect(told.map(({ method }) => method)).toEqual(["full"]);
    expect(times).toEqual([had, ...told]);
    expect(recorded).toEqual([[had, elsewhere, ...told]]);
  });

  it("are measured by one of those who share a folder; the others read them", async () => {
    const rows = synthetic({ tables, dense: 2, rows: 500, seed: 4 });
    const protocol = protocolOf({ seeds: [0] });
    const path = temporaryFolder();
    const opened = () => openFolder(path, protocol.setting, (sentence) => expect.fail(sentence));
    const folders = [await opened(), await opened()];
    const measure = async (folder: Folder) => {
      const told: string[] = [];
      const means = { backend: cpu, folder, open: async () => rows };
      const known = knownOf([full, robe]);
      const times = await latenciesOf(protocol, known, means, ({ method }) => told.push(method));
      return { times, told };
    };
    const [one, other] = await Promise.all(folders.map(measure));
    expect(other!.times).toEqual(one!.times);
    expect([one!.told, other!.told].toSorted((a, b) => a.length - b.length)).toEqual([[], ["full", "robe"]]);
  });
});
