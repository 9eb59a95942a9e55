import * as native from "onnxruntime-node";
import * as web from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import {
  exactValue,
  type Formula,
  plus,
  polynomial61,
  remainder,
  variable,
} from "../../../../core/numeric/formula.ts";
import { hashByName, hashNames } from "../../../../core/numeric/hash-by-name.ts";
import { random } from "../../../../core/numeric/random.ts";
import { lazyRowsFrom } from "../../../../models/data/lazy-rows.ts";
import { type Dlrm, dlrm, predict } from "../../../../models/dlrm/dlrm.ts";
import { sharedMemory } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { fullScheme } from "../../../../models/embeddings/full-scheme.ts";
import { rowKey } from "../../../../models/embeddings/plan.ts";
import { numbersOf } from "../../../../models/export/onnx/formula.ts";
import { newGraph } from "../../../../models/export/onnx/graph.ts";
import { type OnnxOptions, toOnnx, toOnnxBySlots } from "../../../../models/export/onnx/model.ts";
import { forwardBound } from "../../../laws/forward-bound.ts";
import { seed } from "../../seed.ts";
import { type ExportCase, exportCase, exportCases, numbered, seedOfWhole } from "./cases.ts";

web.env.wasm.numThreads = 1;

/** ONNX Runtime as a library of this machine, and as WebAssembly; the law of the page is beside the other laws in Chromium. */
const engines = [
  { engine: "onnxruntime-node", runtime: native as unknown as typeof web, cases: exportCases(3, seed) },
  { engine: "onnxruntime-web", runtime: web, cases: exportCases(1, seed) },
];

/** What onnxruntime's sigmoid may be off by: it is a rational function, of some ulps at 1. */
const ofSigmoid = 2 ** -22;

/** The rounding error of f32. */
const u = 2 ** -24;

type Scored = (example: ExportCase, options?: OnnxOptions) => Promise<web.InferenceSession.ReturnType>;

const inputsOf = (runtime: typeof web, { model, batch, padded, shape }: ExportCase) => ({
  dense: new runtime.Tensor("float32", batch.dense, [batch.size, model.config.dense]),
  ids: new runtime.Tensor("int64", BigInt64Array.from(padded), [...shape]),
});

const opened = (runtime: typeof web, bytes: Uint8Array) =>
  runtime.InferenceSession.create(bytes, { logSeverityLevel: 3 });

/** By one file, of ids. */
const scoredBy =
  (runtime: typeof web): Scored =>
  async (example, options = {}) => {
    const session = await opened(
      runtime,
      await toOnnx(example.model, {}, { bags: example.bags, ...options }),
    );
    return session.run(inputsOf(runtime, example));
  };

/** By a file of ids and one of slots. */
const scoredBySlots =
  (runtime: typeof web): Scored =>
  async (example, options = {}) => {
    const files = await toOnnxBySlots(example.model, {}, { bags: example.bags, ...options });
    const { dense, ids } = inputsOf(runtime, example);
    const slots = await (await opened(runtime, files.slots)).run({ ids });
    return (await opened(runtime, files.scores)).run({ dense, ...slots });
  };

const ways = [
  ...engines.map(({ engine, runtime, cases }) => ({ way: `in ${engine}`, run: scoredBy(runtime), cases })),
  {
    way: "hashed by another file",
    run: scoredBySlots(engines[0]!.runtime),
    cases: exportCases(2, seed).map((each) => ({ ...each, own: seedOfWhole(each.family, each.own) })),
  },
];

