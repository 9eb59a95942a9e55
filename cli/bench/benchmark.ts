import Benchmark from "benchmark";
import type { Measure } from "./bench.ts";

/** Samples of at most `seconds` by the package `benchmark`, which repeats short rounds within a sample. */
export const byBenchmark =
  (seconds: number): Measure =>
  (round) =>
    new Promise((resolve, reject) => {
      const timed = new Benchmark("round", {
        defer: true, // it never waits for a promise: a round tells it when it is over
        maxTime: seconds,
        minSamples: 5,
        fn: (deferred: Benchmark.Deferred) => void round().then(() => deferred.resolve(), reject),
      });
      timed.on("complete", () => resolve(timed.stats.sample.map((s) => 1000 * s)));
      timed.on("error", () => reject((timed as Benchmark & { error: Error }).error));
      timed.run({ async: true });
    });
