/**
 * Bytes by which what a backend holds may grow before whoever waits for a number waits for a turn of the host's loop too.
 * What the collector finds is given back in tasks of that loop, and a training on a backend that answers at once, all of
 * whose awaits end within one task, would let none run: a model that was dropped would never be given back.
 */
const growth = 2 ** 26;

/** Waits for a turn where `reached`, the most bytes that were ever held, has grown by much since the last one. */
export function turns(): (reached: number) => Promise<void> | undefined {
  let last = 0;
  return (reached) => {
    if (reached < last + growth) return undefined;
    last = reached;
    return new Promise((resolve) => setTimeout(resolve, 0));
  };
}
