import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { type SavedCell, saveAnswer } from "../../../../cli/study/save.ts";
import { describe as aboutOf, load } from "../../../../models/dlrm/saved/load.ts";
import { metrics } from "../../../../models/metrics/metrics.ts";
import type { Study } from "../../../experiments/tradeoff/study.ts";
import { protocolOf } from "../../experiments/tradeoff/made.ts";
import { put } from "../../models/data/files.ts";
import { run } from "../command.ts";
import { columnFlags, folder, textOf, visits } from "../scoring/scored.ts";

const some = visits(900, 3);
const data = `csv:${put(textOf(some), "study.csv")}`;
const small = [
  ...["tradeoff", "--data", data, ...columnFlags, "--methods", "full,robe", "--compressions", "2,8"],
  ...["--lr-multipliers", "1,3", "--seeds", "4,5", "--epochs", "8", "--evaluations", "3"],
  ...["--batch", "32", "--dim", "4", "--bottom", "4", "--top", "4-1", "--backend", "cpu", "--no-latency"],
];
const at = (name: string) => join(folder, name);
type Printed = Study & { readonly saved: SavedCell };

/** Runs the study, whose trials are done once, and writes what its answer names. */
async function saved(name: string, ...words: string[]): Promise<Printed> {
  const { code, out, err } = await run(
    ...[...small, "--out", at("trials"), "--save", at(name), "--json", ...words],
  );
  expect([code, err]).toEqual([0, ""]);
  return JSON.parse(out) as Printed;
}

/** What a study recorded of the trial that was trained again. */
const recorded = ({ trials, saved: { method, compression, rate, seed } }: Printed) => {
  const found = trials.find(
    ({ trial }) =>
      trial.method === method &&
      trial.compression === compression &&
      trial.rate === rate &&
      trial.seed === seed,
  );
  if (found?.outcome.kind !== "trained") throw new Error("no such trial");
  return found.outcome;
};

