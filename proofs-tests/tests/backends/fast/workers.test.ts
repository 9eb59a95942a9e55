import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Worker as Thread } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fast } from "../../../../backends/fast/index.ts";
import { canShare, machineWith } from "../../../../backends/fast/machine.ts";

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
    const { startWorkers } = await workersOfPage();
    const { hostMemory, inNode } = await import("../../../../backends/host.ts");
    expect([inNode, hostMemory()]).toEqual([false, Infinity]);
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
  it("threads start in a program on the command line, which Node is told is a module", async () => {
    const program = `
      import { fast } from ${JSON.stringify(import.meta.resolve("../../../../backends/fast/index.ts"))};
      const backend = await fast({ threads: 3 });
      console.log(backend.threads);
      await backend.destroy();
    `;
    const words = ["--import", "tsx", "--input-type=module", "-e", program];
    expect((await promisify(execFile)(process.execPath, words)).stdout).toBe("3\n");
  });

  it("a worker that does not start is told", async () => {
    const { startWorkers } = await import("../../../../backends/fast/workers.ts");
    const [module, memory] = [{}, {}] as never as [WebAssembly.Module, WebAssembly.Memory];
    await expect(startWorkers(module, memory, 1)).rejects.toThrow();
  });
});
