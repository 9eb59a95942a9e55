import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import { lazyRowsOf } from "../../../../models/data/lazy-rows.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { checkMethods, methodByName } from "../../../experiments/tradeoff/method.ts";

const shape = { tables: [60, 40], dim: 4 }; // 400 floats
const made = (name: string, bytes: number) =>
  methodByName(name).fitTo(bytes, shape)({ ...shape, backend: cpu64, seed: 3 });

describe("a method", () => {
  it.each([
    ["robe", "sgd", "sgd", 0.1],
    ["robe", "adagrad", "adagrad", 0.05],
    ["robe:optimizer=adam", "sgd", "adam", 0.001],
    ["robe:block=2:optimizer=rowWiseAdagrad", "sgd", "rowWiseAdagrad", 0.05],
  ])("%s in a study by %s has %s, at so many times its usual rate %d", (method, otherwise, own, usual) => {
    for (const factor of [0.3, 1, 3])
      expect(methodByName(method).optimizer({ optimizer: otherwise }, factor)).toMatchObject({
        name: own,
        learningRate: expect.closeTo(factor * usual, 12),
      });
  });

  it("has the options of the study's optimizer, but not where it names another", () => {
    const study = { optimizer: "sgd", optimizerOptions: { momentum: 0.9 } };
    const stateOf = (method: string) =>
      methodByName(method)
        .optimizer(study, 1)
        .state.map(({ name }) => name);
    expect(stateOf("robe")).toEqual(["velocity"]);
    expect(stateOf("robe:optimizer=sgd")).toEqual([]);
  });

  it("takes all the bytes that it may, in the units that it has, and no more", () => {
    expect(made("robe", 403)).toMatchObject({ bytes: 400, memorySize: 100 });
    expect(made("robe:storage=f16", 403)).toMatchObject({ bytes: 402, memorySize: 201 });
    expect(made("rowHash", 403)).toMatchObject({ bytes: 400, memorySize: 100 });
    expect(made("full", 1603)).toMatchObject({ bytes: 1600, memorySize: 400 });
    expect(() => made("full", 1599)).toThrow("full needs at least 1600 bytes");
  });

  it("keeps of full tables the touched rows, where those are told", () => {
    // Two samples of two tables: rows 3 and 50 of the first, row 7 of the second twice.
    const bags = { ids: Uint32Array.of(3, 7, 50, 7), offsets: Uint32Array.of(0, 1, 2, 3, 4) };
    const touched = lazyRowsOf(shape.tables, bags);
    const kept = methodByName("full").fitTo(1600, shape, { rows: touched })({
      ...shape,
      backend: cpu64,
      seed: 3,
    });
    expect(kept.memorySize).toBe(4 * 3);
  });

  it.each([
    ["robe:color=red", 'Method "robe:color=red": robe has no option color; it has memory-size, compression,'],
    ["robe:block=8:memory-size=9", "has a size, memory-size=9; leave it out"],
    ["full:embedding=robe", "full has no option embedding"],
    ["robe:compression=2", "has a size"],
    ["quotientRemainder:collisions=2", "has a size"],
    ["quotientRemainder:threshold=2", "has a size"],
    ["cafe:threshold=2", "cafe has no option threshold"],
    ["robe:toString=1", "robe has no option toString"],
    ["rowHash:hot-share=0.5", "rowHash has no option hot-share; it has memory"],
    ["robe:table-scale=yes", 'table-scale of method "robe:table-scale=yes" takes no value'],
    ["robe:optimizer=adm", 'no optimizer "adm"'],
    ["robe:block", 'block of method "robe:block" must be a whole number from 1 up'],
    ["", 'no embedding ""'],
  ])("is none: %s", (name, words) => expect(() => methodByName(name)).toThrow(words));

  it("is whole where it is the full tables", () =>
    expect(["full", "robe", "rowHash"].map((name) => methodByName(name).whole)).toEqual([
      true,
      false,
      false,
    ]));

  it("has the switches that it was asked for", async () => {
    const read = async (name: string) => {
      const bags = { ids: Uint32Array.of(5, 7), offsets: Uint32Array.of(0, 1, 2) };
      return [...(await made(name, 400).forward(bags).data())];
    };
    const plain = await read("robe");
    // The second table is the smaller one: its rows are larger by √(60/40).
    const scaled = plain.map((x, i) => (i < 4 ? x : x * Math.sqrt(1.5)));
    for (const [i, x] of (await read("robe:table-scale")).entries()) expect(x).toBeCloseTo(scaled[i]!, 12);
  });

  it("keeps the name and the options that it was asked for", () => {
    const name = "robe:block=2:sign=none";
    expect(methodByName(name).name).toBe(name);
    const { block, sign } = { block: 2, sign: "none" } as const;
    const spelled = robe({ memorySize: 100, block, sign })({ ...shape, backend: cpu64, seed: 3 });
    for (let row = 0; row < 60; row++)
      for (let column = 0; column < 4; column++)
        expect(made(name, 400).scheme!.slotsOf(0, row, column)).toEqual(
          spelled.scheme!.slotsOf(0, row, column),
        );
  });
});

describe("the methods of a study", () => {
  it("begin with the full tables, which no other can stand for", () => {
    expect(() => checkMethods(["full", "robe", "robe:block=2"])).not.toThrow();
    expect(() => checkMethods(["robe", "full"])).toThrow(
      "must be full, which the others are compared with, but it is robe",
    );
  });

  it("are each named once", () =>
    expect(() => checkMethods(["full", "robe", "rowHash", "robe"])).toThrow('"robe" is named twice'));
});
