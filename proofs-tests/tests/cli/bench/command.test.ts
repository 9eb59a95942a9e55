import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { backends } from "../../../../backends/index.ts";
import type { Timing } from "../../../../cli/bench/bench.ts";
import { backendsFrom, describeTiming } from "../../../../cli/bench.ts";
import { machine } from "../../../../cli/common/machine.ts";
import type { Backend } from "../../../../core/backend.ts";
import { temporaryFolder } from "../../temporary.ts";
import { run } from "../command.ts";
import { taking, timingOf } from "./made.ts";

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
  const words = () => all.map((timing) => describeTiming(timing, all).replaceAll(/ +/g, " "));

  it("of a case's first backend has the case's name and shape above it, and is what others are held against", () => {
    expect(words()[0]).toBe("gather (100)\n cpu 12.0 ms (11.0 … 14.0, 7 samples) 2.00 GFLOP/s this process");
    expect(words()[3]).toBe("scatter (12×4)\n cpu 1.00 ms (1.00 … 4.00, 7 samples) this process");
  });

  it("of another backend says how many times as fast as the first it is", () => {
    expect(words()[1]).toBe(" fast 3.00 ms (2.00 … 5.00, 7 samples) 8.00 GFLOP/s 4.00× cpu WebAssembly SIMD");
    expect(words()[2]).toContain("48.0 ms");
    expect(words()[2]).toContain("0.250× cpu");
  });

  it("says where a GPU is only imitated", () => {
    expect(words()[2]).toMatch(/SwiftShader \(software\)$/);
    expect(words()[1]).not.toContain("software");
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
    expect(namesOf(await backendsFrom(undefined, here))).toEqual(["cpu", "fast", "gpu:webasm"]);
  });

  it("are those that were asked for, in that order", async () => {
    expect(namesOf(await backendsFrom(["cpu64", "cpu"], here))).toEqual(["cpu64", "cpu"]);
  });
});

describe("bench", () => {
  const one = ["bench", "--batch", "4", "--case", "one row"];

  it("prints what it measured, and the work that it was", async () => {
    const asked = taking(4, 1, 2, 8, 6);
    const { code, out } = await run(...one, "--backend", "cpu", "--json");
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report).toEqual({
      machine: machine(),
      command: "npx pss-dlrm bench --batch 4 --case 'one row' --backend cpu --json",
      timings: [
        {
          name: "linear + relu, one row",
          shape: "1×128, 64×128, 64",
          ...{ backend: "cpu", device: "this process", software: false },
          ...{ samples: 5, median: 4, quartiles: [2, 6] },
          gflops: (2 * 128 * 64) / 4e6, // in 4 ms
        },
      ],
    });
    expect(asked).toEqual([0.5]);
  });

  it("prints a line a backend and how to repeat it; takes as long as it is told", async () => {
    const asked = taking(4, 1, 2, 8, 6);
    const { code, out } = await run(...one, "--backend", "cpu,cpu64", "--seconds", "0.25");
    expect(code).toBe(0);
    expect(out.trimEnd().replaceAll(/ +/g, " ").split("\n")).toEqual([
      "linear + relu, one row (1×128, 64×128, 64)",
      " cpu 4.00 ms (2.00 … 6.00, 5 samples) 0.00410 GFLOP/s this process",
      " cpu64 4.00 ms (2.00 … 6.00, 5 samples) 0.00410 GFLOP/s 1.00× cpu this process",
      `${machine()}; repeat with npx pss-dlrm bench --batch 4 --case 'one row' --backend cpu,cpu64 --seconds 0.25`,
    ]);
    expect(asked).toEqual([0.25, 0.25]);
  });

  it("measures ops and whole steps, of the batch that is asked for", async () => {
    taking(1);
    const { out } = await run("bench", "--backend", "cpu", "--batch", "3", "--json");
    const { timings } = JSON.parse(out) as { timings: Timing[] };
    expect(timings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["gather", "scatter", "train step", "prediction"]),
    );
    expect(timings.find(({ name }) => name === "linear + relu")!.shape).toMatch(/^3×/);
  });

  it("draws a picture of its table where it is asked to", async () => {
    taking(1, 2);
    const svg = join(temporaryFolder(), "new", "bench.svg");
    expect((await run(...one, "--backend", "cpu", "--svg", svg)).code).toBe(0);
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg.*linear \+ relu, one row/s);
  });
});

describe("bench --profile", () => {
  const limits = { gflops: 123, gigabytes: 45 };
  const limited = () => vi.spyOn(choiceOf("cpu"), "open").mockResolvedValue({ ...cpu, limits: () => limits });
  const choiceOf = (name: string) => backends.find((choice) => choice.name === name)!;
  const profiled = ["bench", "--profile", "--batch", "2"];

  it("takes a step apart, on one backend", async () => {
    const { code, out } = await run(...profiled, "--backend", "cpu", "--json");
    expect(code).toBe(0);
    const { parts, ...report } = JSON.parse(out);
    expect(report).toEqual({
      machine: machine(),
      device: "this process",
      command: "npx pss-dlrm bench --profile --batch 2 --backend cpu --json",
      shape: "small, batch 2",
    });
    expect(parts.find(({ part }: { part: string }) => part === "bottom").flops).toBeCloseTo(
      2 * 2 * (13 * 128 + 128 * 64 + 64 * 16),
      3,
    );
  });

  it("tells the limits of the machine where the backend knows them", async () => {
    limited();
    const { out } = await run(...profiled, "--backend", "cpu", "--json");
    expect(JSON.parse(out).limits).toEqual(limits);
  });

  it("prints the parts for people, and how to repeat it", async () => {
    limited();
    const { code, out } = await run(...profiled, "--backend", "cpu");
    const lines = out.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^bottom .* % /);
    expect(lines.at(-3)).toMatch(/^a step /);
    expect(lines.at(-2)).toContain("123 GFLOP/s multiplying and adding, 45.0 GB/s copying");
    expect(lines.at(-1)).toBe(
      `small, batch 2; this process; ${machine()}; repeat with npx pss-dlrm bench --profile --batch 2 --backend cpu`,
    );
  });

  it("is of fast where no backend is named, and says what computed", async () => {
    const device = { name: "some device", software: false };
    vi.spyOn(choiceOf("fast"), "open").mockResolvedValue({ ...cpu, device });
    expect(JSON.parse((await run(...profiled, "--json")).out).device).toBe("some device");
  });

  it("refuses more backends than one, and one that works forms off later", async () => {
    const { peek: _, ...later } = cpu;
    vi.spyOn(choiceOf("cpu"), "open").mockResolvedValue(later);
    const said = async (...args: string[]) => {
      const { code, err } = await run(...profiled, ...args);
      return [code, err];
    };
    expect(await said("--backend", "cpu,fast")).toEqual([2, "--profile takes one backend, not 2.\n"]);
    expect(await said("--backend", "cpu")).toEqual([
      2,
      "--profile times forms one by one, but cpu works them off later; take cpu or fast.\n",
    ]);
  });
});
