import { describe, expect, it } from "vitest";
import { type Fast, fast } from "../../../../backends/fast/index.ts";
import type { Handle } from "../../../../core/backend.ts";
import { said } from "../../models/dlrm/tiny-model.ts";
import { collected } from "../collector.ts";

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
