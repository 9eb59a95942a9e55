import { type Agreement, validate } from "../../backends/validate.ts";
import type { Backend } from "../../core/backend.ts";
import { spread } from "../../core/numeric/statistics.ts";
import type { BenchCase } from "./cases.ts";

/** Times rounds of `work` and returns one time a sample, in milliseconds. */
export type Measure = (round: () => Promise<void>) => Promise<number[]>;

/** How long one case took on one backend. */
export interface Timing {
  readonly name: string;
  readonly shape: string;
  readonly backend: string;
  /** What computed, in the driver's words, and whether that only imitates a GPU. */
  readonly device: string;
  readonly software: boolean;
  readonly samples: number;
  /** Milliseconds: the median of the samples, and the quarter of them on each side. */
  readonly median: number;
  readonly quartiles: readonly [number, number];
  readonly gflops?: number;
}

/** Every case on every backend, case by case, so that what is compared was measured side by side. */
export async function* bench(
  cases: readonly BenchCase[],
  backends: readonly Backend[],
  measure: Measure,
): AsyncGenerator<Timing> {
  for (const { name, shape, flops, prepare } of cases) {
    for (const backend of backends) {
      const work = prepare(backend);
      await work.round(); // builds kernels
      const samples = await measure(work.round);
      work.free();
      const { median, quartiles } = spread(samples);
      const { name: device, software } = backend.device ?? { name: "this process", software: false };
      yield {
        name,
        shape,
        backend: backend.name,
        device,
        software,
        samples: samples.length,
        median,
        quartiles,
        ...(flops !== undefined && { gflops: flops / median / 1e6 }),
      };
    }
  }
}

/** One round of every case on a backend that is watched. */
export async function agreementOn(backend: Backend, cases: readonly BenchCase[]): Promise<Agreement> {
  const watched = validate(backend);
  for (const { prepare } of cases) {
    const work = prepare(watched.backend);
    await work.round();
    await watched.agreement();
    work.free();
  }
  return watched.agreement();
}

/** Milliseconds as people read them: three digits. */
export const milliseconds = (value: number): string =>
  value < 1000 ? value.toPrecision(3) : value.toFixed(0);

/** Median and quartiles of a case, in milliseconds. */
export const medianAndQuartiles = ({ median, quartiles: [low, high] }: Timing): string =>
  `${milliseconds(median)} (${milliseconds(low)} … ${milliseconds(high)})`;

/** A stopwatch for pages: at least five samples, for at least `seconds`. */
export const stopwatch =
  (seconds: number): Measure =>
  async (round) => {
    const samples: number[] = [];
    const end = performance.now() + 1000 * seconds;
    while (samples.length < 5 || performance.now() < end) {
      const from = performance.now();
      await round();
      samples.push(performance.now() - from);
    }
    return samples;
  };
