import { check, InputError } from "../../core/errors.ts";

/** Ways in which gpu.js can run a kernel, the fastest first where all exist. */
export const modes = ["webgpu", "webgl2", "webgl", "headlessgl", "webasm", "cpu"] as const;
/** A way in which gpu.js runs kernels; see the table of modes in docs/backends.md. */
export type Mode = (typeof modes)[number];

/** An array that a kernel made and that stays on the device. */
interface DeviceArray {
  /** gpu.js's name for where it lies. */
  readonly type: string;
  toArray(): Float32Array | Promise<Float32Array>;
  delete(): void;
}

/** Numbers where a mode keeps them: on its device, or in the host's memory where it has none. */
export type Values = Float32Array | DeviceArray;

/** What a kernel is called with: arrays first, then numbers. */
type Argument = Values | number;

/** How gpu.js is to build a kernel. */
export interface Settings {
  readonly output: readonly number[];
  /** gpu.js's type of each parameter, in order. */
  readonly argumentTypes: readonly string[];
  /** Limit of loops whose bound is not a literal: beyond it they stop without a word. */
  readonly loopMaxIterations: number;
}

/** A kernel that gpu.js built. */
export interface Launch<Result> {
  (...given: readonly Argument[]): Result | Promise<Result>;
  /** Gives back what the kernel itself holds. Its results stay. */
  destroy(): void;
}

/** The part of gpu.js that we use. Its own types lack asynchronous results and source strings. */
interface GpuJs extends Readonly<Record<(typeof kernelClasses)[Mode], unknown>> {
  readonly GPU: { new (settings: { mode: Mode }): GpuInstance } & Readonly<Record<string, unknown>>;
}

/** gpu.js's kernel class of each mode: a kernel of another class fell back. */
const kernelClasses = {
  webgpu: "WebGPUKernel",
  webgl2: "WebGL2Kernel",
  webgl: "WebGLKernel",
  headlessgl: "HeadlessGLKernel",
  webasm: "WebAssemblyKernel",
  cpu: "CPUKernel",
} as const;

interface GpuInstance {
  createKernel(source: string, settings: object): Launch<unknown> & { readonly kernel: BuiltKernel };
  destroy(): Promise<void>;
}

interface BuiltKernel {
  readonly constructor: { readonly name: string };
  readonly fallbackReason: string | null;
}

/** What computes. */
interface Named {
  /** In the driver's words. */
  readonly name: string;
  /** Whether a driver only imitates a GPU on the CPU. */
  readonly software: boolean;
}

/** One opened mode of gpu.js. */
export interface Device extends Named {
  readonly mode: Mode;
  /** Builds a kernel from source text. Sizes are literals of the text: a kernel is for one set of sizes. */
  compile<Result>(source: string, settings: Settings): Launch<Result>;
  destroy(): Promise<void>;
}

/** Whether a mode keeps its results in the host's memory. */
export const isOnHost = (mode: Mode): boolean => mode === "webasm" || mode === "cpu";

/** Opens a mode; throws an InputError that says what is missing where it is not to be had. */
export async function openDevice(mode: Mode): Promise<Device> {
  const { name, software } = await inspectMode(mode);
  const library = await load();
  const instance = new library.GPU({ mode });
  return {
    mode,
    name,
    software,
    compile<Result>(source: string, settings: Settings): Launch<Result> {
      const launch = instance.createKernel(source, {
        ...settings,
        output: [...settings.output],
        precision: "single",
        pipeline: true,
        immutable: true,
      });
      return checked(launch as typeof launch & Launch<Result>, library[kernelClasses[mode]], mode);
    },
    destroy: () => instance.destroy(),
  };
}

/** gpu.js falls back to its plain JavaScript mode with no more than a console message; here that is an error. */
export function checked<Result>(
  launch: Launch<Result> & { readonly kernel: BuiltKernel },
  kernelClass: unknown,
  mode: Mode,
): Launch<Result> {
  const checkHere = () => {
    const { constructor: built, fallbackReason } = launch.kernel;
    if (built === kernelClass && fallbackReason === null) return;
    throw new InputError(
      `A kernel for ${mode} was built as ${built.name} instead${fallbackReason ? `: ${fallbackReason}` : ""}. Choose another mode with gpu({ mode }).`,
    );
  };
  let isFirst = true;
  const run = (...given: readonly Argument[]) => {
    const result = launch(...given);
    if (isFirst) checkHere();
    isFirst = false;
    return result;
  };
  return Object.assign(run, { destroy: () => launch.destroy() });
}

