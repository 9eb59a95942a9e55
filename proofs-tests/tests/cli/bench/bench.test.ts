import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import {
  agreementOn,
  bench,
  medianAndQuartiles,
  milliseconds,
  stopwatch,
  type Timing,
} from "../../../../cli/bench/bench.ts";
import { byBenchmark } from "../../../../cli/bench/benchmark.ts";
import type { BenchCase } from "../../../../cli/bench/cases.ts";
import type { Backend, FloatArray } from "../../../../core/backend.ts";
import { spread } from "../../../../core/numeric/statistics.ts";
import { relu } from "../../../../core/ops/functions.ts";
import { tensor } from "../../../../core/tensor.ts";
import { timingOf } from "./made.ts";

afterEach(() => void vi.restoreAllMocks());

describe("median and quartiles", () => {
  it.each([
    [[5], 5, [5, 5]],
    [[4, 1, 3, 2, 5], 3, [2, 4]],
    [[40, 10, 30, 20], 25, [17.5, 32.5]], // places 1.5, 0.75 and 2.25 of four in order
    [[100, 9, 10], 10, [9.5, 55]], // in order of size, not of letters
  ])("of %j", (samples, median, quartiles) => {
    expect(spread(samples)).toEqual({ median, quartiles });
  });

  it("leave the samples as they are, and have a quarter of them on each side", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 30 }), (samples) => {
        const given = [...samples];
        const { median, quartiles } = spread(samples);
        expect(samples).toEqual(given);
        const atMost = (x: number) => samples.filter((s) => s <= x).length / samples.length;
        const atLeast = (x: number) => samples.filter((s) => s >= x).length / samples.length;
        for (const [x, share] of [
          [quartiles[0], 0.25] as const,
          [median, 0.5] as const,
          [quartiles[1], 0.75] as const,
        ]) {
          // Between two samples the share lies between theirs: one sample of slack.
          expect(atMost(x)).toBeGreaterThanOrEqual(share - 1 / samples.length);
          expect(atLeast(x)).toBeGreaterThanOrEqual(1 - share - 1 / samples.length);
        }
      }),
    );
  });
});

/** A case that notes on which backend each of its rounds ran, and when it was freed. */
const noted = (name: string, log: string[], flops?: number): BenchCase => ({
  name,
  shape: `${name}'s shape`,
  ...(flops !== undefined && { flops }),
  prepare: (backend) => ({
    round: async () => void log.push(`${name} on ${backend.name}`),
    free: () => void log.push(`${name} freed on ${backend.name}`),
  }),
});

describe("a benchmark", () => {
  const imitation: Backend = { ...cpu, name: "other", device: { name: "SwiftShader", software: true } };
  const all = async (timings: AsyncIterable<Timing>) => {
    const found: Timing[] = [];
    for await (const timing of timings) found.push(timing);
    return found;
  };

  it("says of each case and backend what was measured, in GFLOP/s too where work is known", async () => {
    const log: string[] = [];
    const samples = [[3, 1, 2], [30, 10, 20], [4], [5]];
    const cases = [noted("product", log, 6_000_000), noted("copy", log)];
    const [first, ...rest] = await all(bench(cases, [cpu, imitation], async () => samples.shift()!));
    expect(first).toEqual({
      name: "product",
      shape: "product's shape",
      backend: "cpu",
      device: "this process",
      software: false,
      samples: 3,
      median: 2,
      quartiles: [1.5, 2.5],
      gflops: 3, // 6 million in 2 ms are 3,000 million a second
    });
    expect(rest).toMatchObject([
      { name: "product", backend: "other", device: "SwiftShader", software: true, median: 20, gflops: 0.3 },
      { name: "copy", backend: "cpu", median: 4, samples: 1 },
      { name: "copy", backend: "other", median: 5 },
    ]);
    expect(rest[1]).not.toHaveProperty("gflops");
  });

  it("runs each case once on a backend before it is measured there, and frees it after", async () => {
    const log: string[] = [];
    await all(
      bench([noted("copy", log)], [cpu, imitation], async (round) => {
        log.push("measured from here");
        await round();
        return [1];
      }),
    );
    const on = (name: string) => [
      `copy on ${name}`,
      "measured from here",
      `copy on ${name}`,
      `copy freed on ${name}`,
    ];
    expect(log).toEqual([...on("cpu"), ...on("other")]);
  });

  it("beside the reference finds a wrong case, whichever it is", async () => {
    const spoilt: Backend = {
      ...cpu,
      run(form, inputs) {
        const out = cpu.run(form, inputs) as FloatArray;
        if (out.length === 3) out[0]! += 1e-3;
        return out;
      },
    };
    const rows = (length: number): BenchCase => ({
      name: "relu",
      shape: String(length),
      prepare(backend) {
        const x = tensor(backend, [length], new Float32Array(length));
        return { round: async () => void relu(x), free: () => x.free() };
      },
    });
    const agreement = await agreementOn(spoilt, [rows(2), rows(3), rows(4)]);
    expect(agreement).toMatchObject({ calls: 3, first: { call: 1, form: "map", index: 0 } });
  });
});

describe("a stopwatch", () => {
  /** Samples of rounds of `each` milliseconds, by a clock of our own. */
  async function samples(seconds: number, each: number): Promise<number[]> {
    let now = 1000;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    return stopwatch(seconds)(async () => {
      await Promise.resolve();
      now += each;
    });
  }

  it("takes at least five samples, in milliseconds", async () => {
    expect(await samples(1, 300)).toEqual([300, 300, 300, 300, 300]);
  });

  it("goes on for as long as it was told", async () => {
    expect(await samples(3, 300)).toEqual(new Array(10).fill(300));
  });
});

describe("the package benchmark", () => {
  it("gives milliseconds a round, no more of them than went by", async () => {
    const began = performance.now();
    let rounds = 0;
    const times = await byBenchmark(0.01)(() => {
      rounds++;
      return new Promise((resolve) => setTimeout(resolve, 20));
    });
    expect(times.length).toBeGreaterThanOrEqual(5);
    expect(Math.min(...times)).toBeGreaterThan(18); // a timer may end a millisecond early
    expect(Math.min(...times) * times.length).toBeLessThanOrEqual(performance.now() - began);
    expect(rounds).toBeGreaterThanOrEqual(times.length);
  });

  it("tells a round's failure", async () => {
    await expect(byBenchmark(0.01)(() => Promise.reject(new Error("no device")))).rejects.toThrow(
      "no device",
    );
  });
});

describe("times in words", () => {
  it.each([
    [0.001234, "0.00123"],
    [0.5, "0.500"],
    [12.345, "12.3"],
    [999.4, "999"],
    [1000, "1000"],
    [1234.5, "1235"],
  ])("%d ms", (value, words) => expect(milliseconds(value)).toBe(words));

  it("have the median first, then the lower and the upper quartile", () => {
    expect(medianAndQuartiles(timingOf({ median: 2, quartiles: [1, 4] }))).toBe("2.00 (1.00 … 4.00)");
  });
});
