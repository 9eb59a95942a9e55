import { availableParallelism } from "node:os";
import { afterEach, describe, expect, it, vi } from "vitest";
import { forward } from "../../../../backends/fast/forward.ts";
import { fast } from "../../../../backends/fast/index.ts";
import * as job from "../../../../backends/fast/kernels/job.ts";
import { limitsOf } from "../../../../backends/fast/limits.ts";
import { type Machine, machineWith } from "../../../../backends/fast/machine.ts";
import type { Backend } from "../../../../core/backend.ts";
import { scale } from "../../../../core/ops/arithmetic.ts";
import { optimizerStep } from "../../../../core/optimizers/optimizer.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { Parameter } from "../../../../core/parameter.ts";
import { tensor } from "../../../../core/tensor.ts";
import { said } from "../../models/dlrm/tiny-model.ts";

afterEach(() => void vi.restoreAllMocks());

/** A machine whose launches take so many milliseconds each, by kernel, in turn. */
function machineTaking(threads: number, times: Readonly<Record<number, readonly number[]>>) {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const launched: [kernel: number, threads: number, words: readonly number[]][] = [];
  const held = new Set<number>();
  const taken: number[] = [];
  const rounds = new Map<number, number>();
  const machine = {
    threads,
    heap: {
      take: (bytes: number) => {
        taken.push(bytes);
        held.add(held.size);
        return held.size - 1;
      },
      give: (address: number) => void held.delete(address),
    },
    launch(kernel: number, words: readonly number[], used: number) {
      const round = rounds.get(kernel) ?? 0;
      rounds.set(kernel, round + 1);
      launched.push([kernel, used, words]);
      now += times[kernel]![round % times[kernel]!.length]!;
    },
  } as unknown as Machine;
  return { machine, launched, held, taken };
}

describe("the limits of a machine", () => {
  it("are those of the best try, of all threads together", () => {
    const { machine, launched, held, taken } = machineTaking(2, {
      [job.PEAK_ARITHMETIC]: [50, 10, 20],
      [job.COPY_MEMORY]: [80, 100],
    });
    const { gflops, gigabytes } = limitsOf(machine);
    // Each thread: 2 · 10⁶ rounds of 24 multiplications and 24 additions in 10 ms.
    expect(gflops).toBeCloseTo((2 * 2e6 * 48) / 0.01 / 1e9, 9);
    // 2²⁴ floats of 4 bytes, each read and written, in 80 ms; the threads share them.
    expect(gigabytes).toBeCloseTo((2 * 4 * 2 ** 24) / 0.08 / 1e9, 9);
    expect(new Set(launched.map(([, used]) => used))).toEqual(new Set([2]));
    expect(held.size).toBe(0);
    // Seven tries each, of what the rounds and the copied floats are; a copy has room for all it reads and writes.
    expect(launched).toHaveLength(14);
    for (const [kernel, , words] of launched)
      expect(words).toEqual(kernel === job.COPY_MEMORY ? [2 ** 24, 0, 1] : [2e6, 0]);
    expect(taken).toEqual([4 * 2 ** 24, 4 * 2 ** 24]);
  });
});

describe("threads", () => {
  it("are one a core up to eight, where nothing else is asked for", async () => {
    const backend = await fast();
    expect(backend.threads).toBe(Math.min(8, availableParallelism()));
    await backend.destroy();
  });

  it("all work where there is enough to do, and one alone where telling the others would take longer", async () => {
    const machine = await machineWith(3, false);
    expect([2 ** 15 - 1, 2 ** 15, 1e9].map(machine.threadsFor)).toEqual([1, 3, 3]);
    await machine.close();
  });
});

