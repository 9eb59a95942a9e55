import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../../backends/cpu/index.ts";
import { sgd } from "../../../../../core/optimizers/sgd.ts";
import { describe as described, load, restore } from "../../../../../models/dlrm/saved/load.ts";
import { cafe } from "../../../../../models/embeddings/families/cafe.ts";
import { full } from "../../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../../models/embeddings/families/robe.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { bitsOf, model } from "../tiny-model.ts";
import { optimizer, overwrite, path, refusal, rewrite, saved } from "./changed-file.ts";

describe("a file that is not what was saved", () => {
  it("is not there, or is none", async () => {
    const folder = join(temporaryFolder(), "folder");
    mkdirSync(folder);
    await expect(load(`${path}x`)).rejects.toThrow(`There is no saved model at ${path}x.`);
    for (const work of [load, described])
      await expect(work(folder)).rejects.toThrow(/cannot be loaded: it is no file|EISDIR/);
  });

  it("is cut short anywhere", async () => {
    await saved();
    const whole = readFileSync(path);
    const before = await bitsOf(model({ seed: 9 }));
    const mine = model({ seed: 9 });
    for (let length = 0; length < whole.length; length += length < 2500 ? 37 : 301) {
      writeFileSync(path, whole.subarray(0, length));
      expect(await refusal()).toMatch(/cut short/);
      await expect(restore(path, mine)).rejects.toThrow("cut short");
    }
    expect(await bitsOf(mine)).toEqual(before);
  });

  it("is longer than its arrays", async () => {
    await saved();
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(3)]));
    expect(await refusal()).toBe("it has 3 bytes after its last array");
  });

  it("has any byte of its arrays changed", async () => {
    await saved();
    const mine = model({ seed: 9 });
    const before = await bitsOf(mine);
    const whole = readFileSync(path);
    for (let at = 8 + Number(whole.readBigUInt64LE()); at < whole.length; at += 97) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1; // the last bit of a float's fraction, mostly: it stays a number
      writeFileSync(path, bytes);
      expect(await refusal()).toMatch(/^it is damaged: its bytes do not add up|no trained model does/);
      await expect(restore(path, mine)).rejects.toThrow(/do not add up|no trained model does/);
    }
    expect(await bitsOf(mine)).toEqual(before);
  });

  it("is a text, or the safetensors file of another program, or of another version", async () => {
    writeFileSync(path, "step,loss\n1,0.5\n2,0.4\n");
    expect(await refusal()).toMatch(/^it says that its header has \d+ bytes, so it is no saved model/);
    await saved();
    rewrite('"format":"pss-dlrm"', '"format":"pt"');
    expect(await refusal()).toBe("it is a safetensors file, but no model that this program saved");
    await saved();
    rewrite('"version":"1"', '"version":"2"');
    expect(await refusal()).toContain("saved by another version of this program: this one reads version 1");
  });
});

describe("numbers that somebody made, with the right sum,", () => {
  it("with two arrays in one place is refused", async () => {
    await saved();
    rewrite('"data_offsets":[1200,2400]', '"data_offsets":[0,1200]');
    expect(await refusal()).toContain(
      'its array "embedding.memory/state.0" does not lie where the one before it ends',
    );
  });

  it.each([
    ["NaN", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
  ])("with a weight that is %s is refused", async (_, x) => {
    await saved();
    overwrite("embedding.memory", 4 * 299, (bytes, at) => bytes.writeFloatLE(x, at));
    expect(await refusal()).toBe(
      `its array "embedding.memory" holds ${x} at place 299 (from 0), which no trained model does`,
    );
  });

  it("with a half that is infinite is refused", async () => {
    await saved(robe({ compression: 2, storage: "f16" }));
    overwrite("embedding.memory", 2 * 7, (bytes, at) => bytes.writeUInt16LE(0xfc00, at));
    expect(await refusal()).toBe(
      'its array "embedding.memory" holds no finite number at place 7 (from 0), which no trained model does',
    );
  });

  it("with a number that only doubles hold is refused for floats, and loaded for doubles", async () => {
    await saved(full(), cpu64);
    overwrite("embedding.memory", 0, (bytes, at) => bytes.writeDoubleLE(1e300, at));
    expect(await refusal()).toContain("holds 1e+300 at place 0");
    expect((await bitsOf((await load(path, { backend: cpu64 })).model))["embedding.memory"]![0]).toBe(1e300);
  });

  it("with hot ids that no training leaves is refused", async () => {
    const small = cafe({ memorySize: 260, interval: 1 });
    for (const [array, place, id] of [
      ["embedding.hot", 0, 75],
      ["embedding.hot", 0, 2 ** 32 - 1],
      ["embedding.sketch.ids", 0, 75],
    ] as const) {
      await saved(small);
      overwrite(array, 4 * place, (bytes, at) => bytes.writeUInt32LE(id, at));
      expect(await refusal()).toMatch(/^The (hot ids|sketch) of cafe must/);
    }
    await saved(small);
    const ids =
      4 *
      small({ tables: [50, 20, 5], dim: 4, backend: cpu64, seed: 1 }).adaptation!.arrays.get(
        "embedding.sketch.ids",
      )!.length;
    // Each id in the bucket after its own: all are there, and no hash finds them.
    for (const array of ["embedding.sketch.ids", "embedding.sketch.scores"])
      overwrite(array, 0, (bytes, at) => {
        const last = Buffer.from(bytes.subarray(at + ids - 16, at + ids));
        bytes.copyWithin(at + 16, at, at + ids - 16);
        last.copy(bytes, at);
      });
    expect(await refusal()).toMatch(/^The sketch of cafe must/);
    await saved(small);
    overwrite("embedding.sketch.scores", 0, (bytes, at) => bytes.writeFloatLE(-1, at));
    expect(await refusal()).toMatch(/^The sketch of cafe must/);
  });

  it("says no more than a sentence, whatever its names are", async () => {
    await saved();
    rewrite('"embedding.memory/state.0":', `"${"\\u001b[2J\u007f".repeat(1000)}":`);
    const sentence = await refusal();
    expect(sentence).toContain("\\u{7f}");
    expect(sentence.length).toBeLessThan(200);
    expect(sentence).not.toMatch(/\p{Cc}/u);
  });
});

describe("a model that takes what was saved of another", () => {
  it("is refused, and stays as it was", async () => {
    await saved();
    for (const [other, sentence] of [
      [model({ top: [9, 1], seed: 7 }), '"top.0.weight", but this model has one of 9 × 10; give the flags'],
      [model({ top: [8, 8, 1], seed: 7 }), '"top.1.weight", but this model has one of 8 × 8'],
      [
        model({ embedding: robe({ memorySize: 300, storage: "f16" }), seed: 7 }),
        "is kept as F32, but this model's is not",
      ],
    ] as const) {
      const before = await bitsOf(other);
      await expect(restore(path, other)).rejects.toThrow(sentence);
      expect(await bitsOf(other)).toEqual(before);
    }
  });

  it("is refused where its optimizer has other states", async () => {
    await saved();
    await expect(restore(path, model({}), { optimizer: sgd(0.1) })).rejects.toThrow(
      "it has 1 states of embedding.memory, of 300 numbers, which are not those of sgd",
    );
    await restore(path, model({}), { optimizer });
  });
});
