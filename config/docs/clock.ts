/** How long work takes, for the programs of this folder. */

/** Milliseconds of one of so many calls, after one that is not timed. */
export function milliseconds(calls: number, call: () => void): number {
  call();
  const start = performance.now();
  for (let i = 0; i < calls; i++) call();
  return (performance.now() - start) / calls;
}

/** Milliseconds of the fastest of some runs: what others do on the machine only adds. */
export async function fastest(runs: number, work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    await work();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
