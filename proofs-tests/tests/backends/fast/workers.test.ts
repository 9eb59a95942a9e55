import { syncBuiltinESMExports } from "node:module";
import v8 from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker as Thread } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Fast, fast } from "../../../../backends/fast/index.ts";
import { canShare, machineWith } from "../../../../backends/fast/machine.ts";
import type { Handle } from "../../../../core/backend.ts";
import { InputError } from "../../../../core/errors.ts";
import { said } from "../../models/dlrm/tiny-model.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe("memory is shared with threads", () => {
  it("only where there is memory to share, and a page may have it", () => {
    expect(canShare()).toBe(true);
    vi.stubGlobal("crossOriginIsolated", true);
    expect(canShare()).toBe(true);
    vi.stubGlobal("crossOriginIsolated", false);
    expect(canShare()).toBe(false);
    vi.unstubAllGlobals();
    vi.stubGlobal("SharedArrayBuffer", undefined);
    expect(canShare()).toBe(false);
  });

  it("where it may not be, one thread does all, and more are refused", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    const [all, one] = [await fast(), await fast({ threads: 1 })];
    expect([all.threads, one.threads]).toEqual([1, 1]);
    await expect(fast({ threads: 2 })).rejects.toThrow(/^2 threads need memory that they share/);
    await Promise.all([all.destroy(), one.destroy()]);
  });

  it.each([1, 2])("and with nobody where there is one: %i", async (threads) => {
    const machine = await machineWith(threads, false);
    expect(machine.floats(0, 1).buffer instanceof SharedArrayBuffer).toBe(threads > 1);
    expect(machine.threads).toBe(threads);
    await machine.close();
  });
});

describe("threads", () => {
  it.each([1, 2, 3])("but the first are workers, which end with the backend: %i", async (threads) => {
    const ended = vi.spyOn(Thread.prototype, "terminate");
    const own = await fast({ threads });
    expect(ended).toHaveBeenCalledTimes(0);
    await own.destroy();
    expect(ended).toHaveBeenCalledTimes(threads - 1);
  });

  it.each([
    [undefined, true],
    [{}, false],
  ])("may sleep, but not a page's own: %j", async (document, maySleep) => {
    const launches: unknown[][] = [];
    const instantiate = WebAssembly.instantiate as (
      module: WebAssembly.Module,
      imports: object,
    ) => Promise<WebAssembly.Instance>;
    vi.spyOn(WebAssembly, "instantiate").mockImplementation((async (
      module: WebAssembly.Module,
      imports: object,
    ) => {
      const { exports } = await instantiate(module, imports);
      return { exports: { ...exports, launch: (...given: unknown[]) => void launches.push(given) } };
    }) as never);
    vi.stubGlobal("document", document);
    const machine = await machineWith(1, false);
    machine.launch(7, [1, 2, 3], 1);
    expect(launches).toEqual([[7, 1, maySleep]]);
    await machine.close();
  });
});

describe("in a page", () => {
  class PageWorker {
    static readonly made: PageWorker[] = [];
    static fails = false;
    readonly posted: { thread: number; memory: unknown; module: unknown }[] = [];
    readonly url: string;
    ended = false;
    onmessage = () => {};
    onerror = (_: unknown) => {};
    constructor(url: string) {
      this.url = url;
      PageWorker.made.push(this);
    }
    postMessage(task: PageWorker["posted"][number]) {
      this.posted.push(task);
      if (PageWorker.fails) this.onerror(new Error("no worker"));
      else this.onmessage();
    }
    terminate() {
      this.ended = true;
    }
  }

  /** The module as a page loads it. */
  async function workersOfPage() {
    PageWorker.made.length = 0;
    PageWorker.fails = false;
    vi.resetModules();
    vi.stubGlobal("Worker", PageWorker);
    return import("../../../../backends/fast/workers.ts");
  }
  const [module, memory] = [{}, {}] as never as [WebAssembly.Module, WebAssembly.Memory];

  it("each thread is a worker that is handed the module and its number, and ends when told", async () => {
    const revoked = vi.spyOn(URL, "revokeObjectURL");
    const { inNode, startWorkers } = await workersOfPage();
    expect(inNode).toBe(false);
    const stop = await startWorkers(module, memory, 2);
    expect(PageWorker.made.map(({ posted }) => posted)).toEqual([
      [{ module, memory, thread: 1 }],
      [{ module, memory, thread: 2 }],
    ]);
    expect(revoked.mock.calls.map(([url]) => url).toSorted()).toEqual(
      PageWorker.made.map(({ url }) => url).toSorted(),
    );
    expect(PageWorker.made.map(({ ended }) => ended)).toEqual([false, false]);
    await stop();
    expect(PageWorker.made.map(({ ended }) => ended)).toEqual([true, true]);
  });

  it("a worker runs a program of its own", async () => {
    const { startWorkers } = await workersOfPage();
    const made = vi.spyOn(URL, "createObjectURL");
    await startWorkers(module, memory, 1);
    const blob = made.mock.calls[0]![0] as Blob;
    expect(blob.type).toBe("text/javascript");
    expect(await blob.text()).toContain("instance.exports.serve(thread)");
  });

  it("a worker that does not start is told", async () => {
    const { startWorkers } = await workersOfPage();
    PageWorker.fails = true;
    await expect(startWorkers(module, memory, 1)).rejects.toThrow("no worker");
  });

  it.each([
    [4, 4],
    [64, 8],
  ])("there are as many cores as the browser says, of which eight are used: %i", async (all, used) => {
    const { cores } = await workersOfPage();
    vi.stubGlobal("navigator", { hardwareConcurrency: all });
    expect(await cores()).toBe(used);
  });
});