describe.each(ways)("$way", ({ run, cases }) => {
  it.each(cases)("$name reads the same slots with the same signs", async ({ family, own }) => {
    const example = exportCase(family, own);
    const { model, batch } = example;
    numbered(model);
    const { vectors } = await run(example, { vectors: true });
    const expected = await model.embedding.forward(batch.bags).data();
    const found = vectors!.data as Float32Array;
    if (expected.every((x) => Number.isInteger(x) && Math.abs(x) <= 2 ** 24))
      return expect(Array.from(found, (x) => x + 0)).toEqual([...expected]); // −0 is 0 here
    const bound = await forwardBound(model, batch, u);
    for (const [i, x] of expected.entries())
      expect(Math.abs(found[i]! - x)).toBeLessThanOrEqual(bound.vectors[i]!);
  });

  it.each(cases)("$name gives the same probabilities", async ({ family, own }) => {
    const example = exportCase(family, own);
    const { probability } = await run(example);
    const expected = await predict(example.model, example.batch);
    const bound = await forwardBound(example.model, example.batch, u);
    for (const [i, p] of (probability!.data as Float32Array).entries())
      expect(Math.abs(p - expected[i]!)).toBeLessThanOrEqual(bound.logits[i]! / 4 + ofSigmoid);
  });

  it("bags of which none has an id are bags without ids", async () => {
    const model = small({ embedding: robe({ memorySize: 100, block: 4 }) });
    const dense = Float32Array.of(0.5, -2);
    const batch = {
      size: 2,
      dense,
      labels: dense,
      bags: { ids: new Uint32Array(), offsets: new Uint32Array(5) },
    };
    const expected = await predict(model, batch);
    for (const padded of [[], [-1n, -1n, -1n, -1n]]) {
      const shape = [2, 2, padded.length / 4];
      const { probability } = await run({ model, batch, bags: true, padded, shape });
      for (const [i, p] of (probability!.data as Float32Array).entries())
        expect(p).toBeCloseTo(expected[i]!, 6);
    }
  });

  it("a row with an id that its table does not have is NaN, and no other row", async () => {
    const model = small({ embedding: robe({ memorySize: 100, block: 4 }) });
    for (const bags of [false, true]) {
      const padded = [0n, 0n, 5n, 2n, 4n, -7n, 4n, 2n, -1n, 0n];
      const shape = [5, 2, ...(bags ? [1] : [])];
      const dense = new Float32Array(5);
      const batch = {
        size: 5,
        dense,
        labels: dense,
        bags: { ids: new Uint32Array(), offsets: new Uint32Array() },
      };
      const { probability } = await run({ model, batch, bags, padded, shape });
      const areNaN = [...(probability!.data as Float32Array)].map(Number.isNaN);
      expect(areNaN).toEqual([false, true, true, false, !bags]); // −1 is none, where there may be none
    }
  });
});

describe.each(engines)("in $engine", ({ runtime }) => {
  /** What the graph of a formula of a row makes of rows. */
  async function computed(formula: Formula, rows: readonly bigint[]): Promise<bigint[]> {
    const graph = newGraph();
    const port = { name: "row", type: "int64", shape: ["n", 1, 1, 1, 1, 1], about: "" } as const;
    const row = graph.input(port);
    const extents = { block: 1, word: 1, bit: 1 };
    const given = ({ op }: Formula) => (op === "variable" ? row : undefined);
    const of = numbersOf(formula, { graph, given, tables: [last], extents, arrays: new Map() });
    const file = graph.written([{ ...port, name: "out", of }], {
      name: "",
      version: "",
      description: "",
      metadata: {},
    });
    const session = await runtime.InferenceSession.create(file, { logSeverityLevel: 3 });
    const tensor = new runtime.Tensor("int64", BigInt64Array.from(rows), [rows.length, 1, 1, 1, 1, 1]);
    return [...((await session.run({ row: tensor })).out!.data as BigInt64Array)];
  }
  const valuesOf = (formula: Formula, rows: readonly bigint[]) =>
    rows.map((row) =>
      exactValue(formula, { table: last, row: Number(row), block: 0, word: 0, bit: 0, arrays: new Map() }),
    );
  /** The last of some tables of 2³² rows. */
  const last = 3;
  const stream = random(seed, "rows");
  const ends = [0n, 1n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n];
  const rows = [
    ...ends,
    ...Array.from({ length: 200 }, () => BigInt(Math.floor(stream.uniform() * 2 ** 53))),
  ];

  it("a polynomial mod 2⁶¹ − 1 is exact up to the ends of its range", async () => {
    const most = 2n ** 61n - 2n;
    // With x = 2⁵³ − 1 every part of its product with this is as large as it can be.
    const largest = (2n ** 30n - 2n ** 22n + 2n) * 2n ** 31n + 2n ** 31n - 1n;
    for (const coefficients of [
      [most, most, most, most],
      [0n, 0n, 0n, most],
      [most, largest],
      [1n, most],
    ]) {
      const formula = polynomial61(coefficients, variable("row"));
      expect(await computed(formula, rows)).toEqual(valuesOf(formula, rows));
    }
  });

  it.each(hashNames)("the hash %s is exact", async (name) => {
    const hash = hashByName(name, seed);
    const key = rowKey({ tables: new Array(last + 1).fill(2 ** 32), dim: 1 }, plus(variable("row"), 1), 3);
    const small = rows.map((row) => row % 2n ** 32n);
    for (const range of [2 ** 32, 1000, 1]) {
      const formula = remainder(hash.formula!(key), range);
      expect(await computed(formula, small)).toEqual(valuesOf(formula, small));
    }
  });
});

