/** Long: the tests of one verb, from its flags to what it prints. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { backends } from "../../../backends/index.ts";
import { withLazyRows } from "../../../cli/study/rows.ts";
import { protocolFrom, tradeoffVerb } from "../../../cli/tradeoff.ts";
import { sgd } from "../../../core/optimizers/sgd.ts";
import type { Source } from "../../../models/data/source.ts";
import { partsOf } from "../../../models/data/split.ts";
import { synthetic } from "../../../models/data/synthetic/synthetic.ts";
import { withoutIds } from "../../../models/data/without-ids.ts";
import { configByName } from "../../../models/dlrm/configs.ts";
import { dlrm } from "../../../models/dlrm/dlrm.ts";
import { full } from "../../../models/embeddings/families/full.ts";
import { robe } from "../../../models/embeddings/families/robe.ts";
import type { Study } from "../../experiments/tradeoff/study.ts";
import type { Summary } from "../../experiments/tradeoff/summary.ts";
import { trainedPlainly } from "../experiments/tradeoff/definition.ts";
import { rows, sorted } from "../models/data/rows.ts";
import { temporaryFolder } from "../temporary.ts";
import { argsOf, given, run, type Written } from "./command.ts";

const tables = [37, 11];
const flags: Written = {
  ...{ data: "synthetic", tables: "37,11", rows: "400" },
  ...{ dim: "4", bottom: "8-4", top: "8-1", batch: "32", epochs: "2", evaluations: "4", patience: "3" },
  ...{
    methods: "full,robe",
    compressions: "4",
    seeds: "3,8",
    "lr-multipliers": "0.5,2",
    optimizer: "sgd",
    backend: "cpu",
  },
  quick: true, // everything that it stands for is given
  "no-latency": true,
};
const folder = () => temporaryFolder();

const argsWith = (change: Written): string[] => argsOf({ ...flags, ...change });

/** What is known of rows of a file, so many of them to train on. */
const counted = (rows: number): Pick<Source, "survey"> => ({
  survey: {
    parts: { train: { rows, ones: 7 }, validation: { rows: 9, ones: 1 }, test: { rows: 9, ones: 2 } },
    stretches: [{ rows: rows + 18, ones: 10 }],
  },
});

/** The comparison that these flags ask for, on so many rows to train on. */
const asked = (written: Written, rows: number) =>
  protocolFrom(given(tradeoffVerb, written).values, {}, counted(rows));

/** What the command prints. */
async function printed(change: Written): Promise<string> {
  const { code, out } = await run("tradeoff", ...argsWith(change));
  expect(code).toBe(0);
  return out;
}

