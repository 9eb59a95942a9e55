import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../backends/cpu.ts";
import { sgd } from "../../core/optimizer.ts";
import { dataInWords, settingFrom, tradeoffVerb } from "../../models/command/tradeoff.ts";
import type { Flags } from "../../models/command/verb.ts";
import { split } from "../../models/data/split.ts";
import { synthetic } from "../../models/data/synthetic.ts";
import { dlrm } from "../../models/dlrm.ts";
import { full } from "../../models/full.ts";
import { robe } from "../../models/robe.ts";
import type { Study } from "../../models/tradeoff/study.ts";
import type { Summary } from "../../models/tradeoff/summary.ts";
import { inMemoryNumbers, streamedNumbers } from "../data/rows.ts";
import { trainedPlainly } from "./definition.ts";

const tables = [37, 11];
const flags: Flags = {
  ...{ data: "synthetic", tables: "37,11", rows: "400" },
  ...{ dim: "4", bottom: "8-4", top: "8-1", batch: "32", epochs: "2", evaluations: "4", patience: "3" },
  ...{
    methods: "full,robe",
    compressions: "4",
    seeds: "3,8",
    rates: "0.5,2",
    optimizer: "sgd",
    backend: "cpu",
  },
  quick: true, // everything that it stands for is given
  "no-latency": true,
};
const folder = () => mkdtempSync(join(tmpdir(), "pss-dlrm-tradeoff-"));

/** What the command prints. */
async function printed(change: Flags): Promise<string> {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  const write = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  try {
    expect(await tradeoffVerb.run({ ...flags, ...change }, [])).toBe(0);
    expect(log).toHaveBeenCalledOnce();
    return String(log.mock.calls[0]![0]);
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
}

describe("a study", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const out = folder();
  const study = printed({ out, json: true }).then((text) => JSON.parse(text) as Study & { summary: Summary });

  it("is what plain training comes to, seed by seed: rows cut anew, other weights, another order", async () => {
    // Of 400 rows 320 are to train on, ten batches; four measurements of an epoch are two steps apart.
    const how = { batch: 32, epochs: 2, every: 2, patience: 3 };
    const shape = { dense: 4, tables, dim: 4, bottom: [8, 4], top: [8, 1] };
    const { trials, protocol } = await study;
    expect(protocol.setting.every).toBe(2);
    for (const { trial, outcome } of trials) {
      const { method, rate, seed } = trial;
      const embedding = method === "full" ? full() : robe({ memory: 48 }); // of 192
      const parts = synthetic({ tables, dense: 4, rows: 400, seed });
      const model = dlrm({ ...shape, embedding, backend: cpu, seed });
      const plain = await trainedPlainly(model, parts, { ...how, optimizer: sgd(0.1 * rate), seed });
      expect(outcome).toMatchObject({ ...plain, optimizer: "sgd", learningRate: 0.1 * rate });
    }
  });

  it("has all rates at the first seed and the best of them at the others", async () => {
    const { trials } = await study;
    const bestOf = (method: string) => {
      const aucs = trials
        .filter(({ trial }) => trial.method === method && trial.seed === 3)
        .map(({ trial, outcome }) => {
          if (outcome.kind !== "trained") return expect.fail(outcome.reason);
          return { rate: trial.rate, auc: Math.max(...outcome.curve.map(({ auc }) => auc)) };
        });
      return aucs.toSorted((a, b) => b.auc - a.auc)[0]!.rate;
    };
    expect(trials.map(({ trial }) => Object.values(trial).join(" ")).sort()).toEqual(
      ["full 1", "robe 4"]
        .flatMap((cell) => [`${cell} 0.5 3`, `${cell} 2 3`, `${cell} ${bestOf(cell.split(" ")[0]!)} 8`])
        .sort(),
    );
  });

  it("says of what it was made", async () => {
    const { protocol, provenance, latencies } = await study;
    expect(protocol).toEqual({
      setting: {
        data: { data: "synthetic", tables: "37,11", rows: "400" },
        ...{ dim: 4, bottom: [8, 4], top: [8, 1], batch: 32, epochs: 2, every: 2, patience: 3 },
        optimizer: "sgd",
      },
      ...{ methods: ["full", "robe"], compressions: [4], rates: [0.5, 2], skipped: [], seeds: [3, 8] },
    });
    expect(provenance).toMatchObject({
      backend: "cpu",
      data: "synthetic clicks (seed 3): 320 + 40 + 40 rows to train on, choose by and test on; 2 tables, 48 rows of them",
    });
    expect(latencies).toEqual([]);
  });

  it("prints a table of the same numbers, without training again", async () => {
    const { summary, trials } = await study;
    const [head, first] = (await printed({ out })).split("\n");
    expect(head).toMatch(/^compression {2}method +embedding +AUC /);
    const [full] = summary.rows;
    expect(first).toMatch(new RegExp(`^1× +full +768 B +${full!.auc.mean.toFixed(4)} `)); // 4 · 192 bytes
    expect(trials).toHaveLength(6);
  });
});

describe("measurements of an epoch", () => {
  const every = (rows: number, batch: string, evaluations?: string) =>
    settingFrom({ batch, ...(evaluations && { evaluations }) }, undefined, inMemoryNumbers(rows)).every;

  it("are as many as asked for, or eight, of its batches, the last of which may be short", () => {
    expect(every(640, "10")).toBe(8);
    expect(every(640, "10", "4")).toBe(16);
    expect(every(641, "10", "5")).toBe(13); // 65 steps
    expect(every(100, "10", "3")).toBe(3); // 3 and a third: rather one more
    expect(every(20, "10", "8")).toBe(1); // there are but two
  });

  it("are of the part for training, where only the rows of a file are told", () => {
    const part = streamedNumbers(400);
    const of = (flags: Flags) => settingFrom(flags, undefined, part);
    expect(of({ rows: "400", batch: "32", evaluations: "2" }).every).toBe(5);
    expect(() => of({ batch: "32" })).toThrow("give --rows");
  });
});

describe("rows in words", () => {
  it("are counted where they can be, and not said to be none where they were not", async () => {
    const parts = await split(inMemoryNumbers(2000), { by: "order" });
    const said = "rows to train on, choose by and test on; 1 tables, 4.295 billion rows of them";
    expect(dataInWords(parts)).toBe(`numbers: 1,600 + 200 + 200 ${said}`);
    expect(dataInWords({ ...parts, validation: streamedNumbers(200) })).toBe(`numbers: uncounted ${said}`);
  });
});
