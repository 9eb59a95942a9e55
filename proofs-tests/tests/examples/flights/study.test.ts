import { mkdirSync, readFileSync } from "node:fs";
import { cpu, dlrm, full, robe, synthetic } from "pss-dlrm"; // the study is of the package
import { describe, expect, it } from "vitest";
import { qualityFigure, type Run } from "../../../../examples/flights/plots.ts";
import { pageOf } from "../../../../examples/flights/report.ts";
import {
  asked,
  commandOf,
  compared,
  dataInWords,
  modelsOf,
  protocolOn,
  writeStudy,
} from "../../../../examples/flights/study.ts";
import { temporaryFolder } from "../../temporary.ts";
import { runOf } from "./made.ts";

describe("the study's command line", () => {
  it("asks for 200,000 rows and a report, unless it says otherwise", () => {
    expect(asked([])).toEqual({ rows: 200_000, docs: false, check: false });
    expect(asked(["--rows", "5000", "--docs", "--check"])).toEqual({
      rows: 5000,
      docs: true,
      check: true,
    });
    expect(() => asked(["--rows"])).toThrow("--rows");
  });

  it("is said so that the same numbers come out of it", () => {
    expect(commandOf(200_000)).toBe("npm start");
    expect(commandOf(5000)).toBe("npm start -- --rows 5000");
  });
});

describe("the study's models", () => {
  it("store what their names say: all floats, a 10th and a 100th of them", () => {
    const models = modelsOf({ block: 4, seed: 1 });
    const tables = [600, 400]; // of 4 floats an id: 4000
    const layers = { dense: 1, tables, dim: 4, bottom: [4], top: [1], backend: cpu, seed: 1 };
    const stored = models.map(({ name, compression, embedding }) => {
      const model = dlrm({ ...layers, embedding });
      return [name, compression, model.embedding.memorySize];
    });
    expect(stored).toEqual([
      ["full tables", 1, 4000],
      ["robe 10×", 10, 400],
      ["robe 100×", 100, 40],
    ]);
  });
});

describe("the comparison of models", () => {
  const tables = [20, 10];
  const { train, validation, test } = synthetic({ tables, dense: 3, rows: 600, seed: 1 });
  const parts = { train, validation: validation!, test: test! };
  const protocol = { ...protocolOn(cpu), dim: 4, batch: 32 };
  const models = [
    { name: "full", compression: 1, embedding: full() },
    { name: "robe 4×", compression: 4, embedding: robe({ memorySize: 30, block: 4 }) },
    { name: "robe 20×", compression: 20, embedding: robe({ memorySize: 6, block: 2 }) },
  ];

  it("holds each model against the first, and tells of each when it is over", async () => {
    const told: Run[] = [];
    const runs = await compared(models, tables, parts, protocol, (run) => void told.push(run));
    expect(told).toEqual(runs);
    expect(runs.map(({ name, compression }) => [name, compression])).toEqual([
      ["full", 1],
      ["robe 4×", 4],
      ["robe 20×", 20],
    ]);
    const [first, ...others] = runs;
    expect(first!.difference).toBeUndefined();
    for (const { auc, difference } of others) {
      // The paired difference is that of the AUCs; only its interval knows of the pairing.
      expect(difference!.value).toBeCloseTo(auc.value - first!.auc.value, 12);
      const [low, high] = difference!.interval;
      expect(low).toBeLessThan(difference!.value);
      expect(high).toBeGreaterThan(difference!.value);
    }
    expect(others[0]!.auc.value).not.toBe(others[1]!.auc.value);
  });

  it("says its rows, ids and protocol in words", () => {
    expect(dataInWords(600, tables, parts, protocol)).toBe(
      `the first 600 of 3,000,000 US flights of January to June 2001 (flight delays, real rows; source: US Department of Transportation), random split: ${train.rows} train, ${test!.rows} test; 2 tables, 30 ids, dim 4; one epoch, batch 32, Adagrad 0.06`,
    );
  });
});

/** Plot numbers its markers and clips through all plots of a process. */
const unnumbered = (text: string) => text.replaceAll(/plot-(marker|clip)-\d+/g, "$1");

describe("what the study writes", () => {
  const study = {
    title: "a study",
    data: "some rows",
    machine: "a machine",
    command: "npm start",
    seed: 1,
    versions: {},
    runs: [runOf({ curve: [{ step: 10, loss: 0.5 }] })],
  };

  it("is its page and all its numbers, also a second time", async () => {
    const folder = temporaryFolder();
    const text = (path: string) => readFileSync(`${folder}/${path}`, "utf8");
    await writeStudy({ ...study, title: "an older study" }, folder, false);
    await writeStudy(study, folder, false);
    expect(JSON.parse(text("reports/flights.json"))).toEqual(study);
    expect(unnumbered(text("reports/flights.html"))).toBe(unnumbered(pageOf(study)));
    expect(() => text("docs/data/flights.json")).toThrow("ENOENT");
  });

  it("is with --docs also the README's numbers and picture, for light and dark", async () => {
    const folder = temporaryFolder();
    mkdirSync(`${folder}/docs/data`, { recursive: true });
    await writeStudy(study, folder, true);
    const text = (path: string) => readFileSync(`${folder}/docs/${path}`, "utf8");
    expect(JSON.parse(text("data/flights.json"))).toEqual(study);
    expect(unnumbered(text("quality-light.svg"))).toBe(unnumbered(qualityFigure(study.runs, "light")));
    expect(unnumbered(text("quality-dark.svg"))).toBe(unnumbered(qualityFigure(study.runs, "dark")));
  });
});
