import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { instrument } from "../../../../backends/instrument.ts";
import { opCases, randomBatch, stepCases } from "../../../../cli/bench/cases.ts";
import type { Backend, FloatArray } from "../../../../core/backend.ts";
import type { Form } from "../../../../core/form.ts";
import type { Lookup } from "../../../../core/lookup.ts";
import { noting, tinyShape } from "./made.ts";

const ops = opCases(tinyShape);

describe("a case's additions and multiplications", () => {
  // Batch 6, a layer from 3 to 4 floats, three vectors of 4 floats, that is three pairs; the top's first layer is 7 → 5.
  const byHand: Readonly<Record<string, number | undefined>> = {
    "linear + relu": 2 * 6 * 3 * 4,
    "linear + relu, from the interaction": 2 * 6 * 7 * 5,
    "linear + relu, one row": 2 * 1 * 3 * 4,
    "linear + relu, one output": 2 * 6 * 3 * 1,
    "matmul: input's gradient": 2 * 6 * 4 * 3,
    "matmul: weight's gradient": 2 * 6 * 4 * 3,
    gather: undefined,
    scatter: undefined,
    pairs: 2 * 6 * 3 * 4, // a product and a sum for each float of a pair
    mix: 2 * 6 * 3 * 2 * 4, // each of three vectors is made of the two others
    "map: cross entropy": undefined,
    "reduce: total": undefined,
    "update: adagrad": undefined,
  };

  it("are as counted by hand", () => {
    expect(Object.fromEntries(ops.map(({ name, flops }) => [name, flops]))).toEqual(byHand);
  });

  it.each(ops.filter(({ flops }) => flops !== undefined).map((one) => [one.name, one] as const))(
    "are those of what its round runs: %s",
    async (_, one) => {
      const { backend, observation } = instrument(cpu);
      const work = one.prepare(backend);
      await work.round();
      work.free();
      const kinds = ["matmul", "pairs", "mix"];
      const done = kinds.reduce((sum, kind) => sum + (observation.costs[kind]?.flops ?? 0), 0);
      expect(done).toBe(one.flops);
    },
  );
});

