import { describe, expect, it } from "vitest";
import {
  anatomyTable,
  type Peers,
  parsingTable,
  peersTable,
  type Rates,
  ratesTable,
} from "../../../config/docs/speed.ts";
import { cellsOf } from "./cells.ts";

describe("the table of peers", () => {
  const peer = (name: string, remarks: string[], difference: number) => ({
    name,
    version: "1.0",
    remarks,
    difference,
  });
  const peers: Peers = {
    machine: "a machine",
    flags: { config: "criteo-kaggle", compression: "1000", batch: "2048", rounds: "7" },
    peers: [
      peer("fast, 2 threads", ["nothing"], 1e-7),
      peer("slow", ["one core", "no sparse step"], 2e-6),
      peer("other", ["nothing"], 0.03),
    ],
    rows: [
      { what: "prediction", peer: "fast, 2 threads", milliseconds: [3, 1, 2, 5, 4] },
      { what: "prediction", peer: "slow", milliseconds: [30, 60, 45] },
      { what: "prediction", peer: "other", milliseconds: [1.5] },
      { what: "step", peer: "fast, 2 threads", milliseconds: [10] },
      { what: "step", peer: "slow", milliseconds: [95] },
    ],
  };
  const markdown = peersTable(peers, "fast, 2 threads");

  it("has medians, quartiles, and how many times as long as ours each takes", () => {
    expect(cellsOf(markdown)).toEqual([
      [
        "milliseconds: median (quartiles), against fast, 2 threads",
        "prediction",
        "step",
        "probabilities differ by",
      ],
      ["fast, 2 threads 1.0", "3.0 (2.0 … 4.0), 1.0×", "10.0 (10.0 … 10.0), 1.0×", "1e-7"],
      ["slow 1.0", "45.0 (37.5 … 52.5), 15×", "95.0 (95.0 … 95.0), 9.5×", "2e-6"],
      ["other 1.0", "1.5 (1.5 … 1.5), 0.50×", "–", "3e-2"],
    ]);
  });

  it("says what each could not do, and how to measure it again", () => {
    expect(markdown).toContain("- fast, 2 threads; other: nothing.\n- slow: one core; no sparse step.");
    expect(markdown).toContain("embeddings in 1/1000 of their floats, batch 2048. Machine: a machine.");
    expect(markdown).not.toContain("--config");
    const flags = { config: "small", compression: "10", batch: "256", rounds: "5", only: "fast,torch" };
    const small = peersTable({ ...peers, flags }, "slow");
    expect(small).toContain(
      "npm start -- --config small --compression 10 --only fast,torch --rounds 5 --json FILE",
    );
    expect(small).toContain("against slow");
  });
});

describe("the table of parsing", () => {
  it("has megabytes and thousands of rows a second", () => {
    // 80 MB in 400 ms are 200 MB/s; 200,000 rows in that time are 500,000 a second.
    const markdown = parsingTable({
      machine: "a machine",
      rows: 200_000,
      files: [
        { name: "Criteo", megabytes: 80, milliseconds: { kernel: 400, definition: 8000 } },
        { name: "CSV", megabytes: 20, milliseconds: { kernel: 100, definition: 1000 } },
      ],
    });
    expect(cellsOf(markdown)).toEqual([
      ["MB/s of text (thousand rows/s)", "Criteo", "CSV"],
      ["kernel", "200 (500)", "200 (2000)"],
      ["definition", "10 (25)", "20 (200)"],
    ]);
    expect(markdown).toContain("\n\n200,000 rows, the fastest of some runs. Machine: a machine.");
  });
});

describe("the table of rates", () => {
  const product = (name: string, n: number, milliseconds: Rates["products"][number]["milliseconds"]) => ({
    name,
    form: { n, k: 500, m: 200, transposeA: false, transposeB: false },
    milliseconds,
  });
  const markdown = ratesTable({
    machine: "a machine",
    products: [
      // 2 · 1000 · 500 · 200 = 2 · 10⁸ in 4 ms are 50 · 10⁹ a second.
      product("first", 1000, { "fast, 1 thread": [4, 9, 4], "fast, 2 threads": [2] }),
      product("second", 100, { "fast, 1 thread": [0.8], "fast, 2 threads": [0.1] }),
    ],
    hashes: { blocks: 50_000, milliseconds: { starts: [1, 2, 4, 3, 5] } },
  });

  it("has GFLOP/s, and their share of the first product's on the same backend", () => {
    expect(cellsOf(markdown)).toEqual([
      ["product, GFLOP/s (of the first)", "fast, 1 thread", "fast, 2 threads"],
      ["first", "50.0", "100.0"],
      ["second", "25.0 (50 %)", "200.0 (200 %)"],
    ]);
  });

  it("has millions of blocks hashed a second: the slower quartile first", () => {
    // 50,000 blocks in 3 ms, and in 4 and 2.
    expect(markdown).toContain("million blocks/s: starts 16.7 (12.5 … 25.0).");
  });
});

describe("the anatomy on a page", () => {
  it("says what was measured, where and how", () => {
    const markdown = anatomyTable({
      machine: "a machine",
      device: "2 threads",
      command: "npx pss-dlrm bench --profile",
      shape: "small, batch 256",
      limits: { gflops: 100, gigabytes: 10 },
      parts: [{ part: "top", milliseconds: 2, flops: 1e8, bytes: 1e3 }],
    });
    expect(markdown).toMatch(/^```\ntop .* 2\.00 ms 100\.0 % {2}50\.0 GFLOP\/s {3}50 % of the limit\n/);
    expect(markdown).toMatch(
      /\n\nsmall, batch 256\. 2 threads\. Machine: a machine\. Measured by `npx pss-dlrm bench --profile`\.$/,
    );
  });
});
