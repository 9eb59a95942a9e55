import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { SignalReport } from "../../../cli/signal.ts";
import { joined, keptPicture, predictedTable } from "../../../config/docs/kept.ts";
import { publishedTable } from "../../../config/docs/published.ts";
import { predictedAuc } from "../../experiments/tradeoff/predicted.ts";
import { keyOf } from "../../experiments/tradeoff/protocol.ts";
import type { Study } from "../../experiments/tradeoff/study.ts";
import { outcomes, protocolOf, trained } from "../experiments/tradeoff/made.ts";
import { cellsOf } from "./cells.ts";

const provenance = { machine: "", backend: "", data: "", command: "", version: "" };

/** A study of these test AUCs, seed by seed, at one compression; the best of full tables is 0.8, of the floor 0.6. */
function studyOf(compression: number, methods: Readonly<Record<string, readonly number[]>>): Study {
  const seeds = Object.values(methods)[0]!.map((_, seed) => seed);
  const protocol = protocolOf({
    methods: ["full", ...Object.keys(methods)],
    compressions: [compression],
    seeds,
  });
  const known = outcomes(protocol, {
    full: seeds.map((seed) => trained([[5, 0.8]], 0.8 + seed / 1000)),
    floor: seeds.map((seed) => trained([[5, 0.6]], 0.6 + seed / 1000)),
    ...Object.fromEntries(
      Object.entries(methods).map(([name, aucs]) => [name, aucs.map((auc) => trained([[5, auc]], auc))]),
    ),
  });
  const trials = [...known].map(([key, outcome]) => {
    const [, method, compression, rate, seed] = /^(.*)@(.*)x,rate(.*),seed(.*)$/.exec(key)!;
    const trial = {
      method: method!,
      compression: Number(compression),
      rate: Number(rate),
      seed: Number(seed),
    };
    expect(keyOf(trial)).toBe(key);
    return { trial, outcome };
  });
  return { protocol, provenance, trials, latencies: [] };
}

describe("studies as one", () => {
  const few = studyOf(10, { robe: [0.7, 0.71], memcom: [0.65, 0.66] });
  const many = studyOf(10, { robe: [0.72, 0.73, 0.74] });

  it("have of each method at a compression the row of the first that has it", () => {
    const { rows } = joined([few, many]);
    const of = (name: string) => rows.filter(({ method }) => method === name);
    expect(of("robe").map(({ quality }) => quality.values)).toEqual([[0.7, 0.71]]);
    expect(of("memcom").map(({ quality }) => quality.values)).toEqual([[0.65, 0.66]]);
    expect(of("full")).toHaveLength(1);
  });

  it("are drawn below each other, each with its title, its methods and no others", () => {
    const svg = keptPicture([
      { title: "few & first", summary: joined([few]), methods: { robe: "ROBE" } },
      { title: "many", summary: joined([many]), methods: { robe: undefined } },
    ]);
    const { document } = parseHTML(`<html><body>${svg}</body></html>`);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img"/);
    expect(svg).toContain("few &amp; first");
    const inner = [...document.querySelectorAll("svg svg")].filter((one) => one.getAttribute("y"));
    const tops = inner.map((one) => Number(one.getAttribute("y")));
    expect(tops).toHaveLength(2);
    expect(tops[1]! - tops[0]!).toBe(30 + Number(inner[0]!.getAttribute("height")));
    expect(svg).toContain("■ ROBE");
    expect(svg).toContain("■ robe");
    expect(svg).not.toContain("memcom");
  });
});

describe("what was predicted of memories, beside what was measured", () => {
  const summary = joined([studyOf(20, { "robe:storage=f16": [0.7, 0.71] })]);
  const report: SignalReport = {
    ...{ data: "rows", rows: 1000, ones: 300, dim: 4, gain: 0.1, tables: [] },
    memories: [
      { compression: 10, floats: 5000, atMost: 0.9, shared: 0.4 },
      { compression: 20, floats: 2500, atMost: 0.8, shared: 0.2 },
    ],
  };
  const ends = { floor: 0.6005, full: 0.8005, rate: 0.3 };

  it("is of the numbers that fit into the bytes, in AUC above the floor", () => {
    const [heads, ...rows] = cellsOf(
      predictedTable(summary, report, { method: "robe:storage=f16", bits: 16 }),
    );
    expect(heads).toEqual([
      "memory",
      "numbers of 16 bits",
      "at most",
      "shared by all",
      "measured, robe:storage=f16",
    ]);
    const share = (kept: number) => `${(((predictedAuc(ends, kept) - 0.6005) / 0.2) * 100).toFixed(1)} %`;
    expect(rows).toHaveLength(1);
    expect(rows[0]!.slice(0, 4)).toEqual(["20×", "5,000", share(0.9), share(0.4)]);
    expect(rows[0]![4]).toMatch(/^52\.\d % \(/); // (0.705 − 0.6005)/0.2
  });

  it("is refused where nothing was predicted", () =>
    expect(() => predictedTable(summary, report, { method: "robe:storage=f16", bits: 8 })).toThrow(
      "What is kept at 20× was not predicted.",
    ));
});

describe("the published curve beside a study", () => {
  it("has each of its points, and how far the study is from it", () => {
    const all = [2, 10, 100, 1000, 10_000, 100_000].map((compression) =>
      studyOf(compression, { robe: [0.8, 0.802] }),
    );
    const [first, ...others] = all;
    const joinedStudy: Study = {
      ...first!,
      protocol: { ...first!.protocol, compressions: [2, 10, 100, 1000, 10_000, 100_000] },
      trials: [
        ...first!.trials,
        ...others.flatMap(({ trials }) => trials.filter(({ trial }) => trial.method === "robe")),
      ],
    };
    const rows = cellsOf(publishedTable(joinedStudy, "robe")).slice(1);
    expect(rows.map((row) => [row[0], row[1], row[3]])).toEqual([
      ["2× less", "0.8083", "−0.0073"],
      ["10× less", "0.8082", "−0.0072"],
      ["100× less", "0.8073", "−0.0063"],
      ["1,000× less", "0.8033", "−0.0023"],
      ["10,000× less", "0.8021", "−0.0011"],
      ["100,000× less", "0.8022", "−0.0012"],
    ]);
    expect(rows[0]![2]).toMatch(/^0\.8010 \(/);
    expect(() => publishedTable(first!, "robe")).toThrow("The study has no robe at 10×.");
  });
});
