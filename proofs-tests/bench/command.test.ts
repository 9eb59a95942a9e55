import { afterEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../backends/cpu.ts";
import type { Backend } from "../../core/backend.ts";
import { backendsFrom, benchVerb, describeTiming } from "../../models/command/bench.ts";
import { timingOf } from "./made.ts";

afterEach(() => void vi.restoreAllMocks());

describe("a timing in words", () => {
  const first = timingOf({ backend: "cpu", median: 12, quartiles: [11, 14], gflops: 2 });
  const faster = timingOf({
    backend: "fast",
    median: 3,
    quartiles: [2, 5],
    gflops: 8,
    device: "WebAssembly SIMD",
  });
  const slower = timingOf({ backend: "gpu:webgl2", median: 48, device: "SwiftShader", software: true });
  const other = timingOf({ name: "scatter", shape: "12×4", backend: "cpu", median: 1 });
  const all = [first, faster, slower, other];
  const words = all.map((timing) => describeTiming(timing, all).replaceAll(/ +/g, " "));

  it("of a case's first backend has the case's name and shape above it, and is what others are held against", () => {
    expect(words[0]).toBe("gather (100)\n cpu 12.0 ms (11.0 … 14.0, 7 samples) 2.00 GFLOP/s this process");
    expect(words[3]).toBe("scatter (12×4)\n cpu 1.00 ms (1.00 … 4.00, 7 samples) this process");
  });

  it("of another backend says how many times as fast as the first it is", () => {
    expect(words[1]).toBe(" fast 3.00 ms (2.00 … 5.00, 7 samples) 8.00 GFLOP/s 4.00× cpu WebAssembly SIMD");
    expect(words[2]).toContain("48.0 ms");
    expect(words[2]).toContain("0.250× cpu");
  });

  it("says where a GPU is only imitated", () => {
    expect(words[2]).toMatch(/SwiftShader \(software\)$/);
    expect(words[1]).not.toContain("software");
  });

  it("of a case knows only that case's first backend", () => {
    const late = timingOf({ name: "scatter", backend: "fast", median: 4 });
    expect(describeTiming(late, [...all, late])).toContain("0.250× cpu");
  });
});

describe("the backends that bench times", () => {
  const named = (name: string, software?: boolean): Backend => ({
    ...cpu,
    name,
    ...(software !== undefined && { device: { name: "a driver", software } }),
  });
  const here = async () => ({
    opened: [named("cpu"), named("fast", false), named("gpu:webgpu", true), named("gpu:webasm", false)],
    missing: [],
  });
  const namesOf = (backends: readonly Backend[]) => backends.map(({ name }) => name);

  it("are all that are here but imitations of a GPU", async () => {
    expect(namesOf(await backendsFrom({}, here))).toEqual(["cpu", "fast", "gpu:webasm"]);
  });

  it("are those that were asked for, in that order", async () => {
    expect(namesOf(await backendsFrom({ backend: "cpu64,cpu" }, here))).toEqual(["cpu64", "cpu"]);
  });
});

/** What `bench` prints of a case that takes no time, timed as shortly as can be. */
async function printed(flags: Readonly<Record<string, string | boolean>>) {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  const code = await benchVerb.run({ batch: "4", seconds: "0.01", ...flags }, []);
  return { code, lines };
}

describe("bench", () => {
  it("prints what it measured, and the work that it was", async () => {
    const { code, lines } = await printed({ backend: "cpu", case: "one row", json: true });
    expect(code).toBe(0);
    expect(lines).toHaveLength(1);
    const { timings, machine } = JSON.parse(lines[0]!);
    expect(machine).toContain(process.versions.node);
    expect(timings).toHaveLength(1);
    const { median, quartiles, gflops, samples, shape } = timings[0];
    expect(shape).toBe("1×128, 64×128, 64");
    expect(gflops).toBeCloseTo((2 * 128 * 64) / median / 1e6, 9);
    expect(quartiles[0]).toBeLessThanOrEqual(median);
    expect(median).toBeLessThanOrEqual(quartiles[1]);
    expect(samples).toBeGreaterThanOrEqual(5);
  });

  it("takes a step apart with --profile, on one backend", async () => {
    const { lines } = await printed({ profile: true, backend: "cpu", json: true });
    const { shape, parts, device } = JSON.parse(lines[0]!);
    expect([shape, device]).toEqual(["small, batch 4", "this process"]);
    expect(parts.find(({ part }: { part: string }) => part === "bottom").flops).toBeCloseTo(
      2 * 4 * (13 * 128 + 128 * 64 + 64 * 16),
      3,
    );
    await expect(printed({ profile: true, backend: "cpu,fast" })).rejects.toThrow("takes one backend, not 2");
  });
});
