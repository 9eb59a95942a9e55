import { describe, expect, it, vi } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { gpu, gpuOn } from "../../../../backends/gpu/index.ts";
import type { Form } from "../../../../core/form.ts";
import { scalar } from "../../../../core/scalar.ts";
import { said } from "../../models/dlrm/tiny-model.ts";
import { idleDevice } from "./idle-device.ts";

describe("a backend of gpu.js", () => {
  const sum: Form = { kind: "reduce", outer: 1, summed: 3, inner: 1 };
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

  it("refuses what is too long before anything runs", () => {
    const backend = gpuOn(idleDevice("webgl2").device);
    const x = backend.upload([1]);
    const wide: Form = { kind: "map", f: scalar("x", "x"), shape: [2 ** 24 + 1], inputs: [[1]] };
    expect(said(() => backend.run(wide, [x]))).toContain("An array has 16777217 floats");
    const starts = { length: 2 ** 24 + 1 } as Uint32Array;
    const lookup = { dim: 1, block: 1, memorySize: 1, starts, bags: Uint32Array.of(0, 1) };
    expect(said(() => backend.run({ kind: "gather", lookup }, [x]))).toContain("16777217 floats");
  });

  it("keeps a copy of what was uploaded", async () => {
    const backend = await gpu({ mode: "cpu" });
    const values = Float32Array.of(1, 2);
    const x = backend.upload(values);
    values[0] = 9;
    expect([...(await backend.read(x))]).toEqual([1, 2]);
    await backend.destroy();
  });

  it("tells a failure to who reads what failed, and to nobody else", async () => {
    const unheard = vi.fn();
    process.on("unhandledRejection", unheard);
    const { device, asked } = idleDevice("cpu");
    const backend = gpuOn(device);
    const x = backend.upload([1, 2, 3]);
    asked.failure = new Error("lost");
    const failed = backend.run(sum, [x]);
    const rule = {
      name: "sgd",
      steps: [{ target: "w", expression: "w - g" }],
      state: [],
      hyper: {},
      width: 1,
    } as const;
    const stepped = backend.update({ ...rule, zeroGradient: "nothing" }, x, [], {
      kind: "dense",
      values: failed,
    });
    backend.free(failed);
    await settle();
    await expect(backend.read(failed)).rejects.toThrow("lost");
    await expect(backend.read(stepped.weights)).rejects.toThrow("lost");
    asked.failure = undefined;
    const y = backend.upload([1, 2, 3]);
    expect([...(await backend.read(y))]).toEqual([1, 2, 3]);
    await settle();
    process.off("unhandledRejection", unheard);
    expect(unheard).not.toHaveBeenCalled();
    await backend.destroy();
  });

  it("frees what is freed, after it was used", async () => {
    const backend = await gpu({ mode: "cpu" });
    const x = backend.upload([1, 2, 3]);
    const total = backend.run(sum, [x]);
    backend.free(x);
    expect([...(await backend.read(total))]).toEqual([6]);
    expect(backend.statistics.arrays).toBe(1);
    await backend.destroy();
  });

  it("is destroyed once, after what was asked before", async () => {
    const { device, asked } = idleDevice("webgl2");
    const backend = gpuOn(device);
    const x = backend.upload([1]);
    const read = backend.read(x);
    await Promise.all([backend.destroy(), backend.destroy()]);
    await backend.destroy();
    backend.free(x);
    expect([...(await read)]).toEqual([0]);
    expect(asked.closed).toBe(1);
    expect(said(() => backend.upload([1]))).toContain("gpu:webgl2 was destroyed");
    expect(said(() => backend.run(sum, [x]))).toContain("gpu:webgl2 was destroyed");
  });

  it("keeps no kernel's text of a lookup twice", async () => {
    const { device, asked } = idleDevice("cpu");
    const backend = gpuOn(device);
    const lookup = { dim: 1, block: 1, memorySize: 4, starts: Uint32Array.of(3), bags: Uint32Array.of(0, 1) };
    const made = [1, 2].flatMap(() => [
      backend.run({ kind: "gather", lookup }, [backend.upload([1, 2, 3, 4])]),
      backend.run({ kind: "scatter", lookup }, [backend.upload([1])]),
    ]);
    await Promise.all(made.map((handle) => backend.read(handle)));
    expect(asked.built).toHaveLength(2);
    const [first, , second] = asked.given;
    expect(second!.slice(1).every((array, i) => array === first![i + 1])).toBe(true); // made once
  });
});

describe("a form of several kernels", () => {
  it.each([
    ["webasm", [5, 2]],
    ["cpu", [35]],
    ["webgl2", [35]],
  ] as const)("is a product by rows only where that is faster: %s", async (mode, output) => {
    const { device, asked } = idleDevice(mode);
    const backend = gpuOn(device);
    const plain = { transposeA: false, transposeB: false, bias: false };
    const [a, b] = [backend.upload(new Float32Array(21)), backend.upload(new Float32Array(15))];
    await backend.read(backend.run({ kind: "matmul", n: 7, k: 3, m: 5, ...plain }, [a, b]));
    expect(asked.built.at(-1)!.output).toEqual(output);
  });

  it.each([1024, 1025, 4096])("adds no more than a kernel should at once: %i terms", async (summed) => {
    const { device, asked } = idleDevice("cpu");
    const backend = gpuOn(device);
    await backend.read(
      backend.run({ kind: "reduce", outer: 2, summed, inner: 3 }, [
        backend.upload(new Float32Array(6 * summed)),
      ]),
    );
    const stages = summed > 1024 ? [6 * Math.ceil(summed / 256), 6] : [6];
    expect(asked.built.map(({ output }) => output)).toEqual(stages.map((size) => [size]));
    expect(backend.statistics.arrays).toBe(2);
  });

  it.each([0, 1, 6, 7, 12, 13])("arranges no more parts than a kernel can bind: %i", async (count) => {
    const backend = await gpu({ mode: "cpu" });
    const parts = Array.from({ length: count }, (_, p) => ({
      offset: 0,
      strides: [1],
      start: [p],
      extent: [1],
    }));
    const values = parts.map((_, p) => [p + 1]);
    const form: Form = { kind: "arrange", shape: [20], parts };
    const made = backend.run(
      form,
      values.map((own) => backend.upload(own)),
    );
    expect([...(await backend.read(made))]).toEqual([
      ...(cpu.run(
        form,
        values.map((own) => cpu.upload(own)),
      ) as Float32Array),
    ]);
    expect(backend.statistics.arrays).toBe(count + 1);
    expect(backend.statistics.kernels).toBe(Math.max(1, Math.ceil(count / 6)));
    await backend.destroy();
  });
});