describe("fused arithmetic", () => {
  /** How many instructions of the module that a backend compiles multiply and add at once: opcode 0x105 behind 0xfd. */
  async function fusedIn(threads: number, fused: boolean): Promise<number> {
    const compile = vi.spyOn(WebAssembly, "compile");
    const backend = await fast({ threads, fma: fused });
    const bytes = new Uint8Array(compile.mock.lastCall![0] as Uint8Array<ArrayBuffer>);
    compile.mockRestore();
    await backend.destroy();
    return bytes.filter((byte, i) => byte === 0xfd && bytes[i + 1] === 0x85 && bytes[i + 2] === 0x02).length;
  }

  it.each([1, 2])(
    "is there only where it is asked for, whatever this processor makes of it: %i threads",
    async (threads) => {
      expect(await fusedIn(threads, false)).toBe(0);
      expect(await fusedIn(threads, true)).toBeGreaterThan(10);
    },
  );
});

describe("an array of the heap", () => {
  it("that others had before is 0 where an arrangement has no part", async () => {
    const backend = await fast({ threads: 1 });
    const input = backend.upload([1, 2]);
    backend.free(backend.upload(new Float32Array(6).fill(9)));
    const part = { offset: 0, strides: [1], start: [2], extent: [2] };
    const padded = backend.run({ kind: "arrange", shape: [6], parts: [part] }, [input]);
    expect([...(await backend.read(padded))]).toEqual([0, 0, 1, 2, 0, 0]);
    await backend.destroy();
  });

  it("is left alone by a step on the state of rows, which is shorter than its weights", async () => {
    const backend = await fast({ threads: 1 });
    const [rows, width] = [100, 4];
    const weights = backend.upload(new Float32Array(rows * width));
    const state = backend.upload(new Float32Array(rows));
    const others = [1, 2, 3].map((value) => backend.upload(new Float32Array(rows).fill(value)));
    const gradient = backend.upload(new Float32Array(rows * width).fill(2));
    const step = {
      name: "a step",
      steps: [
        { target: "s", expression: "s + meanSquare + one" },
        { target: "w", expression: "w - s" },
      ],
      state: ["s"],
      hyper: { one: 1 },
      zeroGradient: "nothing",
      width,
    } as const;
    backend.update(step, weights, [state], { kind: "dense", values: gradient });
    expect(new Set(await backend.read(state))).toEqual(new Set([5])); // 2² and 1
    expect(new Set(await backend.read(weights))).toEqual(new Set([-5]));
    for (const [i, other] of others.entries())
      expect(new Set(await backend.read(other))).toEqual(new Set([i + 1]));
    await backend.destroy();
  });
});

describe("the fast backend", () => {
  it.each([
    [{ fused: true }, "fast has no option fused; it has threads, fma, spill."],
    [{ threads: 0 }, "threads of fast must be a whole number from 1 to 64, but it is 0."],
  ])("refuses %j", async (options: object, words) => {
    await expect(fast(options)).rejects.toThrow(words);
  });

  it.each([
    [{ threads: 1 }, "fast", "WebAssembly SIMD, 1 thread"],
    [{ threads: 2 }, "fast", "WebAssembly SIMD, 2 threads"],
    [{ threads: 2, fma: true }, "fast:fma", "WebAssembly SIMD, fused, 2 threads"],
  ] as const)("says what it is: %j", async (options, name, device) => {
    const backend = await fast(options);
    expect(backend).toMatchObject({
      name,
      precision: "f32",
      threads: options.threads,
      device: { name: device, software: false },
    });
    await backend.destroy();
  });
});

it("a backend that only predicts refuses a step in a sentence, and computes as one that trains", async () => {
  const [predicts, trains] = [await forward({ threads: 1 }), await fast({ threads: 1 })];
  const half = (backend: Backend) => scale(tensor(backend, [3], [1, 2, 3]), { by: 0.5 }).data();
  expect(await half(predicts)).toEqual(await half(trains));
  const weights = new Parameter("w", tensor(predicts, [2], [1, 2]));
  expect(said(() => optimizerStep(sgd(1), weights, tensor(predicts, [2], [1, 1]), 1, 1))).toBe(
    "This backend only predicts; train on one that fast() makes, of the package pss-dlrm.",
  );
  expect([...(await weights.tensor.data())]).toEqual([1, 2]);
  await Promise.all([predicts.destroy(), trains.destroy()]);
});