describe("a case", () => {
  it("says its shapes in words", () => {
    expect(Object.fromEntries(ops.map(({ name, shape }) => [name, shape]))).toEqual({
      "linear + relu": "6×3, 4×3, 4",
      "linear + relu, from the interaction": "6×7, 5×7, 5",
      "linear + relu, one row": "1×3, 4×3, 4",
      "linear + relu, one output": "6×3, 1×3, 1",
      "matmul: input's gradient": "6×4, 4×3",
      "matmul: weight's gradient": "6×4, 6×3",
      gather: "100000",
      scatter: "12×4", // 6 rows, a vector of each of two tables
      pairs: "6×3×4",
      mix: "6×3, 6×3×4",
      "map: cross entropy": "100000, 100000",
      "reduce: total": "100000",
      "update: adagrad": "100000",
    });
    expect(stepCases(tinyShape).map(({ name, shape }) => `${name}: ${shape}`)).toEqual([
      "train step: tiny, batch 6",
      "prediction: tiny, batch 6",
    ]);
  });

  it("runs the one op that it is named for, and brings back a single number", async () => {
    const run: Record<string, unknown> = {};
    for (const one of ops.slice(0, -1)) {
      const forms: Form[] = [];
      const watching: Backend = {
        ...cpu,
        run(form, inputs) {
          forms.push(form);
          return cpu.run(form, inputs);
        },
      };
      const { backend, observation } = instrument(watching);
      await one.prepare(backend).round();
      expect(observation.bytesDown, one.name).toBe(4);
      run[one.name] = forms[0];
    }
    const pairs = { samples: 6, vectors: 3, dim: 4, itself: false };
    expect(run).toMatchObject({
      "linear + relu": { kind: "matmul", f: expect.anything() },
      "linear + relu, from the interaction": { kind: "matmul", f: expect.anything() },
      "linear + relu, one row": { kind: "matmul", f: expect.anything() },
      "linear + relu, one output": { kind: "matmul", f: expect.anything() },
      "matmul: input's gradient": { kind: "matmul" },
      "matmul: weight's gradient": { kind: "matmul" },
      gather: { kind: "gather" },
      scatter: { kind: "scatter" },
      pairs: { kind: "pairs", ...pairs },
      mix: { kind: "mix", ...pairs },
      "map: cross entropy": { kind: "map" },
      "reduce: total": { kind: "reduce" },
    });
  });

  it("of a training step goes on where the step before it ended", async () => {
    const steps: number[] = [];
    const work = stepCases(noting(steps))[0]!.prepare(cpu);
    for (let i = 0; i < 3; i++) await work.round();
    work.free();
    expect(steps).toEqual([1, 2, 3]);
  });

  it("of an optimizer's step has a gradient and a state for each float", async () => {
    const lengths: number[][] = [];
    const watching: Backend = {
      ...cpu,
      update(step, weights, state, gradient) {
        const dense = gradient.kind === "dense" ? gradient.values : undefined;
        lengths.push([weights, ...state, dense].map((handle) => (handle as FloatArray).length));
        return cpu.update(step, weights, state, gradient);
      },
    };
    const work = ops.find(({ name }) => name === "update: adagrad")!.prepare(watching);
    await work.round();
    expect(lengths).toEqual([[100_000, 100_000, 100_000]]);
  });

  it("of a lookup reads one id a bag from all of the memory, with signs of both kinds", async () => {
    const lookups: Lookup[] = [];
    const watching: Backend = {
      ...cpu,
      run(form, inputs) {
        if (form.kind === "gather" || form.kind === "scatter") lookups.push(form.lookup);
        return cpu.run(form, inputs);
      },
    };
    // A thousand rows of two tables; 40 signs an item take two words.
    const wide = { ...tinyShape, model: { ...tinyShape.model, dim: 40 }, batch: 1000 };
    for (const one of opCases(wide).filter(({ name }) => ["gather", "scatter"].includes(name)))
      await one.prepare(watching).round();
    expect(lookups).toHaveLength(2);
    for (const { dim, block, memorySize, starts, signs, bags } of lookups) {
      expect([dim, block, memorySize, starts.length, signs!.length]).toEqual([40, 40, 100_000, 2000, 4000]);
      expect([...bags]).toEqual(Array.from({ length: 2001 }, (_, i) => i));
      expect(Math.max(...starts)).toBeLessThan(memorySize);
      expect(Math.max(...starts)).toBeGreaterThan(0.99 * memorySize);
      expect(Math.min(...starts)).toBeLessThan(0.01 * memorySize);
      expect(new Set(signs).size).toBeGreaterThan(3900);
    }
  });

  it("has inputs that differ from place to place, of both signs", async () => {
    const inputs: number[][] = [];
    const watching: Backend = {
      ...cpu,
      upload(values, storage) {
        inputs.push(Array.from(values));
        return cpu.upload(values, storage);
      },
    };
    ops.find(({ name }) => name === "reduce: total")!.prepare(watching);
    const [floats] = inputs;
    expect(floats).toHaveLength(100_000);
    const mean = floats!.reduce((sum, x) => sum + x, 0) / floats!.length;
    expect(Math.abs(mean)).toBeLessThan(0.01); // standard error 0.001
    expect(floats!.reduce((least, x) => Math.min(least, x))).toBeLessThan(-0.49);
    expect(floats!.reduce((most, x) => Math.max(most, x))).toBeGreaterThan(0.49);
  });

  const cases = [...ops, ...stepCases(tinyShape)];
  it.each(cases.map((one) => [one.name, one] as const))(
    "has a round that ends when its result has come back, and frees all it made: %s",
    async (_, one) => {
      let [asked, came] = [0, 0];
      const slow: Backend = {
        ...cpu,
        async read(handle) {
          asked++;
          await new Promise((resolve) => setTimeout(resolve, 1));
          came++;
          return cpu.read(handle);
        },
      };
      const { backend, observation } = instrument(slow);
      const work = one.prepare(backend);
      await work.round();
      expect(asked).toBeGreaterThan(0);
      expect(came).toBe(asked);
      const buffers = observation.buffers;
      await work.round();
      expect(observation.buffers).toBe(buffers);
      expect(came).toBe(asked);
      work.free();
      expect(observation.buffers).toBe(0);
    },
  );
});

describe("a random batch", () => {
  const { size, dense, labels, bags } = randomBatch(tinyShape);

  it("has the rows that were asked for, an id a table, each of its own table", () => {
    expect([size, dense.length, labels.length, bags.ids.length]).toEqual([6, 12, 6, 12]);
    expect([...bags.offsets]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    for (const [i, id] of bags.ids.entries()) expect(id).toBeLessThan(i % 2 === 0 ? 10 : 8);
    for (const label of labels) expect([0, 1]).toContain(label);
  });

  it("has ids from all of each table, small ones more often, and clicks and dense features of all sizes", () => {
    const many = randomBatch({ model: { ...tinyShape.model, tables: [1000, 8] }, batch: 4000 });
    const idsOf = (table: number) => [...many.bags.ids].filter((_, i) => i % 2 === table);
    const meanOf = (numbers: Iterable<number>) => {
      const all = [...numbers];
      return all.reduce((a, b) => a + b) / all.length;
    };
    // The cube of a uniform number is ¼ on average; rounding down takes half an id.
    expect(Math.abs(meanOf(idsOf(0)) - 249.5)).toBeLessThan(20); // standard error 4.5
    expect(Math.max(...idsOf(0))).toBeGreaterThan(990);
    expect(new Set(idsOf(1))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7]));
    expect(Math.abs(meanOf(many.labels) - 0.5)).toBeLessThan(0.05);
    expect(Math.abs(meanOf(many.dense) - 0.5)).toBeLessThan(0.05);
  });
});