describe("in Node", () => {
  it("a worker that does not start is told", async () => {
    const { startWorkers } = await import("../../../../backends/fast/workers.ts");
    const [module, memory] = [{}, {}] as never as [WebAssembly.Module, WebAssembly.Memory];
    await expect(startWorkers(module, memory, 1)).rejects.toThrow();
  });
});

describe("fused arithmetic", () => {
  /** What Node was asked for while a machine was made of an engine that says so, in turn, of what it has. */
  async function flagsAsked(...known: boolean[]): Promise<string[]> {
    const asked = vi.spyOn(v8, "setFlagsFromString");
    syncBuiltinESMExports();
    const validate = vi.spyOn(WebAssembly, "validate");
    for (const says of known) validate.mockReturnValueOnce(says);
    const { machineWith: make } = await import("../../../../backends/fast/machine.ts");
    await (await make(1, true)).close();
    const flags = asked.mock.calls.map(([flag]) => flag);
    asked.mockRestore();
    validate.mockRestore();
    syncBuiltinESMExports();
    return flags;
  }

  it("is asked of Node where it is there and hidden, and only there", async () => {
    expect(await flagsAsked(false, true)).toEqual(["--experimental-wasm-relaxed-simd"]);
    expect(await flagsAsked(true, true)).toEqual([]);
    vi.resetModules();
    vi.stubGlobal("Worker", class {});
    expect(await flagsAsked(true, true)).toEqual([]);
    await expect(flagsAsked(false, false)).rejects.toThrow("This engine has no fused multiply-add");
  });

  it("is refused where the engine has none, after it was asked for", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    const error = await fast({ threads: 1, fma: true }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain("has no fused multiply-add for WebAssembly");
    const plain = await fast({ threads: 1 });
    await plain.destroy();
  });
});

/** Lets the collector find what nobody holds any more, until `done`. */
async function collected(done: () => boolean, most = 100): Promise<void> {
  v8.setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < most && !done(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 1)); // what was looked at is kept as long as this turn lasts
    collect();
  }
}

