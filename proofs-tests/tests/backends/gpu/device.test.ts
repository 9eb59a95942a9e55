import { describe, expect, it } from "vitest";
import { bestDevice, gpu, gpuOn } from "../../../../backends/gpu/index.ts";
import { checked, type Device, deviceOf, type Mode, modes } from "../../../../backends/gpu/library.ts";
import { runnerOn } from "../../../../backends/gpu/runner.ts";
import { InputError } from "../../../../core/errors.ts";
import { said } from "../../models/dlrm/tiny-model.ts";

describe("a device by its adapter's words", () => {
  const of = (description: string) => deviceOf({ vendor: "", architecture: "", device: "", description });

  it.each([
    "SwiftShader Device (Subzero)",
    "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (LLVM 10.0.0) (0x0000C0DE)), SwiftShader driver)",
    "llvmpipe (LLVM 15.0.7, 256 bits)",
    "softpipe",
    "Microsoft Basic Render Driver",
    "Apple Software Renderer",
  ])("only imitates a GPU: %s", (name) => expect(of(name)).toEqual({ name, software: true }));

  it.each([
    "NVIDIA GeForce RTX 4090",
    "ANGLE (Intel, Mesa Intel(R) UHD Graphics 620 (KBL GT2), OpenGL 4.6)",
    "Apple M2",
    "Adreno (TM) 740",
  ])("is one: %s", (name) => expect(of(name)).toEqual({ name, software: false }));

  it("is named by all that its adapter says, without what is said twice", () => {
    const known = { vendor: "google", architecture: "swiftshader", device: "0xc0de", description: "" };
    expect(deviceOf(known)).toEqual({ name: "google swiftshader 0xc0de", software: true });
    expect(deviceOf({ ...known, description: "SwiftShader Device" }).name).toBe(
      "google 0xc0de SwiftShader Device",
    );
    const nvidia = {
      vendor: "nvidia",
      architecture: "",
      device: "nvidia-h200",
      description: "NVIDIA: 580.159",
    };
    expect(deviceOf(nvidia)).toEqual({ name: "nvidia-h200 NVIDIA: 580.159", software: false });
  });
});

/** An array that lies on a device. */
interface Held {
  readonly type: "ArrayTexture(1)";
  toArray(): Float32Array;
  delete(): void;
}

/** A device that computes nothing: every result is `size` zeros. `log` tells what became of it. */
function deviceFor(mode: Mode, software: boolean, log: string[] = []): Device {
  return {
    mode,
    name: `a ${mode}`,
    software,
    compile(source, { output }) {
      log.push(`built ${source.length > 0 ? output : ""}`);
      const made = (): Held => ({
        type: "ArrayTexture(1)",
        toArray: () => new Float32Array(output[0]!),
        delete: () => void log.push("deleted"),
      });
      return Object.assign(made as never, { destroy: () => void log.push("unbuilt") });
    },
    destroy: async () => void log.push(`closed ${mode}`),
  };
}

describe("the best device", () => {
  /** What is chosen where `here` opens, each a real GPU or not, and what was closed again. */
  async function chosen(here: Partial<Record<Mode, boolean>>) {
    const log: string[] = [];
    const device = await bestDevice(async (mode) => {
      const software = here[mode];
      if (software === undefined) throw new InputError(`no ${mode}`);
      return deviceFor(mode, software, log);
    });
    return [device.mode, device.software, ...log];
  }

  it("is the first that opens, in the order of speed", async () => {
    expect(modes).toEqual(["webgpu", "webgl2", "webgl", "headlessgl", "webasm", "cpu"]);
    expect(await chosen({ webgpu: false, webgl2: false, webasm: false, cpu: false })).toEqual([
      "webgpu",
      false,
    ]);
    expect(await chosen({ webgl: false, webasm: false, cpu: false })).toEqual(["webgl", false]);
    expect(await chosen({ webasm: false, cpu: false })).toEqual(["webasm", false]);
  });

  it("is no imitation of a GPU, which is closed again", async () => {
    expect(await chosen({ webgpu: true, webgl2: true, webasm: false, cpu: false })).toEqual([
      "webasm",
      false,
      "closed webgpu",
      "closed webgl2",
    ]);
  });

  it("is not there where none opens", async () => {
    await expect(chosen({})).rejects.toThrow("gpu.js has no mode that runs here");
  });

  it("hides no fault that is no refusal", async () => {
    await expect(bestDevice(() => Promise.reject(new TypeError("a slip")))).rejects.toThrow("a slip");
  });
});

