import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../../core/backend.ts";
import { InputError } from "../../../../../core/errors.ts";
import { adagrad } from "../../../../../core/optimizers/adagrad.ts";
import { sgd } from "../../../../../core/optimizers/sgd.ts";
import type { Dlrm } from "../../../../../models/dlrm/dlrm.ts";
import { describe as described, load, restore } from "../../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { trainStep } from "../../../../../models/dlrm/train.ts";
import type { EmbeddingMaker } from "../../../../../models/embeddings/embedding.ts";
import { cafe } from "../../../../../models/embeddings/families/cafe.ts";
import { full } from "../../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../../models/embeddings/families/robe.ts";
import { resummed } from "../../../damage/damages.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { bitsOf, firstBatch, model } from "../tiny-model.ts";

const path = join(temporaryFolder(), "model.safetensors");
const optimizer = adagrad(0.05);

/** A model with all that a file may have. */
async function saved(embedding: EmbeddingMaker = full(), backend: Backend = cpu): Promise<Dlrm> {
  const tiny = model({ embedding, backend });
  await trainStep(tiny, await firstBatch(16), 1, { optimizer });
  const { name, learningRate } = optimizer;
  await save(path, tiny, { optimizer: { name, learningRate }, training: { step: 1 } });
  return tiny;
}

/** Changes the bytes of the file's header, as text, and gives it the right length and sum. */
function rewrite(was: string | RegExp, becomes: string): void {
  const bytes = readFileSync(path);
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = bytes.toString("utf8", 8, end).trimEnd();
  const changed = header.replace(was, () => becomes);
  expect(changed).not.toBe(header);
  const text = Buffer.from(changed);
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeFileSync(path, resummed(Buffer.concat([length, padded, bytes.subarray(end)])));
}

/** Changes a number of an array in place, and gives the file the right sum. */
function overwrite(name: string, at: number, write: (bytes: Buffer, place: number) => void): void {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { [name]: entry } = JSON.parse(bytes.toString("utf8", 8, start));
  write(bytes, start + entry.data_offsets[0] + at);
  writeFileSync(path, resummed(bytes));
}

/** The sentence with which the file is refused, without its name; nothing was changed, and nothing else happened. */
async function refusal(backend: Backend = cpu): Promise<string> {
  const sentence = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => expect.fail("it was loaded"),
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(InputError);
    const { message } = error as Error;
    const begin = `${path} cannot be loaded: `;
    expect(message.slice(0, begin.length)).toBe(begin);
    expect(message).toMatch(/[^.]\.$/);
    return message.slice(begin.length, -1);
  };
  return sentence(load(path, { backend }));
}

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
    const whole = readFileSync(path);
    for (let at = 8 + Number(whole.readBigUInt64LE()); at < whole.length; at += 97) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1; // the last bit of a float's fraction, mostly: it stays a number
      writeFileSync(path, bytes);
      expect(await refusal()).toMatch(/^it is damaged: its bytes do not add up|no trained model does/);
    }
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

