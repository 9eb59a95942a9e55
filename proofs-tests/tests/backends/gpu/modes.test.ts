import { afterEach, describe, expect, it, vi } from "vitest";
import { type Mode, openDevice, type Settings } from "../../../../backends/gpu/library.ts";
import { InputError } from "../../../../core/errors.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
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

  it("is refused where an empty package stands in for WebGPU's", async () => {
    vi.doMock("webgpu", () => ({ create: undefined, globals: undefined }));
    vi.stubGlobal("navigator", {});
    await expect(opened("webgpu")).rejects.toThrow("Mode webgpu found no adapter");
    vi.doUnmock("webgpu");
    vi.unstubAllGlobals();
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
