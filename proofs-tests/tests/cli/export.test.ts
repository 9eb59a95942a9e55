import { readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import type { Features } from "../../../models/data/encoders/features.ts";
import { rowEncoder } from "../../../models/data/formats/raw-rows.ts";
import { dlrm } from "../../../models/dlrm/dlrm.ts";
import { load } from "../../../models/dlrm/saved/load.ts";
import { save } from "../../../models/dlrm/saved/save.ts";
import { robe } from "../../../models/embeddings/families/robe.ts";
import { temporaryFolder } from "../temporary.ts";
import { run } from "./command.ts";

const features: Features = {
  label: "clicked",
  dense: [{ column: "price", scaling: { kind: "log", numbers: [1, 2] } }],
  categorical: [
    { column: "user", rows: 1000, distinct: 900 },
    { column: "genres", rows: 50, distinct: 40, separator: "|" },
  ],
};
const folder = temporaryFolder();
const saved = join(folder, "model.safetensors");

beforeAll(async () => {
  const config = { dense: 1, tables: [1000, 50], dim: 4, bottom: [4], top: [3, 1], seed: 3, backend: cpu };
  const model = dlrm({ ...config, embedding: robe({ memorySize: 300, block: 2 }) });
  await save(saved, model, { features, samplingRate: 0.5, history: ["made for a test"] });
});

describe("pss-dlrm export", () => {
  it("writes ONNX that scores raw rows, once they are encoded, as predict does, lists of ids among them", async () => {
    const out = join(folder, "my.onnx");
    const { code, out: said } = await run("export", saved, "--to", "onnx", "--out", out);
    expect(code).toBe(0);
    expect(said).toContain("dense float32, 1 number: price; ids int64, 2 tables: user, genres.");
    const rows = ["a", "b", "a"].map((user, i) => ({ price: 2 * i, user, genres: ["x", "y"].slice(0, i) }));
    const { model, score, close } = await load(saved, { backend: cpu });
    const expected: number[] = [];
    for await (const p of score(rows)) expected.push(p);
    const { size, dense, bags } = rowEncoder(features)(rows, 0);
    const padded = Array.from({ length: 3 * 2 }, (_, bag) =>
      [0, 1].map((i) => {
        const at = bags.offsets[bag]! + i;
        return at < bags.offsets[bag + 1]! ? BigInt(bags.ids[at]!) : -1n;
      }),
    );
    const session = await InferenceSession.create(readFileSync(out), { logSeverityLevel: 3 });
    const { probability } = await session.run({
      dense: new Tensor("float32", Float32Array.from(dense), [size, 1]),
      ids: new Tensor("int64", BigInt64Array.from(padded.flat()), [size, 2, 2]),
    });
    expect(model.config.tables).toEqual([1000, 50]);
    for (const [i, p] of expected.entries()) expect((probability!.data as Float32Array)[i]).toBeCloseTo(p, 6);
    await close();
  });

  it("writes a file that hashes ids and one that computes with small numbers, for GPUs", async () => {
    const words = ["export", saved, "--to", "onnx", "--slots-as-input", "--out", join(folder, "gpu.onnx")];
    const { code, out } = await run(...words);
    expect(code).toBe(0);
    expect(out).toMatch(/gpu\.onnx: .*\n.*gpu\.slots\.onnx: /);
    const [scores, slots] = await Promise.all(
      ["gpu.onnx", "gpu.slots.onnx"].map((name) =>
        InferenceSession.create(readFileSync(join(folder, name)), { logSeverityLevel: 3 }),
      ),
    );
    const ids = new Tensor("int64", BigInt64Array.of(7n, -1n, 1n, 2n), [1, 2, 2]);
    const dense = new Tensor("float32", Float32Array.of(0.5), [1, 1]);
    const { probability } = await scores!.run({ dense, ...(await slots!.run({ ids })) });
    const whole = await InferenceSession.create(readFileSync(join(folder, "my.onnx")), {
      logSeverityLevel: 3,
    });
    expect(probability!.data).toEqual((await whole.run({ dense, ids })).probability!.data);
    const again = await run(...words);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining("is there already")]);
  });

  it("writes beside the model where no file is named, and says what to do with it", async () => {
    const { code, out } = await run("export", saved, "--to", "torch");
    expect(code).toBe(0);
    expect(out).toContain("from model import Dlrm");
    expect(readFileSync(join(folder, "model.py"), "utf8")).toContain("class Dlrm(nn.Module)");
    const { out: json } = await run("export", saved, "--to", "torch", "--overwrite", "--json");
    expect(JSON.parse(json)).toMatchObject({ to: "torch", dense: ["price"], ids: ["user", "genres"] });
  });

  it.each([
    [[], /^Say which model: export FILE/],
    [[saved], /^Say what the model is exported to: --to onnx or --to torch\.$/],
    [[saved, "--to", "tensorflow"], /no engine "tensorflow".*onnx, torch/],
    [[saved, "--to", "torch", "--bags"], /^--bags is not of --to torch; leave it out\.$/],
    [[saved, "--to", "torch", "--slots-as-input"], /^--slots-as-input is not of --to torch; leave it out\.$/],
    [[saved, "--to", "onnx", "--out", saved], /is read; name another file\.$/],
    [[saved, "--to", "onnx", "--out", join(folder, "model.safetensors/x")], /is a file, no folder\.$/],
    [[join(folder, "none"), "--to", "onnx"], /^There is no saved model at/],
  ])("refuses %j", async (words, sentence) => {
    const { code, err } = await run("export", ...words);
    expect([code, err.trim()]).toEqual([2, expect.stringMatching(sentence)]);
  });

  it("replaces no link unasked, wherever it leads", async () => {
    const out = join(folder, "link.onnx");
    symlinkSync("nowhere", out);
    const { code, err } = await run("export", saved, "--to", "onnx", "--out", out);
    expect([code, err]).toEqual([2, expect.stringContaining("is there already; add --overwrite")]);
    expect(readlinkSync(out)).toBe("nowhere");
  });

  it("replaces no file unasked", async () => {
    const out = join(folder, "there.onnx");
    writeFileSync(out, "mine");
    const { code, err } = await run("export", saved, "--to", "onnx", "--out", out);
    expect([code, err]).toEqual([2, expect.stringContaining("is there already; add --overwrite")]);
    expect(readFileSync(out, "utf8")).toBe("mine");
  });
});