describe("a study", () => {
  const out = folder();
  let study: Study & { readonly summary: Summary };
  beforeAll(async () => {
    study = JSON.parse(await printed({ out, json: true }));
  });

  it("is what plain training comes to, seed by seed: rows cut anew, other weights, another order", async () => {
    // Of 400 rows 320 are to train on, ten batches; four measurements of an epoch are two steps apart.
    const how = { batch: 32, epochs: 2, every: 2, patience: 3 };
    const shape = { dense: 4, tables, dim: 4, bottom: [8, 4], top: [8, 1] };
    const { trials, protocol } = study;
    expect(protocol.setting.every).toBe(2);
    for (const { trial, outcome } of trials) {
      const { method, rate, seed } = trial;
      const embedding = method === "robe" ? robe({ memorySize: 48 }) : full(); // of 192
      const drawn = synthetic({ tables, dense: 4, rows: 400, seed });
      const parts = method === "floor" ? partsOf((part) => withoutIds(drawn[part])) : drawn;
      const model = dlrm({ ...shape, tables: parts.train.tables, embedding, backend: cpu, seed });
      const plain = await trainedPlainly(model, parts, { ...how, optimizer: sgd(0.1 * rate), seed });
      expect(outcome).toMatchObject({ ...plain, optimizer: "sgd", learningRate: 0.1 * rate });
    }
  });

  it("has all rates at the first seed and the best of them at the others", async () => {
    const { trials } = study;
    const bestOf = (method: string) => {
      const aucs = trials
        .filter(({ trial }) => trial.method === method && trial.seed === 3)
        .map(({ trial, outcome }) => {
          if (outcome.kind !== "trained") return expect.fail(outcome.reason);
          return { rate: trial.rate, auc: Math.max(...outcome.curve.map(({ auc }) => auc!)) };
        });
      return aucs.toSorted((a, b) => b.auc - a.auc)[0]!.rate;
    };
    expect(trials.map(({ trial }) => Object.values(trial).join(" ")).sort()).toEqual(
      ["full 1", "floor 1", "robe 4"]
        .flatMap((cell) => [`${cell} 0.5 3`, `${cell} 2 3`, `${cell} ${bestOf(cell.split(" ")[0]!)} 8`])
        .sort(),
    );
  });

  it("says of what it was made", async () => {
    const { protocol, provenance, latencies } = study;
    expect(protocol).toEqual({
      setting: {
        data: { data: "synthetic", tables: "37,11", rows: "400" },
        ...{ dim: 4, bottom: [8, 4], top: [8, 1], batch: 32, epochs: 2, every: 2, patience: 3 },
        optimizer: "sgd",
      },
      ...{ methods: ["full", "robe"], compressions: [4], rates: [0.5, 2], skipped: [], seeds: [3, 8] },
      tolerance: 0.001,
    });
    expect(provenance).toMatchObject({
      backend: "cpu",
      command: ["npx pss-dlrm tradeoff", ...argsWith({ out, json: true })].join(" "),
      data: expect.stringMatching(
        /^synthetic clicks \(seed 3\): 320 \+ 40 \+ 40 rows to train on, choose by and test on, \d+ \+ \d+ \+ \d+ of them labeled 1; 2 tables, 48 rows of them$/,
      ),
    });
    expect(latencies).toEqual([]);
  });

  it("prints a table of the same numbers, without training again", async () => {
    const { summary, trials } = study;
    const [head, first] = (await printed({ out })).split("\n");
    expect(head).toMatch(/^compression {2}method +embedding +AUC /);
    const [full] = summary.rows;
    expect(first).toMatch(new RegExp(`^1× +full +768 B +${full!.auc!.mean.toFixed(4)} `)); // 4 · 192 bytes
    expect(trials).toHaveLength(9);
  });
});