async function load(): Promise<GpuJs> {
  const loaded = await import("gpu.js");
  return (loaded.default ?? loaded) as unknown as GpuJs;
}

async function inspectMode(mode: Mode): Promise<Named> {
  if (mode === "webgpu") return inspectWebGpu();
  const { GPU } = await load();
  if (mode === "webgl" || mode === "webgl2") {
    const supported = GPU[mode === "webgl" ? "isWebGLSupported" : "isWebGL2Supported"] === true;
    const name = supported ? rendererOf(mode) : undefined;
    if (name === undefined) {
      throw new InputError(
        `Mode ${mode} needs a browser with ${mode === "webgl" ? "WebGL" : "WebGL 2"}${typeof document === "undefined" ? ", but this is no browser" : ", which this one does not offer; see chrome://gpu"}. Build the page with \`npm run page\`, or use gpu({ mode: "webasm" }).`,
      );
    }
    return deviceNamed(name);
  }
  check(
    mode !== "headlessgl" || GPU.isHeadlessGLSupported === true,
    () =>
      'Mode headlessgl needs the package "gl", compiled, and an X display: run `npm install gl --allow-scripts=gl` and start under xvfb-run, or use gpu({ mode: "webasm" }).',
  );
  check(
    mode !== "webasm" || GPU.isWebAssemblySupported === true,
    () => 'Mode webasm needs WebAssembly, which is not to be had here; use gpu({ mode: "cpu" }).',
  );
  return {
    name: { headlessgl: "headless GL", webasm: "WebAssembly SIMD", cpu: "JavaScript" }[mode],
    software: false,
  };
}

/** A device by its driver's words, which tell too whether the driver only imitates a GPU. */
const deviceNamed = (name: string): Named => ({
  name,
  software: /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name),
});

/** A device by what WebGPU's adapter says of itself; what another of its words contains is left out. */
export const deviceOf = ({ vendor, architecture, device, description }: AdapterInfo): Named => {
  const words = [vendor, architecture, device, description];
  const lower = words.map((word) => word.toLowerCase());
  const isTold = (i: number) => !lower.some((other, k) => k > i && other.includes(lower[i]!));
  return deviceNamed(words.filter((word, i) => word !== "" && isTold(i)).join(" "));
};

/** The name of the renderer behind a WebGL context. */
function rendererOf(context: "webgl" | "webgl2"): string | undefined {
  const gl = document.createElement("canvas").getContext(context) as WebGLRenderingContext | null;
  if (gl === null) return undefined;
  const info = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return name;
}

async function inspectWebGpu(): Promise<Named> {
  const adapter = await (await webGpu())?.requestAdapter();
  if (!adapter) {
    throw new InputError(
      'Mode webgpu found no adapter: it needs a browser with WebGPU, or, in Node, the package "webgpu" (npm install webgpu@0.6.2) and a Vulkan driver. Without a GPU, Chromium\'s software driver serves: apt-get install chromium libvulkan1, then VK_ICD_FILENAMES=/usr/lib/chromium/vk_swiftshader_icd.json. Or use gpu({ mode: "webasm" }).',
    );
  }
  return deviceOf(adapter.info);
}

type AdapterInfo = Readonly<Record<"vendor" | "architecture" | "device" | "description", string>>;

interface WebGpu {
  requestAdapter(): Promise<{ readonly info: AdapterInfo } | null>;
}

/** `navigator.gpu`, put there first in Node, where gpu.js looks for it too. */
async function webGpu(): Promise<WebGpu | undefined> {
  const here = globalThis as { navigator?: { gpu?: WebGpu } };
  if (here.navigator?.gpu || typeof document !== "undefined") return here.navigator?.gpu;
  const dawn = "webgpu"; // not a literal: a bundler for the browser must not follow it
  const loaded = await import(/* @vite-ignore */ dawn).catch(() => undefined);
  const { create, globals } = (loaded ?? {}) as { create?(flags: string[]): WebGpu; globals?: object };
  if (create === undefined) return undefined; // an empty package may stand in for its 87 MB
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, "navigator", {
    value: { ...here.navigator, gpu: create([]) },
    configurable: true,
  });
  return here.navigator?.gpu;
}
