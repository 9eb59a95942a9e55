import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fast } from "../../../backends/fast/index.ts";
import { gpu, gpuOn } from "../../../backends/gpu/index.ts";
import { turns } from "../../../backends/turns.ts";
import type { DeviceBackend } from "../../../core/backend.ts";
import { sgd } from "../../../core/optimizers/sgd.ts";
import { liveTensors, tensor } from "../../../core/tensor.ts";
import { train } from "../../../models/dlrm/train.ts";
import { robe } from "../../../models/embeddings/families/robe.ts";
import { data, model } from "../models/dlrm/tiny-model.ts";
import { collect, collected } from "./collector.ts";
import { idleDevice } from "./gpu/idle-device.ts";

const sum = { kind: "reduce", outer: 1, summed: 3, inner: 1 } as const;
const step = {
  name: "sgd",
  steps: [{ target: "w", expression: "w - g" }],
  state: ["s"], // which stays as it is
  hyper: {},
  zeroGradient: "nothing",
  width: 1,
} as const;

describe("what nobody frees", () => {
  it.each([
    ["fast", true, () => fast({ threads: 1 })],
    ["gpu:cpu", true, () => gpu({ mode: "cpu" })],
    ["gpu:webgl2, where memory is the device's", false, async () => gpuOn(idleDevice("webgl2").device)],
  ] as const)("is given back once by %s, and nothing else is", async (_, computes, open) => {
    const backend: DeviceBackend = await open();
    const kept = backend.upload([1, 2, 3]);
    (() => {
      const dropped = backend.upload([4, 5, 6]);
      backend.run(sum, [dropped]);
      backend.free(backend.upload([7, 8, 9])); // has its own end already
    })();
    // The step takes over the handles of what it changes: that these are gone says nothing of the numbers.
    const { weights, state } = (() => {
      const [w, s] = [backend.upload([1, 1, 1]), backend.upload([5, 5, 5])];
      return backend.update(step, w, [s], { kind: "dense", values: kept });
    })();
    const held = () => backend.statistics.arrays;
    await backend.read(kept);
    expect(held()).toBe(5);
    await collected(() => held() === 3);
    await collected(() => false, 3);
    expect(held()).toBe(3);
    const numbers = await Promise.all([kept, weights, ...state].map(backend.read));
    if (computes)
      expect(numbers.map((x) => [...x])).toEqual([
        [1, 2, 3],
        [0, -1, -2],
        [5, 5, 5],
      ]);
    await backend.destroy();
    await collected(() => false, 2);
  });

  it.each([
    ["fast", () => fast({ threads: 1 })],
    ["gpu:webasm", () => gpu({ mode: "webasm" })],
  ] as const)(
    "is given back in a loop that waits for nothing but numbers, which %s has at once",
    async (_, open) => {
      const backend = await open();
      const each = 2 ** 22; // floats: 16 MB
      let most = 0;
      for (let i = 0; i < 24; i++) {
        await backend.read(backend.run({ ...sum, summed: each }, [backend.upload(new Float32Array(each))]));
        collect();
        most = Math.max(most, backend.statistics.arrays);
      }
      expect(most).toBeLessThan(24); // of 48, by turns of four
      await backend.destroy();
    },
  );

  it("of models that are trained and dropped leaves room for others", async () => {
    const backend = await fast({ threads: 1 });
    const short = { optimizer: sgd(0.01), batch: 32, steps: 2 };
    for (let i = 0; i < 30; i++) {
      await (async () => {
        const own = model({ embedding: robe({ memorySize: 1_000_000 }), backend });
        for await (const _ of train(own, data.train, short));
      })();
      await collected(() => backend.statistics.arrays < 40); // of 9 a model
    }
    expect(backend.statistics.reached).toBeLessThan(40e6); // not 30 times 4 MB and more
    await backend.destroy();
  });

  it("stays counted as a tensor that was not freed: no count depends on when the collector runs", async () => {
    const backend = await fast({ threads: 1 });
    const before = liveTensors();
    (() => void tensor(backend, [3], [1, 2, 3]))();
    await collected(() => backend.statistics.arrays === 0);
    expect([backend.statistics.arrays, liveTensors()]).toEqual([0, before + 1]);
    await backend.destroy();
  });

  it("does not fill memory in a process whose collector nobody calls", () => {
    const program = `
      import { fast, tensor } from ${JSON.stringify(join(import.meta.dirname, "../../../index.ts"))};
      const backend = await fast({ threads: 1 });
      for (let i = 0; i < 500; i++) await tensor(backend, [1e6], new Float32Array(1e6)).data();
      console.log(backend.statistics.reached);`;
    const args = ["--import", "tsx", "--input-type=module", "--eval", program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(Number(stdout)).toBeLessThan(1e9); // of 2 GB
  });
});

it("a turn is waited for where 64 MB more than at the last one were ever held, and not before", () => {
  const turn = turns();
  const waits = [2 ** 26 - 1, 2 ** 26, 2 ** 26 + 1, 2 ** 27 - 1, 2 ** 27, 2 ** 27].map(
    (x) => turn(x) !== undefined,
  );
  expect(waits).toEqual([false, true, false, false, true, false]);
});