describe("the model that a study writes", () => {
  let full: Printed;
  let robe: Printed;
  beforeAll(async () => {
    full = await saved("full.safetensors", "--tolerance", "0.000001");
    robe = await saved("robe.safetensors", "--tolerance", "0.9");
  }, 120_000);

  it("is the smallest that is shown to be small enough, or full tables where none is", () => {
    expect(full.saved).toMatchObject({ method: "full", compression: 1, isSmallEnough: false, seed: 4 });
    expect(robe.saved).toMatchObject({ method: "robe", compression: 8, isSmallEnough: true, seed: 4 });
    expect(robe.saved.bytes).toBeLessThanOrEqual(robe.saved.fullBytes / 8);
    expect([full.saved.bytes, full.saved.fullBytes]).toEqual([robe.saved.fullBytes, robe.saved.fullBytes]);
  });

  it("is that of the study's own trial, at the rate that was best", async () => {
    expect([full, robe].map(recorded).some(({ test, steps }) => test.step < steps)).toBe(true); // which tell best from last
    for (const study of [full, robe]) {
      const { test, curve, steps, learningRate } = recorded(study);
      const { training, optimizer, quality, history, settings } = await aboutOf(study.saved.file);
      const best = curve.reduce((a, b) => (b.auc! > a.auc! ? b : a));
      expect(Number(quality!.test.auc!.value.toPrecision(6))).toBe(test.auc); // no calibration moves it
      expect(Number(quality!.validation.auc!.value.toPrecision(6))).toBe(best.auc);
      expect(training).toMatchObject({ step: test.step, worse: 0, best: { step: best.step, judge: "auc" } });
      expect(Number((training!.best as { value: number }).value.toPrecision(6))).toBe(best.auc);
      expect(settings).toEqual(study.protocol.setting.data);
      const [{ rows: trained }] = history as unknown as [{ rows: number }];
      expect(training!.ended).toMatchObject({ step: steps, early: steps < 8 * Math.ceil(trained / 32) });
      expect(optimizer).toMatchObject({ name: "adagrad", learningRate });
      expect(history).toMatchObject([{ learningRate, batch: 32, from: 0 }]);
    }
    expect(full.saved.rate).not.toBe(undefined);
  });

  it("scores raw rows: it knows columns, scales, tables, and is calibrated on the rows to choose by", async () => {
    for (const { saved: own } of [full, robe]) {
      const model = await load(own.file, { backend: cpu });
      const scores: number[] = [];
      for await (const p of model.score(some.map(({ age, ...row }) => ({ ...row, age: age ?? null }))))
        scores.push(p);
      const { auc } = metrics(
        some.map(({ clicked }) => clicked),
        scores,
      );
      expect(auc.value).toBeGreaterThan(0.7);
      expect(own.quality.validation.calibration).toBeCloseTo(1, 3);
      expect(own.quality.test.rows).toBeLessThan(120);
      expect(own.hasFeatures).toBe(true);
    }
    const { features } = await aboutOf(full.saved.file);
    expect(features!.categorical.map(({ rows, vocabulary }) => [rows, vocabulary?.hashes.length])).toEqual([
      [21, 20],
      [4, 3], // an empty list has no id
    ]);
    expect((await aboutOf(robe.saved.file)).features!.categorical[0]!.vocabulary).toBe(undefined);
  });

  it("goes on with other rows, by the state of its optimizer", async () => {
    const { code, out, err } = await run(
      ...["train", "--from", robe.saved.file, "--data", `csv:${put(textOf(visits(300, 8)), "next.csv")}`],
      ...["--batch", "32", "--backend", "cpu", "--json"],
    );
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toHaveProperty("before");
  });

  it("costs no trial again: the same command with --save trains one model", async () => {
    const times = () =>
      readdirSync(at("trials/trials")).map((file) => [
        file,
        statSync(join(at("trials/trials"), file)).mtimeMs,
      ]);
    const before = times();
    const again = await saved("again.safetensors", "--tolerance", "0.9");
    expect(times()).toEqual(before);
    expect(again.saved).toEqual({ ...robe.saved, file: at("again.safetensors") });
  });

  it("is told with what to do next, after what is about to be done", async () => {
    const said = async (...words: string[]) => {
      const { out, err } = await run(...small, "--out", at("trials"), "--tolerance", "0.9", ...words);
      return [err.split("\n")[0]!, ...out.trimEnd().split("\n").slice(-2)];
    };
    const [plan, told, next] = await said("--save", at("told.safetensors"));
    expect(plan).toBe(
      `Trains full, floor, robe at 2×, robe at 8× on study.csv: 12 models at most, at 2 seeds; results are kept in ${at("trials")}.`,
    );
    expect(told).toContain(
      `told.safetensors: robe at 8×, ${robe.saved.bytes} B in place of ${robe.saved.fullBytes} B; rate `,
    );
    expect(told).toContain(`AUC ${robe.saved.quality.test.auc!.value.toFixed(4)}`);
    expect(next).toBe(
      `next        npx pss-dlrm predict --model ${at("told.safetensors")} --data csv:NEW_ROWS --out scores.csv`,
    );
    expect((await said()).at(-1)).toContain("add --save FILE");
  });
});

it("nothing is saved where full tables did not train, and a sentence says so", async () => {
  const protocol = protocolOf({ methods: ["full", "robe"], rates: [1], seeds: [4] });
  const refused = { kind: "refused", reason: "no memory" } as const;
  const trial = { method: "full", compression: 1, rate: 1, seed: 4 };
  const provenance = { machine: "", backend: "cpu", data: "", command: "", version: "" };
  const study = { protocol, provenance, trials: [{ trial, outcome: refused }], latencies: [] };
  const rows = () => expect.fail("no rows are read");
  await expect(saveAnswer("m.safetensors", study, { backend: cpu, rows, watch: () => {} })).rejects.toThrow(
    "Nothing is saved to m.safetensors: full tables did not train.",
  );
});

describe("a model that cannot be written is refused before anything is trained", () => {
  beforeAll(() => {
    writeFileSync(at("there"), "");
    mkdirSync(at("empty"));
  });

  it.each([
    ["a file that is there", "there", "is there already; name another file"],
    ["a folder", "empty", "it is a folder"],
    ["below a file", "there/x", "is a file, no folder"],
  ])("%s", async (_, path, sentence) => {
    const { code, err } = await run(...small, "--out", at("never"), "--save", at(path));
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect(existsSync(at("never"))).toBe(false);
  });
});
