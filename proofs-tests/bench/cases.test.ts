import { describe, expect, it } from "vitest";
import { cpu } from "../../backends/cpu.ts";
import { observe } from "../../backends/observe.ts";
import type { Backend } from "../../core/backend.ts";
import { opCases, randomBatch, stepCases } from "../../models/bench/cases.ts";
import { tinyShape } from "./made.ts";

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
      const { backend, observation } = observe(cpu);
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
      const { backend, observation } = observe(slow);
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
});