describe("a backend of gpu.js", () => {
  it.each([true, false])("says what computes, and whether that only imitates a GPU: %s", (software) => {
    const backend = gpuOn(deviceFor("webgl2", software));
    expect(backend).toMatchObject({
      name: "gpu:webgl2",
      mode: "webgl2",
      precision: "f32",
      device: { name: "a webgl2", software },
    });
  });
});

describe("a kernel of gpu.js", () => {
  class WantedKernel {}
  class CPUKernel {}
  const launch = (kernel: object, fallbackReason: string | null) =>
    checked(
      Object.assign(() => 7, {
        destroy: () => {},
        kernel: Object.assign(kernel, { fallbackReason }),
      }) as never,
      WantedKernel,
      "webgpu",
    );

  it("runs where it was built for the mode that was asked for", () => {
    expect(launch(new WantedKernel(), null)()).toBe(7);
  });

  it("is refused where gpu.js fell back to another mode, or says that it did", () => {
    expect(said(() => launch(new CPUKernel(), null)())).toBe(
      "A kernel for webgpu was built as CPUKernel instead. Choose another mode with gpu({ mode }).",
    );
    expect(said(() => launch(new WantedKernel(), "no float textures")())).toContain(": no float textures.");
  });
});

describe("what a backend of gpu.js holds", () => {
  it("is no more than it was asked for, where a sum is made in several stages", async () => {
    const backend = await gpu({ mode: "cpu" });
    const sum = { kind: "reduce", outer: 1, summed: 3000, inner: 1 } as const;
    const total = backend.run(sum, [backend.upload(new Float32Array(3000).fill(1))]);
    expect([...(await backend.read(total))]).toEqual([3000]);
    expect(backend.statistics.arrays).toBe(2);
    await backend.destroy();
  });
});

describe("a runner's account", () => {
  const kernel = (size: number) => ({ kind: "map", arrays: ["in0"], size, body: "return in0[cell];" });

  it("is of kernels built, arrays held, and bytes moved, where arrays lie on a device", async () => {
    const runner = runnerOn(deviceFor("webgl2", false));
    const { statistics } = runner;
    const x = await runner.put(new Float32Array(10));
    expect(statistics).toEqual({ arrays: 1, kernels: 1, bytesUp: 40, bytesDown: 0 });
    const y = await runner.launch(kernel(10), [x]);
    const z = await runner.launch(kernel(10), [x]);
    expect(statistics).toEqual({ arrays: 3, kernels: 2, bytesUp: 40, bytesDown: 0 });
    await runner.launch(kernel(5), [new Float32Array(5)]);
    expect(statistics).toEqual({ arrays: 4, kernels: 3, bytesUp: 60, bytesDown: 0 });
    await runner.get(y);
    expect(statistics.bytesDown).toBe(40);
    for (const stored of [y, z, z]) runner.drop(stored); // dropped twice is dropped once
    expect(statistics.arrays).toBe(2);
    await runner.destroy();
    expect(statistics.arrays).toBe(0);
  });

  it("counts no bytes where arrays lie with the host", async () => {
    const runner = runnerOn(deviceFor("webasm", false));
    await runner.get(await runner.put(new Float32Array(10)));
    expect(runner.statistics).toEqual({ arrays: 1, kernels: 0, bytesUp: 0, bytesDown: 0 });
  });
});