describe("the arrays of a backend", () => {
  const lookup = { dim: 1, block: 1, memorySize: 4, starts: Uint32Array.of(1), bags: Uint32Array.of(0, 1) };
  const held = (backend: Fast) => backend.statistics.arrays;

  it("are given back once, by whoever holds them or when nobody does", async () => {
    const backend = await fast({ threads: 1 });
    const size = 1000;
    const kept = backend.upload(new Float32Array(size).fill(1));
    const upload = (values: ArrayLike<number>, storage?: "f16") => void backend.upload(values, storage);
    upload(new Float32Array(size));
    upload(new Float32Array(size), "f16");
    (() => backend.free(backend.upload(new Float32Array(size))))();
    expect(held(backend)).toBe(3);
    await collected(() => held(backend) === 1);
    expect(held(backend)).toBe(1);
    await collected(() => false, 3);
    const others = [2, 3, 4, 5].map((value) => backend.upload(new Float32Array(size).fill(value)));
    for (const [i, handle] of [kept, ...others].entries())
      expect(new Set(await backend.read(handle))).toEqual(new Set([i + 1]));
    await backend.destroy();
  });

  it("are counted with their bytes: two of a half, four of a float, none outside", async () => {
    const backend = await fast({ threads: 1, spill: 4096 });
    const bytes = (length: number, storage?: "f16") => {
      const before = [backend.statistics.reached, held(backend)] as const;
      backend.upload(new Float32Array(length), storage);
      return [backend.statistics.reached - before[0], held(backend) - before[1]];
    };
    const [of1024, of1025, halves] = [bytes(1024), bytes(1025), bytes(5000, "f16")];
    expect(of1024[0]).toBeGreaterThanOrEqual(4096 + 16);
    expect(of1024[0]).toBeLessThanOrEqual((4096 + 16) * 1.125);
    expect(of1025).toEqual([0, 0]);
    expect(halves[0]).toBeGreaterThanOrEqual(10_000 + 16);
    expect(halves[0]).toBeLessThanOrEqual((10_000 + 16) * 1.125);
    expect([of1024[1], halves[1]]).toEqual([1, 1]);
    await backend.destroy();
  });

  it.each([
    ["inside", undefined, 4096],
    ["outside", undefined, 8],
    ["halves", "f16", 8],
  ] as const)("are read as a copy, whatever becomes of them: %s", async (_, storage, spill) => {
    const backend = await fast({ threads: 1, spill });
    const handle = backend.upload([1, 2, 3, 4], storage);
    const read = await backend.read(handle);
    expect([...read]).toEqual([1, 2, 3, 4]);
    read[0] = 9;
    expect([...backend.peek!(handle)]).toEqual([1, 2, 3, 4]);
    const gathered = backend.run({ kind: "gather", lookup }, [handle]);
    expect([...(await backend.read(gathered))]).toEqual([2]);
    backend.free(gathered);
    backend.free(handle);
    expect(held(backend)).toBe(0);
    await backend.destroy();
  });

  it("are stepped in place, and named anew", async () => {
    const backend = await fast({ threads: 1 });
    const [w, s, g] = [
      [1, 2],
      [0, 0],
      [1, 1],
    ].map((values) => backend.upload(values)) as [Handle, Handle, Handle];
    const steps = [
      { target: "s", expression: "s + g" },
      { target: "w", expression: "w - s" },
    ];
    const rule = { name: "sum", steps, state: ["s"], hyper: {}, zeroGradient: "nothing", width: 1 } as const;
    const state = [s];
    const made = backend.update(rule, w, state, { kind: "dense", values: g });
    expect(made).toEqual({ weights: w, state: [s] });
    expect(made.state).not.toBe(state);
    expect([...backend.peek!(w)]).toEqual([0, 1]);
    await backend.destroy();
  });

  it("are nobody's once they are freed, outside too", async () => {
    const backend = await fast({ threads: 1, spill: 8 });
    const freed = (() => {
      const handle = backend.upload(new Float32Array(1000));
      const array = new WeakRef(backend.peek!(handle));
      backend.free(handle);
      return array;
    })();
    await collected(() => freed.deref() === undefined);
    expect(freed.deref()).toBeUndefined();
    await backend.destroy();
  });

  it("are as fast as the machine that holds them", async () => {
    const backend = await fast({ threads: 1 });
    const { gflops, gigabytes } = backend.limits!();
    expect(gflops).toBeGreaterThan(0.01);
    expect(gigabytes).toBeGreaterThan(0.01);
    expect(held(backend)).toBe(0);
    await backend.destroy();
  });

  it("are of no more bytes than the machine gives", async () => {
    const backend = await fast({ threads: 1 });
    expect(said(() => backend.upload({ length: 2 ** 40 }))).toContain(
      `The fast backend needs an array of ${(4 * 2 ** 40) / 1e9} GB`,
    );
    await backend.destroy();
  });

  it("are no halves where a step needs floats", async () => {
    const backend = await fast({ threads: 1 });
    const [w, h] = [backend.upload([1, 2]), backend.upload([1, 2], "f16")];
    const plain = {
      name: "sgd",
      steps: [{ target: "w", expression: "w - g" }],
      hyper: {},
      width: 1,
    } as const;
    const rule = { ...plain, state: [], zeroGradient: "nothing" } as const;
    const own = { dim: 2, block: 2, memorySize: 2, starts: Uint32Array.of(0), bags: Uint32Array.of(0, 1) };
    for (const gradient of [
      { kind: "dense", values: h },
      { kind: "sparse", parts: [{ lookup: own, values: h }] },
    ] as const)
      expect(said(() => backend.update(rule, w, [], gradient))).toContain(
        'but "update" was asked to read it',
      );
    expect(
      said(() => backend.update({ ...rule, state: ["s"] }, w, [h], { kind: "dense", values: w })),
    ).toContain('but "update" was asked to read it');
    await backend.destroy();
  });
});
