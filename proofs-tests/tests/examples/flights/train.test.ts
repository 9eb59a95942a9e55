import { adagrad, cpu, dlrm, robe, synthetic, train } from "pss-dlrm"; // the study is of the package
import { afterEach, describe, expect, it, vi } from "vitest";
import { cellsOf, heads, progressInWords, trained } from "../../../../examples/flights/train.ts";
import { loses, runOf } from "./made.ts";

afterEach(() => void vi.restoreAllMocks());

describe("a row of the table", () => {
  it("has each number under its head, in megabytes where it is of memory", () => {
    const run = runOf({
      name: "robe 10×",
      auc: { value: 0.75, standardError: 0.01, interval: [0.74, 0.77] },
      difference: loses,
      logLoss: 0.45678,
      embeddingFloats: 292_113, // 1,168,452 bytes
      modelFloats: 300_322, // 1,201,288 bytes
      rowsPerSecond: 98_765,
    });
    const cells = cellsOf(run);
    const row = Object.fromEntries(heads.map((head, i) => [head.trim(), cells[i]!.trim()]));
    expect(row).toEqual({
      model: "robe 10×",
      "AUC (95 % interval)": "0.7500 (0.7400 … 0.7700)",
      "difference to full": "-0.0300 (-0.0400 … -0.0200)",
      "log loss": "0.4568",
      embedding: "1.17 MB",
      "whole model": "1.20 MB",
      "rows/s": "98765",
    });
    expect(cells.map(({ length }) => length)).toEqual(heads.map(({ length }) => length));
    expect(cellsOf(runOf({}))[2]!.trim()).toBe("–");
  });
});

describe("progress in words", () => {
  it("has the rate so far, and the seconds left at that rate", () => {
    // 20 of 80 steps in 4 s: 60 more take 12 s. 10,240 rows in 4 s are 2,560 a second.
    const at = { name: "full", step: 20, steps: 80, loss: 0.51239, rows: 10_240, seconds: 4 };
    expect(progressInWords(at)).toBe("full: step 20 of 80, loss 0.5124, 2560 rows/s, 12 s left");
  });
});

/** What a terminal is told of progress while a model of `rows` is trained by a clock that goes on by `tick` ms at each look. */
async function told(tick: number, isTTY: boolean): Promise<string[]> {
  const { train: rows, validation, test } = synthetic({ tables: [20, 10], dense: 3, rows: 600, seed: 1 });
  const before = process.stderr.isTTY;
  process.stderr.isTTY = isTTY;
  const lines: string[] = [];
  let now = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += tick;
    return now;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((line) => lines.push(String(line)) > 0);
  try {
    const model = { name: "robe", compression: 4, embedding: robe({ memorySize: 30, block: 4 }) };
    const parts = { train: rows, validation: validation!, test: test! };
    await trained(model, [20, 10], parts, { dim: 4, batch: 48, rate: 0.06, seed: 1, backend: cpu });
  } finally {
    process.stderr.isTTY = before;
    vi.restoreAllMocks();
  }
  return lines;
}

describe("progress on a terminal", () => {
  it("is told five times a second, at the end too, and then wiped away", async () => {
    const steps = 10; // of 480 rows, 48 a step
    const every = await told(200, true);
    expect(every).toHaveLength(steps + 1);
    for (const [i, line] of every.slice(0, -1).entries())
      expect(line).toMatch(new RegExp(`^\\r\\x1b\\[Krobe: step ${i + 1} of ${steps}, loss 0\\.\\d{4}, `));
    // Two looks at the clock a step would halve this: 48 rows in 0.2 s are 240 a second, and nine steps take 1.8 s.
    expect(every[0]).toMatch(/, 240 rows\/s, 2 s left$/);
    expect(every.at(-1)).toBe("\r\x1b[K");
    const seldom = (await told(100, true)).map((line) => /step (\d+)/.exec(line)?.[1]);
    expect(seldom).toEqual(["1", "3", "5", "7", "9", "10", undefined]);
  });

  it("is not told to a file", async () => {
    expect(await told(200, false)).toEqual([]);
  });
});

describe("a model of the study", () => {
  const tables = [20, 10];
  const parts = synthetic({ tables, dense: 3, rows: 600, seed: 1 });
  const protocol = { dim: 4, batch: 16, rate: 0.06, seed: 1, backend: cpu };
  const model = { name: "robe 4×", compression: 4, embedding: robe({ memorySize: 30, block: 4 }) };
  const all = { train: parts.train, validation: parts.validation!, test: parts.test! };

  it("is measured on the rows of the test, in time that it took to train", async () => {
    let reads = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => 1000 * reads++);
    const { result, labels, probabilities } = await trained(model, tables, all, protocol);
    const calls = reads - 1; // a second goes by between two looks at the clock
    clock.mockRestore();
    const rows = parts.train.rows!;
    expect(result.seconds).toBe(calls);
    expect(result.rowsPerSecond).toBe(Math.round(rows / calls));

    const expected: number[] = [];
    for await (const batch of parts.test!.batches(100)) expected.push(...batch.labels);
    expect([...labels]).toEqual(expected);
    // The AUC is the share of pairs of a click and none that are in order; the log loss is written out.
    let [inOrder, pairs, loss] = [0, 0, 0];
    for (const [i, y] of expected.entries()) {
      loss -= Math.log(y === 1 ? probabilities[i]! : 1 - probabilities[i]!) / expected.length;
      for (const [j, z] of expected.entries()) {
        if (!(y === 1 && z === 0)) continue;
        pairs++;
        const [p, q] = [probabilities[i]!, probabilities[j]!];
        inOrder += p > q ? 1 : p === q ? 0.5 : 0;
      }
    }
    expect(result.auc.value).toBeCloseTo(inOrder / pairs, 9);
    expect(result.logLoss).toBeCloseTo(loss, 9);
    expect(result.auc.interval[0]).toBeLessThan(result.auc.value);
    expect(result.auc.interval[1]).toBeGreaterThan(result.auc.value);
  });

  it("has its floats counted: those of the embedding, and those of all", async () => {
    const { result } = await trained(model, tables, all, protocol);
    // Bottom 3 → 32 → 4; three vectors meet in three pairs, so top 7 → 64 → 32 → 1; each layer has biases.
    const layers = 3 * 32 + 32 + 32 * 4 + 4 + (7 * 64 + 64) + (64 * 32 + 32) + (32 + 1);
    expect(result).toMatchObject({
      name: "robe 4×",
      compression: 4,
      embeddingFloats: 30,
      modelFloats: 30 + layers,
    });
  });

  it("has a curve of the training loss, averaged over ten steps each", async () => {
    const { result } = await trained(model, tables, all, protocol);
    const { dim, batch, rate, seed } = protocol;
    const layers = { dense: 3, tables, dim, bottom: [32, dim], top: [64, 32, 1] };
    const twin = dlrm({ ...layers, embedding: model.embedding, backend: cpu, seed });
    const losses: number[] = [];
    for await (const { loss } of train(twin, all.train, { optimizer: adagrad(rate), batch, shuffle: seed }))
      losses.push(loss);
    expect(result.curve).toHaveLength(Math.floor(losses.length / 10));
    for (const [i, { step, loss }] of result.curve.entries()) {
      expect(step).toBe(10 * (i + 1));
      const mean = losses.slice(10 * i, 10 * (i + 1)).reduce((a, b) => a + b) / 10;
      expect(loss).toBeCloseTo(mean, 4);
    }
    // Measured on validation rows at the end, if not before.
    expect(result.validation!.at(-1)!.step).toBe(losses.length);
  });
});