type Arrays = Readonly<Record<string, { dtype: string; shape: readonly number[]; data: Uint8Array }>>;

/** A safetensors file as others write it. */
function stateDict(arrays: Arrays, change = (text: string) => text): Uint8Array {
  let at = 0;
  const entries = Object.entries(arrays).map(([name, { dtype, shape, data }]) => {
    const from = at;
    at += data.length;
    return [name, { dtype, shape, data_offsets: [from, at] }];
  });
  const header = Buffer.from(
    change(JSON.stringify({ __metadata__: { format: "pt" }, ...Object.fromEntries(entries) })),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...Object.values(arrays).map(({ data }) => data)]);
}

describe("pss-dlrm import", () => {
  let arrays: Arrays;
  const trained = join(folder, "trained.safetensors");
  const out = join(folder, "imported.safetensors");
  const words = ["import", trained, "--from", "torch", "--model", saved, "--out", out];

  beforeAll(async () => {
    const { model, close } = await load(saved, { backend: cpu });
    arrays = Object.fromEntries(
      model.parameters.map(({ name, size, tensor }, i) => {
        const values = Float64Array.from({ length: size }, (_, k) => i + k / 1024);
        const data =
          i === 1 ? new Uint8Array(values.buffer) : new Uint8Array(Float32Array.from(values).buffer);
        return [name, { dtype: i === 1 ? "F64" : "F32", shape: tensor.shape, data }];
      }),
    );
    await close();
  });

  it("makes a model of the numbers, in any order, and keeps what the other says but of its own numbers", async () => {
    writeFileSync(trained, stateDict(Object.fromEntries(Object.entries(arrays).toReversed())));
    expect((await run(...words)).code).toBe(0);
    const { model, about, close } = await load(out, { backend: cpu });
    expect([about.features, about.samplingRate, about.history]).toEqual([features, 0.5, ["made for a test"]]);
    for (const [i, { tensor }] of model.parameters.entries())
      expect([...(await tensor.data())]).toEqual(
        Array.from({ length: tensor.shape.reduce((a, b) => a * b) }, (_, k) => i + k / 1024),
      );
    await close();
  });

  it("reads halves and bfloats", async () => {
    const name = "top.1.bias";
    for (const [dtype, bits] of [
      ["F16", 0x3c00],
      ["BF16", 0x3f80],
    ] as const) {
      const data = new Uint8Array(Uint16Array.of(bits).buffer);
      writeFileSync(trained, stateDict({ ...arrays, [name]: { dtype, shape: [1], data } }));
      expect((await run(...words, "--overwrite")).code).toBe(0);
      const { model, close } = await load(out, { backend: cpu });
      expect([...(await model.parameters.find((p) => p.name === name)!.tensor.data())]).toEqual([1]);
      await close();
    }
  });

  const bias = (data: Uint8Array, shape = [1], dtype = "F32") => ({
    ...arrays,
    "top.1.bias": { dtype, shape, data },
  });
  it.each<[string, () => Uint8Array, RegExp]>([
    ["an empty file", () => new Uint8Array(), /it is no safetensors file; write one by/],
    ["a text", () => Buffer.from("PK, a pickle that torch.save wrote"), /it is no safetensors file/],
    [
      "a header that is no JSON",
      () => stateDict(arrays, (text) => text.slice(1)),
      /it is no safetensors file/,
    ],
    ["an array too few", () => stateDict({}), /it has no array "embedding\.memory"/],
    [
      "an array too many",
      () => stateDict({ ...arrays, other: arrays["top.1.bias"]! }),
      /an array "other", which/,
    ],
    [
      "another shape",
      () => stateDict(bias(new Uint8Array(8), [2])),
      /"top\.1\.bias" is not of the shape 1 of/,
    ],
    ["whole numbers", () => stateDict(bias(new Uint8Array(8), [1], "I64")), /none of F16, BF16, F32, F64/],
    [
      "a number that is none",
      () => stateDict(bias(new Uint8Array(Float32Array.of(Number.NaN).buffer))),
      /holds NaN at place 0/,
    ],
    [
      "a double that no float holds",
      () => stateDict(bias(new Uint8Array(Float64Array.of(1e300).buffer), [1], "F64")),
      /holds 1e\+300/,
    ],
    [
      "a cut",
      () => stateDict(arrays).slice(0, -1),
      /"top\.1\.bias" is not where it says, or it is cut short/,
    ],
    [
      "offsets before the file",
      () => stateDict(arrays, (text) => text.replace("[0,", "[-8,")),
      /not where it says/,
    ],
    [
      "an array that is none",
      () => stateDict(arrays, (text) => text.replace(/"top\.1\.bias":\{[^}]*\}/, '"top.1.bias":7')),
      /it has no array "top\.1\.bias"/,
    ],
  ])("refuses %s in a sentence", async (_, file, sentence) => {
    writeFileSync(trained, file());
    const { code, err } = await run(...words, "--overwrite");
    expect([code, err.trim()]).toEqual([2, expect.stringMatching(sentence)]);
  });
});
