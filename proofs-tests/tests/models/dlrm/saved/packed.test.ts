import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../../../backends/cpu/index.ts";
import { InputError } from "../../../../../core/errors.ts";
import { load } from "../../../../../models/dlrm/saved/load.ts";
import { packed, unpacked } from "../../../../../models/dlrm/saved/packed.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { robe } from "../../../../../models/embeddings/families/robe.ts";
import { resummed } from "../../../damage/damages.ts";
import { bitsOf, model } from "../tiny-model.ts";
import { path, rewrite, saved } from "./changed-file.ts";

const grids = fc.record({
  bits: fc.constantFrom(4, 8),
  step: fc.integer({ min: -20, max: 8 }).map((k) => 2 ** k),
});

/** Whole numbers of 4 or 8 bits in two's complement, as `DataView` has those of 8. */
function wholeIn(bytes: Uint8Array, bits: number, i: number): number {
  if (bits === 8) return new DataView(bytes.buffer).getInt8(i);
  const nibble = Math.floor(bytes[Math.floor(i / 2)]! / (i % 2 === 0 ? 1 : 16)) % 16;
  return nibble < 8 ? nibble : nibble - 16;
}

describe("numbers of a grid", () => {
  it("are kept as their multiples of its step, in a byte or half of one, and come back", () =>
    fc.assert(
      fc.property(grids, fc.array(fc.integer({ min: -128, max: 127 })), ({ bits, step }, all) => {
        const whole = all.map((k) => (bits === 4 ? Math.trunc(k / 16) : k));
        const values = Float64Array.from(whole, (k) => k * step);
        const bytes = packed(values, { bits, step }, "m", 0);
        expect(bytes.length).toBe(Math.ceil((bits * all.length) / 8));
        expect(whole.map((_, i) => wholeIn(bytes, bits, i) + 0)).toEqual(whole.map((k) => k + 0));
        const back = unpacked(bytes, { bits, step }, new Float64Array(all.length));
        expect([...back]).toEqual([...values].map((x) => x + 0));
      }),
    ));

  it.each([0.1, 0.25 + 2 ** -20, 8 / 64, -9 / 64, Number.NaN, Infinity])("do not have %d among them", (x) =>
    expect(() => packed(Float64Array.of(0, x), { bits: 4, step: 1 / 64 }, "memory", 7)).toThrow(
      `memory holds ${x} at place 8 (from 0), which is no multiple of 0.015625 from -0.125 to 0.109375, as int4 has`,
    ),
  );
});

describe.each([
  ["int8", "I8", 150],
  ["int4", "U8", 75],
] as const)("a model whose memory is stored as %s", (storage, dtype, size) => {
  const embedding = robe({ compression: 2, seed: 5, storage, memoryRange: 0.5 });

  it("is saved in so many bytes, trained or not, and loaded to the bit", async () => {
    const trained = await saved(embedding);
    const header = readFileSync(path).toString("latin1");
    expect(header).toContain(
      `"embedding.memory":{"dtype":"${dtype}","shape":[${size}],"data_offsets":[0,${size}]}`,
    );
    const { model: back } = await load(path, { backend: cpu });
    expect(await bitsOf(back)).toEqual(await bitsOf(trained));
    expect(back.parameters[0]!.halves).toEqual(trained.parameters[0]!.halves);
    const floats = model({ embedding });
    floats.parameters[0]!.tensor.write(new Float64Array(150).fill(1 / 3), "f16");
    await expect(save(path, floats)).rejects.toThrow("which is no multiple of");
    expect(readFileSync(path).toString("latin1")).toBe(header);
  });

  it("is not loaded from a file of floats, nor of fewer bytes", async () => {
    await saved(embedding);
    rewrite(`\\"${storage}\\"`, '\\"f16\\"');
    await expect(load(path, { backend: cpu })).rejects.toThrow(InputError);
    await saved(robe({ compression: 2, seed: 5, storage: "f16" }));
    rewrite('\\"f16\\"', `\\"${storage}\\"`);
    await expect(load(path, { backend: cpu })).rejects.toThrow(
      storage === "int8"
        ? "is kept as F16, but this model's is not"
        : 'it has an array of 150 "embedding.memory"',
    );
  });

  it("is a step off in its first number where that bit of its first byte is another, if the sum says nothing", async () => {
    const before = await (await saved(embedding)).parameters[0]!.tensor.data();
    const bytes = readFileSync(path);
    bytes[8 + Number(bytes.readBigUInt64LE())]! ^= 1;
    writeFileSync(path, bytes);
    await expect(load(path, { backend: cpu })).rejects.toThrow("it is damaged");
    writeFileSync(path, resummed(bytes));
    const { tensor } = (await load(path, { backend: cpu })).model.parameters[0]!;
    const apart = (await tensor.data()).map((x, i) => Math.abs(x - before[i]!));
    expect([...apart].filter((x) => x !== 0)).toEqual([0.5 / (storage === "int8" ? 128 : 8)]);
    expect(apart[0]).toBeGreaterThan(0);
  });
});
