import Benchmark from "benchmark";
import { vi } from "vitest";
import type { Timing } from "../../../../cli/bench/bench.ts";
import type { BenchShape } from "../../../../cli/bench/cases.ts";
import { tensor } from "../../../../core/tensor.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";

/** A model so small that its work can be counted by hand: three vectors of 4 floats meet in three pairs. */
export const tinyShape: BenchShape = {
  name: "tiny",
  model: { dense: 2, tables: [10, 8], dim: 4, bottom: [3, 4], top: [5, 1] },
  embedding: robe({ memorySize: 20, block: 4 }),
  batch: 6,
};

/** The tiny model, whose embedding notes the number of each training step. */
export const noting = (steps: number[]): BenchShape => ({
  ...tinyShape,
  embedding: (setting) => ({
    ...tinyShape.embedding(setting),
    adaptation: {
      arrays: new Map(),
      take: () => {},
      observe: () => tensor(setting.backend, [1], [0]),
      learn: async (_, __, t) => void steps.push(t),
    },
  }),
});

/** A timing with every number small, and what a test changes. */
export const timingOf = (change: Partial<Timing>): Timing => ({
  name: "gather",
  shape: "100",
  backend: "cpu",
  device: "this process",
  software: false,
  samples: 7,
  median: 2,
  quartiles: [1, 4],
  ...change,
});

/** From now on rounds are not timed but take these milliseconds, a sample each. The result: seconds asked for, by case. */
export function taking(...milliseconds: number[]): number[] {
  const asked: number[] = [];
  vi.spyOn(Benchmark.prototype, "run").mockImplementation(function (
    this: Benchmark & { options: Benchmark.Options },
  ) {
    asked.push(this.options.maxTime!);
    this.stats.sample = milliseconds.map((time) => time / 1000);
    this.emit("complete");
    return this;
  });
  return asked;
}
