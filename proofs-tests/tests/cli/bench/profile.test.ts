import { afterEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { anatomy, type Part, profile } from "../../../../cli/bench/profile.ts";
import { liveTensors } from "../../../../core/tensor.ts";
import type { EmbeddingMaker } from "../../../../models/embeddings/embedding.ts";
import { noting, tinyShape } from "./made.ts";

afterEach(() => void vi.restoreAllMocks());

/** What a training step is made of, by a clock that goes on by `tick` whenever it is read, and by `hashing` in between. */
async function profiled(steps: number, tick = 1, hashing = 0): Promise<Record<string, Part>> {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => {
    now += tick;
    return now;
  });
  const embedding: EmbeddingMaker = (setting) => {
    const sound = tinyShape.embedding(setting);
    return {
      ...sound,
      forward(bags) {
        now += hashing; // before anything is gathered
        return sound.forward(bags);
      },
    };
  };
  const parts = await profile({ ...tinyShape, embedding }, cpu, steps);
  return Object.fromEntries(parts.map((part) => [part.part, part]));
}

describe("parts of a training step", () => {
  it("do the work that was counted by hand", async () => {
    const parts = await profiled(2);
    const flops = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.flops]));
    for (const [name, byHand] of Object.entries({
      bottom: 2 * 6 * (2 * 3 + 3 * 4),
      gather: 2 * 12 * 4, // 12 items of 4 floats, each read and added
      interaction: 2 * 6 * 3 * 4, // three pairs of 4 floats
      top: 2 * 6 * (7 * 5 + 5 * 1),
      hash: 0,
      optimizer: 0,
      "the rest of the host": 0,
    }))
      expect(flops[name], name).toBe(byHand);
    // Backward each layer has the product for its weight, and all but the first the one for its input; the rest are
    // maps and sums over what is no larger than a layer's input or output.
    const products = { top: 2 * (2 * 6 * (35 + 5)), bottom: 2 * 6 * (6 + 12 + 12) };
    expect(flops["top, backward"]! - products.top).toBeGreaterThanOrEqual(0);
    expect(flops["top, backward"]! - products.top).toBeLessThan(6 * 4 * (7 + 5 + 1));
    expect(flops["bottom, backward"]! - products.bottom).toBeGreaterThanOrEqual(0);
    expect(flops["bottom, backward"]! - products.bottom).toBeLessThan(6 * 4 * (2 + 3 + 4));
    expect(flops["interaction, backward"]).toBeGreaterThanOrEqual(2 * 6 * 3 * 2 * 4);
  });

  it("have the times of their calls, and the host has what lies between", async () => {
    const parts = await profiled(3);
    const times = Object.values(parts).map(({ milliseconds }) => milliseconds);
    const total = times.reduce((a, b) => a + b, 0);
    const { hash, "the rest of the host": host, ...others } = parts;
    const calls = Object.values(others).reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    // Each call lasts one tick, and so does each gap: one before each call and one at the end.
    expect(hash!.milliseconds).toBeCloseTo(1, 9);
    expect(parts.gather!.milliseconds).toBeCloseTo(1, 9);
    expect(parts.bottom!.milliseconds).toBeCloseTo(2, 9); // two layers
    expect(parts.top!.milliseconds).toBeCloseTo(2, 9);
    expect(parts.interaction!.milliseconds).toBeCloseTo(3, 9); // the vectors side by side, their pairs, both together
    expect(parts.scatter!.milliseconds).toBeCloseTo(1, 9);
    expect(parts.optimizer!.milliseconds).toBeCloseTo(9, 9); // the memory, and weight and bias of four layers
    expect(hash!.milliseconds + host!.milliseconds).toBeCloseTo(calls + 1, 9);
    expect(total).toBeCloseTo(2 * calls + 1, 9);
  });

  it("read and write bytes that were counted by hand", async () => {
    const { gather, optimizer, hash, "the rest of the host": host } = await profiled(3);
    // 12 items of 4 floats are read, by 12 starts, signs and ends of bags and a last one, and 12 sums of 4 are written.
    expect(gather!.bytes).toBeGreaterThanOrEqual(4 * (12 * 4 + 12 * 4));
    expect(gather!.bytes).toBeLessThanOrEqual(4 * (12 * 4 + 12 * 4 + 3 * 12 + 1));
    expect(optimizer!.bytes).toBeGreaterThan(0);
    expect([hash!.bytes, host!.bytes]).toEqual([0, 0]);
  });

  it("are those of steps that follow three, which are not counted; the model is given back", async () => {
    const [steps, before] = [[] as number[], liveTensors()];
    await profile(noting(steps), cpu, 2);
    expect(steps).toEqual([1, 2, 3, 4, 5]);
    expect(liveTensors()).toBe(before);
  });

  it("have hashing apart from what else the host does", async () => {
    const [without, withHashing] = [await profiled(2), await profiled(2, 1, 50)];
    for (const [name, { milliseconds }] of Object.entries(withHashing))
      expect(milliseconds, name).toBeCloseTo(without[name]!.milliseconds + (name === "hash" ? 50 : 0), 9);
  });

  it("are of an average step, however many there are, in milliseconds", async () => {
    const [one, many] = [await profiled(1), await profiled(4, 10)];
    for (const [name, { milliseconds, flops, bytes }] of Object.entries(many)) {
      expect(milliseconds, name).toBeCloseTo(10 * one[name]!.milliseconds, 6);
      expect(flops, name).toBeCloseTo(one[name]!.flops, 6);
      expect(bytes, name).toBeCloseTo(one[name]!.bytes, 6);
    }
  });
});

describe("the anatomy in words", () => {
  const parts: readonly Part[] = [
    { part: "top", milliseconds: 10, flops: 1e9, bytes: 1e6 },
    { part: "gather", milliseconds: 30, flops: 1e6, bytes: 6e8 },
    { part: "hash", milliseconds: 1.25, flops: 0, bytes: 0 },
    { part: "loss", milliseconds: 8.75, flops: 4e6, bytes: 1e6 }, // four a byte: memory is what it waits for
    { part: "scatter", milliseconds: 0, flops: 0, bytes: 0 },
  ];

  it("has each part's time, its share of the step, its speed, and its share of the machine's limit", () => {
    // 10⁹ in 10 ms are 100 · 10⁹ a second, of 400; 6 · 10⁸ bytes in 30 ms are 20 · 10⁹, of 80.
    expect(anatomy(parts, { gflops: 400, gigabytes: 80 })).toEqual([
      "top                        10.0 ms  20.0 %  100 GFLOP/s    25 % of the limit",
      "gather                     30.0 ms  60.0 %  20.0 GB/s      25 % of the limit",
      "hash                       1.25 ms   2.5 %",
      "loss                       8.75 ms  17.5 %  0.114 GB/s     0 % of the limit",
      "scatter                    0.00 ms   0.0 %",
      "a step                     50.0 ms",
      "limits of this machine, measured now: 400 GFLOP/s multiplying and adding, 80.0 GB/s copying",
    ]);
  });

  it("leaves the limits out where they are unknown", () => {
    expect(anatomy(parts.slice(0, 2), undefined)).toEqual([
      "top                        10.0 ms  25.0 %  100 GFLOP/s",
      "gather                     30.0 ms  75.0 %  20.0 GB/s",
      "a step                     40.0 ms",
    ]);
  });
});
