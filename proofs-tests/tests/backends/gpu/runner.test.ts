import { afterEach, describe, expect, it, vi } from "vitest";
import type { Settings } from "../../../../backends/gpu/library.ts";
import { checkLength, runnerOn } from "../../../../backends/gpu/runner.ts";
import { InputError } from "../../../../core/errors.ts";
import { said } from "../../models/dlrm/tiny-model.ts";
import { idleDevice } from "./idle-device.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

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
