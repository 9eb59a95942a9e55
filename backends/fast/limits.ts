import type { Limits } from "../../core/backend.ts";
import * as job from "./kernels/job.ts";
import type { Machine } from "./machine.ts";

const rounds = 2_000_000;
const flopsARound = 48;
const copied = 2 ** 24;

/** What all threads reach together. The best of several tries of each loop: what disturbs them only makes them slower. */
export function limitsOf(machine: Machine): Limits {
  const { heap, threads } = machine;
  const fastest = (kernel: number, words: readonly number[]): number => {
    let best = Infinity;
    for (let i = 0; i < 7; i++) {
      const from = performance.now();
      machine.launch(kernel, words, threads);
      best = Math.min(best, performance.now() - from);
    }
    return best / 1000;
  };
  const [to, from] = [heap.take(4 * copied), heap.take(4 * copied)];
  const seconds = [
    fastest(job.PEAK_ARITHMETIC, [rounds, to]),
    fastest(job.COPY_MEMORY, [copied, to, from]),
  ] as const;
  heap.give(to);
  heap.give(from);
  return {
    gflops: (threads * rounds * flopsARound) / seconds[0] / 1e9,
    gigabytes: (2 * 4 * copied) / seconds[1] / 1e9,
  };
}