describe("a study that is done", () => {
  const out = folder();
  const tiny = { out, rows: "200", seeds: "3", "lr-multipliers": "1", epochs: "1" };
  const times = [
    { method: "full", compression: 1, step: 4, quartiles: [3, 5], speedup: 1, predicted: 1111 },
    { method: "floor", compression: 1, step: 1, quartiles: [1, 1], speedup: 4, predicted: 3333 },
    { method: "robe", compression: 4, step: 2, quartiles: [1, 3], speedup: 2, predicted: 2222 },
  ];
  beforeAll(async () => {
    const { code, err } = await run("tradeoff", ...argsWith(tiny));
    expect(code).toBe(0);
    const lines = err.trimEnd().split("\n"); // what is about to be done, then a line for each trial
    expect(lines.map((line) => line.split(":")[0])).toEqual([
      "Trains full, floor, robe at 4× on synthetic clicks (seed 3)",
      "full, rate 1×, seed 3",
      "floor, rate 1×, seed 3",
      "robe at 4×, rate 1×, seed 3",
    ]);
    writeFileSync(join(out, "latencies.json"), JSON.stringify(times));
  });

  it("has the times of steps, unless --no-latency says not to", async () => {
    const latencies = async (change: Written) =>
      JSON.parse(await printed({ ...tiny, json: true, ...change })).latencies;
    expect(await latencies({ "no-latency": undefined })).toEqual(times);
    expect(await latencies({})).toEqual([]);
  });

  it("is printed for people, of what it was made and how to repeat it under its table", async () => {
    const lines = (await printed(tiny)).trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(/^next {8}add --save FILE to the same command/);
    expect(lines.at(-2)).toBe(["repeat      npx pss-dlrm tradeoff", ...argsWith(tiny)].join(" "));
    expect(lines.at(-3)).toMatch(/^synthetic clicks \(seed 3\): 160 \+ 20 \+ 20 rows .*; .+ cores, Node /);
    const { err } = await run("tradeoff", ...argsWith({ ...tiny, out: folder(), json: true }));
    expect(err).toBe("");
  });

  it("is a page with its numbers where that is asked for, and pictures where those are", async () => {
    const at = folder();
    const { trials } = JSON.parse(await printed({ ...tiny, json: true, html: join(at, "page.html") }));
    const page = readFileSync(join(at, "page.html"), "utf8");
    const embedded = /<script type="application\/json" id="study">(.*)<\/script>/.exec(page)![1]!;
    expect(JSON.parse(embedded).trials).toEqual(trials);
    expect(readdirSync(at)).toEqual(["page.html"]);
    await printed({ ...tiny, svg: join(at, "pictures") });
    expect(readdirSync(at)).toEqual(["page.html", "pictures"]);
    expect(readFileSync(join(at, "pictures", "quality.svg"), "utf8")).toMatch(/^<svg/);
  });

  it("names the backend, and the device that computes", async () => {
    const backend = async () => JSON.parse(await printed({ ...tiny, json: true })).provenance.backend;
    expect(await backend()).toBe("cpu");
    const device = { name: "some device", software: false };
    const choice = backends.find(({ name }) => name === "cpu")!;
    const open = vi.spyOn(choice, "open").mockResolvedValue({ ...cpu, device });
    expect(await backend()).toBe("cpu (some device)");
    open.mockRestore();
  });

  it("of a config has its optimizer, batch and dense features", async () => {
    const unsaid = { optimizer: undefined, batch: undefined, patience: undefined };
    const own = { out: folder(), config: "criteo-kaggle", ...unsaid };
    const { protocol } = JSON.parse(await printed({ ...tiny, ...own, json: true }));
    expect(protocol.setting).toMatchObject({ optimizer: "sgd", batch: 128, dim: 4 });
    expect(protocol.setting.data.config).toBe("criteo-kaggle");
  });

  it("--quick is of few methods, sizes, rates and epochs, where no flag says otherwise", async () => {
    const few = "--quick --no-latency --data synthetic --tables 37,11 --rows 80 --seeds 0 --dim 2 --bottom 2";
    const args = [...few.split(" "), ..."--top 1 --backend cpu --batch 64 --json".split(" ")];
    const { protocol } = JSON.parse((await run("tradeoff", ...args, "--out", folder())).out);
    const { methods, compressions, rates, setting } = protocol;
    expect({ methods, compressions, rates, epochs: setting.epochs, rows: setting.data.rows }).toEqual({
      methods: ["full", "robe", "rowHash"],
      compressions: [10, 100, 1000],
      rates: [0.3, 1],
      ...{ epochs: 3, rows: "80" },
    });
  });
});

describe("measurements of an epoch", () => {
  const every = (rows: number, batch: string, evaluations?: string) =>
    asked({ batch, ...(evaluations && { evaluations }) }, rows).setting.every;

  it("are as many as asked for, or eight, of its batches, the last of which may be short", () => {
    expect(every(640, "10")).toBe(8);
    expect(every(640, "10", "4")).toBe(16);
    expect(every(641, "10", "5")).toBe(13); // 65 steps
    expect(every(100, "10", "3")).toBe(3); // 3 and a third: rather one more
    expect(every(20, "10", "8")).toBe(1); // there are but two
  });
});