const small = (own: Pick<Parameters<typeof dlrm>[0], "embedding">): Dlrm =>
  dlrm({ dense: 1, tables: [5, 3], dim: 4, bottom: [4], top: [1], backend: cpu64, ...own });

it("a row that lazy tables do not keep is an error, and not another row", async () => {
  const rows = lazyRowsFrom([5, 3], [Uint32Array.of(1, 4), Uint32Array.of(0)]);
  const model = small({ embedding: full({ rows }) });
  const session = await native.InferenceSession.create(await toOnnx(model, {}), { logSeverityLevel: 4 });
  const score = (id: bigint) =>
    session.run({
      dense: new native.Tensor("float32", new Float32Array(1), [1, 1]),
      ids: new native.Tensor("int64", BigInt64Array.of(id, 0n), [1, 2]),
    });
  expect(Number.isFinite((await score(4n)).probability!.data[0])).toBe(true);
  await expect(score(2n)).rejects.toThrow(/out of data bounds/);
  await expect(toOnnxBySlots(model, {})).rejects.toThrow(
    "A GPU does not tell of a row that the model does not have, as with --lazy-rows, so this embedding needs one file; leave --slots-as-input out.",
  );
});

it("a GPU is sent three numbers a block, where it begins and its signs in halves, and computes the rest", async () => {
  const model = dlrm({
    ...{ dense: 1, tables: [2 ** 31, 100], dim: 64, bottom: [64], top: [1], backend: cpu64 },
    embedding: robe({ memorySize: 5000, block: 32, sign: "independent" }),
  });
  const { slots, scores } = await toOnnxBySlots(model, {});
  const { outputNames, outputMetadata } = await opened(web, slots);
  const shapes = outputMetadata.map((each) => ("shape" in each ? each.shape.slice(1) : []));
  expect(outputNames.map((name) => name.split(".")[0])).toEqual(["slots", "slots", "slots", "unknown"]);
  expect(shapes).toEqual([...new Array(3).fill([2, 1, 2, 1, 1]), [1]]); // of tables, ids, blocks, words, bits
  const given = (await opened(web, scores)).inputNames;
  expect(given.toSorted()).toEqual(["dense", ...outputNames].toSorted());
});

it.each([
  { what: "hashes", tables: [5, 3], hash: 2, bags: false, isTaken: false },
  { what: "rows of the last table", tables: [5, 4], hash: 1, bags: false, isTaken: false },
  { what: "bags", tables: [5, 3], hash: 1, bags: true, isTaken: false },
  { what: "weights alone", tables: [5, 3], hash: 1, bags: false, isTaken: true },
])(
  "a file of slots is taken by a model of other $what: $isTaken",
  async ({ tables, hash, bags, isTaken }) => {
    const files = (tables: number[], hash: number, bags: boolean, seed: number) => {
      const embedding = robe({ memorySize: 100, block: 4, seed: hash });
      const config = { dense: 1, tables, dim: 4, bottom: [4], top: [1], backend: cpu64, embedding, seed };
      return toOnnxBySlots(dlrm(config), {}, { bags });
    };
    const { scores } = await files([5, 3], 1, false, 1);
    const { slots } = await files(tables, hash, bags, 2);
    const [{ inputNames }, { outputNames }] = await Promise.all([opened(web, scores), opened(web, slots)]);
    expect(outputNames.every((name) => inputNames.includes(name))).toBe(isTaken);
  },
);

it("an embedding that nothing says the formulas of is refused in a sentence", async () => {
  const scheme = sharedMemory((shape) => {
    const { formulas: _, ...own } = fullScheme(shape);
    return { ...own, name: "mine" };
  });
  await expect(toOnnx(small({ embedding: scheme }), {})).rejects.toThrow(
    "The embedding mine cannot be exported: nothing says in formulas where it keeps its rows; give it a `plan`, or its scheme `formulas`.",
  );
});

it("the rows that only a share of negatives was trained on are scored as those of all, as predict does", async () => {
  const model = small({ embedding: full() });
  const dense = Float32Array.of(0.5);
  const bytes = await toOnnx(model, { samplingRate: 0.1 });
  const session = await native.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const { probability } = await session.run({
    dense: new native.Tensor("float32", dense, [1, 1]),
    ids: new native.Tensor("int64", BigInt64Array.of(4n, 2n), [1, 2]),
  });
  const bags = { ids: Uint32Array.of(4, 2), offsets: Uint32Array.of(0, 1, 2) };
  const [p] = Array.from(await predict(model, { size: 1, dense, bags })) as [number];
  expect((probability!.data as Float32Array)[0]).toBeCloseTo(p / (p + (1 - p) / 0.1), 6);
});
