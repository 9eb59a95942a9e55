import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { fast } from "../../../../backends/fast/index.ts";
import { instrument } from "../../../../backends/instrument.ts";
import { sharedMemory } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { quotientRemainder } from "../../../../models/embeddings/families/quotient-remainder.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { multiHash, rowHash } from "../../../../models/embeddings/families/row-hash.ts";
import { fullScheme } from "../../../../models/embeddings/full-scheme.ts";
import { families } from "../../../../models/embeddings/registry.ts";
import { run } from "../../cli/command.ts";
import { model, said } from "../dlrm/tiny-model.ts";

const nearest = { storage: "f16", rounding: "nearest" } as const;
const stochastic = { storage: "f16", rounding: "stochastic" } as const;

describe("bytes", () => {
  const floats = 2 ** 20;

  it.each([
    ["f16", 2],
    [undefined, 4],
  ] as const)("stored as %s are %d a float, on the reference and on fast", async (storage, each) => {
    expect((cpu.upload(new Float32Array(floats), storage) as Uint16Array).byteLength).toBe(each * floats);
    const own = await fast({ threads: 1 });
    const { reached } = own.statistics;
    own.upload(new Float32Array(floats), storage);
    const taken = own.statistics.reached - reached;
    expect(taken).toBeGreaterThanOrEqual(each * floats);
    expect(taken).toBeLessThan(1.25 * each * floats); // whole size classes
    await own.destroy();
  });

  it("are counted so by observe", async () => {
    const { backend, observation } = instrument(cpu);
    const memory = backend.upload(new Float32Array(100), "f16");
    expect(observation.bytesUp).toBe(200);
    await backend.read(memory);
    expect(observation.bytesDown).toBe(200);
  });

  const shape = { tables: [50, 20, 5], dim: 4, backend: cpu, seed: 1 };
  it.each([
    ["full", full(nearest)],
    ["robe", robe({ memorySize: 60, ...nearest })],
    ["rowHash", rowHash({ memorySize: 60, ...stochastic })],
    ["multiHash", multiHash({ memorySize: 60, ...stochastic })],
    ["quotientRemainder", quotientRemainder({ collisions: 3, ...nearest })],
    ["quotientRemainder, mult", quotientRemainder({ collisions: 3, operation: "mult", ...nearest })],
    ["one of my own", sharedMemory(fullScheme, nearest)],
  ])("of %s are two a float", (_, maker) => {
    const { parameters, bytes, memorySize } = maker(shape);
    expect(bytes).toBe(2 * memorySize);
    expect(parameters[0]!.tensor.handle).toBeInstanceOf(Uint16Array);
  });

  it("of learned pooling weights stay four", () => {
    const { bytes, memorySize } = full({ pooling: "learned", ...nearest })(shape);
    expect([bytes, memorySize]).toEqual([2 * 300 + 4 * 75, 375]);
  });

  it("allow twice the floats where a comparison is at equal bytes", () => {
    const floatsOf = (name: string, options: object) =>
      families.find((f) => f.name === name)!.fitTo(400, shape, options)(shape).memorySize;
    for (const name of ["robe", "rowHash", "multiHash"])
      expect([floatsOf(name, {}), floatsOf(name, nearest)]).toEqual([100, 200]);
  });
});

describe("the command line", () => {
  const small = ["--tables", "50,20", "--embedding", "robe", "--compression", "2"];
  const flags = ["train", "--data", "synthetic", "--rows", "400", ...small, "--storage", "f16"];

  it("trains a memory of halves and reports its bytes", async () => {
    const { code, out } = await run(...flags, "--rounding", "stochastic", "--json");
    const { embedding, model: whole } = JSON.parse(out);
    expect(code).toBe(0);
    expect(embedding).toMatchObject({ floats: 560, bytes: 1120, fullFloats: 1120 });
    expect(whole.bytes).toBe(4 * whole.floats - 1120);
    expect((await run(...flags)).out).toMatch(
      /robe: 560 floats, 1\.12 KB \(4\.48 KB with full tables, 4 times/,
    );
  });

  it("inspects it", async () => {
    const { out } = await run("inspect", ...small, "--storage", "f16");
    expect(out).toContain("560 floats, 1.12 KB");
  });

  it.each([
    [[...flags, "--backend", "gpu:webasm"], "gpu.js has no arrays of halves"],
    [[...flags.slice(0, -1), "f8"], '--storage must be one of f32, f16, int8, int4, but it is "f8".'],
    [[...flags, "--rounding", "up"], '--rounding must be one of nearest, stochastic, but it is "up".'],
    [
      [...flags.slice(0, -2), "--rounding", "nearest"],
      'Rounding "nearest" is of a memory that is stored as f16 or int8 or int4',
    ],
  ])("says in a sentence what is wrong with %s", async (given, sentence) => {
    const { code, err } = await run(...given);
    expect([code, err.includes(sentence), err]).toEqual([2, true, err]);
  });
});

it("a rounding of what is not stored as halves is refused", () => {
  expect(said(() => model({ embedding: full({ rounding: "stochastic" }) }))).toContain("ask for that too");
});