describe("a file that somebody made, with the right sum,", () => {
  const array = "its array";
  it.each<[string, string | RegExp, string, string | RegExp]>([
    ["whose header is no JSON", /\}$/, "", "its header is no JSON"],
    [
      "that names an array twice",
      /("top.1.bias":\{[^}]*\})/,
      '"top.1.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"top.1.bias":{}',
      "its header is not written as",
    ],
    [
      "that writes a number another way",
      '"data_offsets":[0,',
      '"data_offsets":[0.0,',
      "its header is not written as",
    ],
    ["without metadata", '"__metadata__"', '"metadata"', "its header has no metadata"],
    ["of an unknown kind of number", '"dtype":"F32"', '"dtype":"F33"', array],
    ["of a kind that all objects have", '"dtype":"F32"', '"dtype":"constructor"', array],
    ["of a negative length", '"shape":[300]', '"shape":[-300]', array],
    ["of a length that is no whole number", '"shape":[300]', '"shape":[300.5]', array],
    ["of more numbers than a number can count", '"shape":[300]', '"shape":[4294967296,4294967296]', array],
    [
      "whose shape and place differ",
      '"shape":[300]',
      '"shape":[299]',
      `${array} "embedding.memory" does not lie where`,
    ],
    [
      "with a gap",
      '"data_offsets":[0,1200]',
      '"data_offsets":[4,1204]',
      `${array} "embedding.memory" does not lie where`,
    ],
    [
      "with an array that is no object",
      /"top.1.bias":\{[^}]*\}/,
      '"top.1.bias":7',
      `${array} "top.1.bias" is not as`,
    ],
    [
      "with an array of another name",
      '"embedding.memory":',
      '"embedding.memory2":',
      'it has no array "embedding.memory"',
    ],
    [
      "with an array called __proto__",
      '"embedding.memory/state.0":',
      '"__proto__":',
      'it has an array "__proto__"',
    ],
    [
      "with an array called constructor",
      '"embedding.memory/state.0":',
      '"constructor":',
      'it has an array "constructor"',
    ],
    [
      "with a state of too many",
      '"top.1.bias/state.0":',
      '"top.1.bias/state.1":',
      'it has an array "top.1.bias/state.1"',
    ],
    ["of an optimizer with other states", '\\"adagrad\\"', '\\"adam\\"', "which are not those of adam"],
    [
      "of an optimizer of more numbers",
      '\\"name\\":\\"adagrad\\"',
      '\\"name\\":\\"rowWiseAdagrad\\"',
      "which are not those of rowWiseAdagrad",
    ],
    [
      "of a learning rate that is none",
      '\\"learningRate\\":0.05',
      '\\"learningRate\\":\\"0.05\\"',
      "learning rate of its optimizer must be a number",
    ],
    [
      "of a step that is no whole number",
      '\\"step\\":1',
      '\\"step\\":1.5',
      "the step of its training must be a whole number",
    ],
    [
      "of a step that is an object",
      '\\"step\\":1',
      '\\"step\\":{\\"toString\\":1}',
      "the step of its training must be a whole number",
    ],
    [
      "of a family that is none",
      '\\"full\\"',
      '\\"constructor\\"',
      'There is no embedding "constructor"; choose one of full',
    ],
    [
      "of an option that is none",
      '\\"options\\":{}',
      '\\"options\\":{\\"__proto__\\":1}',
      "full has no option __proto__",
    ],
    [
      "of a description that is nested too deep",
      '\\"options\\":{}',
      `\\"options\\":{},\\"data\\":${"[".repeat(99)}${"]".repeat(99)}`,
      "its description has more than",
    ],
    [
      "of a field that is none",
      '\\"training\\"',
      '\\"toString\\"',
      'its description has a field "toString", which none has',
    ],
    [
      "of layers that do not fit",
      '\\"bottom\\":[8,4]',
      '\\"bottom\\":[8,5]',
      "The bottom MLP must end in the embedding dim 4",
    ],
    [
      "of layers of other sizes",
      '\\"bottom\\":[8,4]',
      '\\"bottom\\":[9,4]',
      'an array of 8 × 4 "bottom.0.weight", but this model has one of 9 × 4',
    ],
    ["without a seed", ',\\"seed\\":1', "", "its config has no seed"],
    ["of a loss that is none", '\\"bce\\"', '\\"toString\\"', "loss of config must be one of bce, mse"],
    [
      "of more rows than it holds",
      '\\"tables\\":[50,20,5]',
      '\\"tables\\":[1000000000,20,5]',
      /^An array of 4000000100 floats is to be filled, but there are only \d+ numbers/,
    ],
    [
      "of a wider dim than it holds",
      /\\"dim\\":4,\\"bottom\\":\[8,4\]/,
      '\\"dim\\":1000000,\\"bottom\\":[8,1000000]',
      "its config asks for 3 tables of dim 1000000",
    ],
    [
      "of wider layers than it holds",
      '\\"top\\":[8,1]',
      '\\"top\\":[100000000,1]',
      /^An array of \d+ floats is to be filled/,
    ],
    [
      "of more tables than it holds",
      '\\"tables\\":[50,20,5]',
      `\\"tables\\":[${Array(9000).fill(1)}]`,
      "its config asks for 9000 tables",
    ],
    [
      "of more layers than it holds",
      '\\"bottom\\":[8,4]',
      `\\"bottom\\":[${Array(9000).fill(4)}]`,
      "and 9002 layers",
    ],
    [
      "of lazy rows that it has not",
      '\\"options\\":{}',
      '\\"options\\":{\\"lazyRows\\":true}',
      "it has no rows of table 0",
    ],
  ])("%s is refused", async (_, was, becomes, sentence) => {
    await saved();
    rewrite(was, becomes);
    expect(await refusal()).toMatch(
      typeof sentence === "string"
        ? new RegExp(`^(?:.*)${sentence.replaceAll(/[[\](){}.*+?^$\\|/]/g, "\\$&")}`)
        : sentence,
    );
  });

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
    overwrite("embedding.sketch.scores", 0, (bytes, at) => bytes.writeFloatLE(-1, at));
    expect(await refusal()).toMatch(/^The sketch of cafe must/);
  });

  it("says no more than a sentence, whatever its names are", async () => {
    await saved();
    rewrite('"embedding.memory":', `"${"\\u001b[2J".repeat(1000)}":`);
    const sentence = await refusal();
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