describe("what the flags do not say", () => {
  it("is as the help says", () => {
    const { setting, ...rest } = asked({}, 8192);
    expect(setting).toStrictEqual({
      data: {},
      ...{ dim: 16, bottom: [64, 16], top: [64, 32, 1] },
      ...{ batch: 512, epochs: 4, every: 2, patience: 8, optimizer: "adagrad" }, // 16 steps by 8
      labels: [10],
    });
    expect(rest).toMatchObject({
      compressions: [10, 100, 1000, 10_000],
      ...{ rates: [0.3, 1, 3], seeds: [0, 1, 2, 3, 4], skipped: [], methods: ["full", "robe"] },
    });
    const heavy = asked({ optimizer: "sgd", momentum: "0.9" }, 8192).setting;
    expect(heavy).toMatchObject({ optimizer: "sgd", optimizerOptions: { momentum: 0.9 } });
  });

  it("is the config's, but for the rates, which are the usual ones", () => {
    const kaggle = configByName("criteo-kaggle");
    const { setting } = asked({ batch: "64", config: "criteo-kaggle" }, 640);
    const { dim, bottom, top, optimizer } = kaggle;
    expect(setting).toMatchObject({ dim, bottom, top, optimizer, batch: 64, every: 1 });
    expect(asked({ config: "criteo-kaggle" }, 640).setting.batch).toBe(kaggle.batch);
  });
});

describe("the touched rows", () => {
  it("are those of all three parts, where full tables have more than 2²⁸ floats", async () => {
    const parts = (rows: number) => synthetic({ tables: [rows, 9], dense: 1, rows: 60, seed: 1 });
    const large = parts(2 ** 26);
    const { lazyRows: touched } = await withLazyRows(large, 4);
    const all = (
      await Promise.all([large.train, large.validation, large.test].map((part) => rows(part)))
    ).flat();
    for (const t of [0, 1])
      expect([...touched!.rows[t]!]).toEqual(sorted([...new Set(all.map(({ bags }) => bags[t]![0]!))]));
    expect((await withLazyRows(parts(2 ** 26 - 9), 4)).lazyRows).toBeUndefined(); // 2²⁸ in all
  });
});

describe("what is left out", () => {
  it("is any method but the full tables, at any of the compressions, and is not trained", async () => {
    const skipped = ["robe@4", "robe:block=2@9"];
    const flags = { methods: "full,robe,robe:block=2", compressions: "4,9", skip: skipped.join(",") };
    expect(asked(flags, 640).skipped).toEqual(skipped);
  });
});

describe("a study that makes no sense", () => {
  it.each([
    ["--methods robe", "first method must be full"],
    ["--methods full,robe,robe", "named twice"],
    ["--methods full,robe:memory-size=9", "leave it out"],
    ["--methods full,robe:color=red", "robe has no option color"],
    ["--methods full,robe:toString=1", "robe has no option toString"],
    ["--methods full,robes", '"robes"'],
    ["--compressions 0.5", "Each of --compressions must be a number above 1, but it is 0.5."],
    ["--lr-multipliers 0,1", "above 0"],
    ["--seeds x", "Each of --seeds must be a whole number from 0 up"],
    ["--compressions 1", "but it is 1."],
    ["--lr-multipliers 1,-2", "but it is -2."],
    ["--seeds 1,-1", "but it is -1."],
    ["--skip robe@7", '"robe@7"'],
    ["--skip full@4", 'like robe@4, but was given "full@4"'],
    ["--skip rowHash@4", '"rowHash@4"'],
    ["--skip robe@4,robe", 'given "robe"'],
    ["--config criteo", '"criteo"'],
    ["--compressions 4,9,4", "--compressions has 4 twice"],
    ["--seeds 3,8,3", "--seeds has 3 twice"],
    ["--lr-multipliers 1,1", "--lr-multipliers has 1 twice"],
    ["--methods full,robe:pooling=mean", "each field of this data is one id"],
    ["--patience 9", "--patience 9 needs 11 measurements to end a training early, but there are 10"],
  ])("refuses %s in one sentence", async (words, said) => {
    const [flag = "", value] = words.slice(2).split(" ");
    const { code, out, err } = await run("tradeoff", ...argsWith({ out: folder(), [flag]: value }));
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(said);
    expect(err.trim().split("\n")).toHaveLength(1);
  });
});
