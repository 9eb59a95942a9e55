import { afterEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { gpu, gpuOn } from "../../../../backends/gpu/index.ts";
import { type Device, type Mode, openDevice, type Settings } from "../../../../backends/gpu/library.ts";
import { checkLength, runnerOn } from "../../../../backends/gpu/runner.ts";
import { InputError } from "../../../../core/errors.ts";
import type { Form } from "../../../../core/form.ts";
import { scalar } from "../../../../core/scalar.ts";
import { said } from "../../models/dlrm/tiny-model.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** A device that computes nothing, and keeps what it was asked. */
function idleDevice(mode: Mode) {
  const asked = {
    built: [] as (Settings & { source: string })[],
    given: [] as unknown[][],
    unbuilt: [] as number[],
    deleted: 0,
    closed: 0,
    failure: undefined as Error | undefined,
  };
  const device: Device = {
    mode,
    name: "idle",
    software: false,
    compile(source, settings) {
      const number = asked.built.push({ ...settings, source }) - 1;
      const run = (...given: unknown[]) => {
        if (asked.failure) throw asked.failure;
        asked.given.push(given);
        const [columns, rows] = settings.output;
        if (rows !== undefined)
          return Array.from({ length: rows }, () =>
            Array.from({ length: columns! }, () => new Float32Array(4)),
          );
        if (mode === "cpu" || mode === "webasm") return new Float32Array(columns!);
        return {
          type: "ArrayTexture(1)",
          toArray: () => new Float32Array(settings.output[0]!),
          delete: () => void asked.deleted++,
        };
      };
      return Object.assign(run as never, { destroy: () => void asked.unbuilt.push(number) });
    },
    destroy: async () => void asked.closed++,
  };
  return { device, asked };
}

const kernel = (size: number, more: object = {}) => ({
  kind: "map",
  arrays: ["in0"],
  size,
  body: `return in0[cell] + ${size}.0;`,
  ...more,
});

describe("a runner builds a kernel", () => {
  it("once for each text and for each length of its arrays, whatever they are", async () => {
    const { device, asked } = idleDevice("webgl2");
    const { launch, statistics } = runnerOn(device);
    const arrays = [new Float32Array(3), new Float32Array(4)];
    for (const _ of [1, 2]) {
      for (const array of arrays) await launch(kernel(3), [array]);
      await launch(kernel(4), [arrays[0]!]);
      await launch(kernel(3, { body: "return in0[cell];" }), [arrays[0]!]);
    }
    expect([statistics.kernels, asked.built.length]).toEqual([4, 4]);
    const held = await launch(kernel(4), [arrays[0]!]);
    await launch(kernel(3), [held]);
    expect(asked.built.at(-1)).toMatchObject({ output: [3], argumentTypes: ["ArrayTexture(1)"] });
  });

  it("of another kind once for each text and length too", async () => {
    const { device, asked } = idleDevice("webasm");
    const { call } = runnerOn(device);
    const settings: Settings = { output: [1, 1], argumentTypes: ["Array"], loopMaxIterations: 1000 };
    for (const _ of [1, 2])
      for (const length of [3, 4]) await call("a source", settings, [new Float32Array(length)]);
    await call("another", settings, [new Float32Array(3)]);
    expect(asked.built).toHaveLength(3);
  });

  it("of its own to bring numbers to a device", async () => {
    const { device, asked } = idleDevice("webgl2");
    await runnerOn(device).put(new Float32Array(3));
    expect(asked.built).toMatchObject([{ output: [3], argumentTypes: ["Array"] }]);
    const [, head, body] = /^function \((\w+)\) \{(.*)\}$/s.exec(asked.built[0]!.source)!;
    const copy = new Function(head!, body!) as (this: object, x: readonly number[]) => number;
    expect([0, 1, 2].map((x) => copy.call({ thread: { x } }, [7, 8, 9]))).toEqual([7, 8, 9]);
  });

  it("with the types of its arrays and numbers, and the rounds that it may need", async () => {
    const { device, asked } = idleDevice("cpu");
    const { launch, statistics } = runnerOn(device);
    const array = new Float32Array(3);
    await launch(kernel(3, { numbers: ["n"] }), [array], [7]);
    await launch(kernel(4, { rounds: 3000 }), [array]);
    expect(asked.built).toMatchObject([
      { output: [3], argumentTypes: ["Array", "Float"], loopMaxIterations: 1000 },
      { output: [4], argumentTypes: ["Array"], loopMaxIterations: 3000 },
    ]);
    expect(asked.built[0]!.source).toMatch(/^function \(in0, n\) \{/);
    expect(asked.given).toEqual([[array, 7], [array]]);
    expect(statistics).toEqual({ arrays: 2, kernels: 2, bytesUp: 0, bytesDown: 0 }); // it has them already
  });

  it.each([
    ["cpu", undefined, 512],
    ["webasm", {}, 96],
  ] as const)(
    "and keeps so many where arrays lie with the host, those used last: %s",
    async (mode, document, most) => {
      vi.stubGlobal("document", document);
      vi.resetModules();
      const { runnerOn: runnerHere } = await import("../../../../backends/gpu/runner.ts");
      const { device, asked } = idleDevice(mode);
      const { launch } = runnerHere(device);
      const array = [new Float32Array(1)];
      for (let i = 1; i <= most; i++) await launch(kernel(i), array);
      await launch(kernel(1), array); // the first is used again
      expect(asked.unbuilt).toEqual([]);
      await launch(kernel(most + 1), array);
      await launch(kernel(1), array);
      expect(asked.unbuilt).toEqual([1]);
      await launch(kernel(2), array);
      expect(asked.unbuilt).toEqual([1, 2]);
      expect(asked.built).toHaveLength(most + 2);
    },
  );

  it("and keeps all of them on a device", async () => {
    const { device, asked } = idleDevice("webgl2");
    const { launch } = runnerOn(device);
    for (let i = 1; i <= 600; i++) await launch(kernel(i), [new Float32Array(1)]);
    expect(asked.unbuilt).toEqual([]);
  });
});

describe("a runner says", () => {
  it("which kernel failed, and why", async () => {
    const { device, asked } = idleDevice("webgl2");
    const { launch } = runnerOn(device);
    asked.failure = new Error("lost");
    const error = await launch(kernel(3), [new Float32Array(3)]).catch((e: unknown) => e);
    expect(error).not.toBeInstanceOf(InputError);
    expect(error).toMatchObject({
      message: "The kernel of map failed on webgl2: lost",
      cause: asked.failure,
    });
  });

  it("a refusal as it is", async () => {
    const { device, asked } = idleDevice("webgl2");
    asked.failure = new InputError("no");
    await expect(runnerOn(device).launch(kernel(3), [new Float32Array(3)])).rejects.toBe(asked.failure);
  });

  it("that an array is too long, from one float too many on", () => {
    const { device } = idleDevice("webgl2");
    checkLength(2 ** 24, device, "An array");
    expect(said(() => checkLength(2 ** 24 + 1, device, "A list"))).toMatch(
      /^A list has 16777217 floats, .*webgl2/,
    );
  });
});

describe("a runner gives back", () => {
  it("arrays of the device, each once, and its kernels with it", async () => {
    const { device, asked } = idleDevice("webgl2");
    const runner = runnerOn(device);
    const [x] = [await runner.put(new Float32Array(3)), await runner.put(new Float32Array(3))];
    runner.drop(x);
    runner.drop(x);
    expect(asked.deleted).toBe(1);
    await runner.destroy();
    expect([asked.deleted, asked.closed, runner.statistics.arrays]).toEqual([2, 1, 0]);
  });

  it("numbers as a copy, where they lie with the host", async () => {
    const runner = runnerOn(idleDevice("cpu").device);
    const stored = await runner.put(Float32Array.of(1, 2));
    expect(stored.length).toBe(2);
    (await runner.get(stored))[0] = 9;
    expect([...(await runner.get(stored))]).toEqual([1, 2]);
  });
});

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

describe("a mode of gpu.js", () => {
  it.each([
    ["webasm", "WebAssembly SIMD"],
    ["cpu", "JavaScript"],
  ] as const)("is opened by its name: %s", async (mode, name) => {
    const device = await openDevice(mode);
    expect(device).toMatchObject({ mode, name, software: false });
    const run = device.compile<Float32Array>("function (x) { return x[this.thread.x] * 2; }", {
      output: [2],
      argumentTypes: ["Array"],
      loopMaxIterations: 1000,
    });
    expect([...(await run(Float32Array.of(1, 2)))]).toEqual([2, 4]);
    run.destroy();
    await device.destroy();
  });

  it("webgpu is what the browser's adapter says, or refused where there is none", async () => {
    const info = { vendor: "apple", architecture: "metal-3", device: "", description: "" };
    const adapter = vi.fn(async (): Promise<unknown> => ({ info }));
    vi.stubGlobal("navigator", { gpu: { requestAdapter: adapter } });
    expect(await openDevice("webgpu")).toMatchObject({
      mode: "webgpu",
      name: "apple metal-3",
      software: false,
    });
    adapter.mockResolvedValue(null);
    const none = await openDevice("webgpu").catch((e: unknown) => e);
    expect(none).toBeInstanceOf(InputError);
    expect((none as Error).message).toContain("Mode webgpu found no adapter");
    vi.stubGlobal("document", {});
    for (const navigator of [{}, undefined]) {
      vi.stubGlobal("navigator", navigator);
      await expect(openDevice("webgpu")).rejects.toThrow("Mode webgpu found no adapter");
    }
  });
});

describe("a mode of gpu.js, where gpu.js says that it is here", () => {
  class WebGLKernel {}
  class FakeGpu {
    static isWebGLSupported = true;
    static isWebGL2Supported = true;
    static isHeadlessGLSupported = true;
    static isWebAssemblySupported = true;
    static readonly made: FakeGpu[] = [];
    readonly settings: unknown;
    readonly built: unknown[][] = [];
    ended = 0;
    constructor(settings: unknown) {
      this.settings = settings;
      FakeGpu.made.push(this);
    }
    createKernel(...given: unknown[]) {
      this.built.push(given);
      const kernel = Object.assign(new WebGLKernel(), { fallbackReason: null });
      return Object.assign(() => 7, { kernel, destroy: () => {} });
    }
    async destroy() {
      this.ended++;
    }
  }

  afterEach(() => {
    vi.doUnmock("gpu.js");
    FakeGpu.isWebGLSupported = FakeGpu.isHeadlessGLSupported = FakeGpu.isWebAssemblySupported = true;
  });

  /** Opens a mode in a page whose WebGL is `gl`, or in none, with this gpu.js. */
  async function opened(mode: Mode, gl?: object | null) {
    FakeGpu.made.length = 0;
    vi.resetModules();
    vi.doMock("gpu.js", () => ({ default: { GPU: FakeGpu, WebGLKernel, WebGL2Kernel: class {} } }));
    const getContext = vi.fn((_: string) => gl);
    if (gl !== undefined) vi.stubGlobal("document", { createElement: () => ({ getContext }) });
    const { openDevice: open } = await import("../../../../backends/gpu/library.ts");
    return { device: await open(mode), getContext };
  }

  const lost = vi.fn();
  const context = (extensions: Readonly<Record<string, object>>) => ({
    RENDERER: 1,
    getExtension: (name: string) => extensions[name] ?? null,
    getParameter: (which: number) => (which === 1 ? "WebKit WebGL" : "llvmpipe (LLVM 15)"),
  });
  const told = {
    WEBGL_debug_renderer_info: { UNMASKED_RENDERER_WEBGL: 2 },
    WEBGL_lose_context: { loseContext: lost },
  };

  it.each(["webgl", "webgl2"] as const)("has its driver's name, and leaves no context: %s", async (mode) => {
    lost.mockClear();
    const { device, getContext } = await opened(mode, context(told));
    expect(device).toMatchObject({ mode, name: "llvmpipe (LLVM 15)", software: true });
    expect(getContext).toHaveBeenCalledWith(mode);
    expect(lost).toHaveBeenCalledTimes(1);
    expect(FakeGpu.made.map(({ settings }) => settings)).toEqual([{ mode }]);
  });

  it("or has the name that it tells anyone, where it keeps its driver's to itself", async () => {
    const { device } = await opened("webgl2", context({}));
    expect(device).toMatchObject({ name: "WebKit WebGL", software: false });
  });

  it("is refused where a page gets no context after all, or gpu.js says that there is none", async () => {
    await expect(opened("webgl2", null)).rejects.toThrow("with WebGL 2, which this one does not offer");
    await expect(opened("webgl", null)).rejects.toThrow("with WebGL, which this one does not offer");
    FakeGpu.isWebGLSupported = false;
    await expect(opened("webgl", context(told))).rejects.toThrow("with WebGL, which this one does not offer");
    vi.unstubAllGlobals();
    await expect(opened("webgl")).rejects.toThrow("with WebGL, but this is no browser");
  });

  it("needs no page but for WebGL, only what gpu.js asks for", async () => {
    expect((await opened("headlessgl")).device).toMatchObject({ name: "headless GL", software: false });
    FakeGpu.isHeadlessGLSupported = false;
    await expect(opened("headlessgl")).rejects.toThrow("Mode headlessgl needs the package");
    expect((await opened("webasm")).device).toMatchObject({ name: "WebAssembly SIMD" });
    FakeGpu.isWebAssemblySupported = false;
    await expect(opened("webasm")).rejects.toThrow("Mode webasm needs WebAssembly");
    expect((await opened("cpu")).device).toMatchObject({ name: "JavaScript" });
  });

  it("builds kernels that keep their results where they are, each in an array of its own", async () => {
    const { device } = await opened("webgl", context(told));
    const settings: Settings = { output: [3], argumentTypes: ["Array"], loopMaxIterations: 2000 };
    expect(device.compile<number>("a source", settings)(1)).toBe(7);
    expect(FakeGpu.made[0]!.built).toEqual([
      ["a source", { ...settings, precision: "single", pipeline: true, immutable: true }],
    ]);
    await device.destroy();
    expect(FakeGpu.made[0]!.ended).toBe(1);
  });

  it("is refused where a kernel is not of its kind", async () => {
    const { device } = await opened("webgl2", context(told));
    const run = device.compile("a source", { output: [3], argumentTypes: [], loopMaxIterations: 1000 });
    expect(() => run()).toThrow("A kernel for webgl2 was built as WebGLKernel instead.");
  });
});
