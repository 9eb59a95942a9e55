import { bagCount, itemCount, type Lookup } from "../../core/lookup.ts";
import { type Halves, isHalves } from "./half.ts";
import * as job from "./kernels/job.ts";
import type { Machine } from "./machine.ts";
import { type Home, inside, isOutside, scatterOutside, staged } from "./outside.ts";

/** A lookup's arrays, copied to where kernels see them. */
interface Copied {
  /** The first words of every job on a lookup. */
  readonly words: readonly number[];
  give(): void;
}

export function copied({ heap, copy }: Machine, lookup: Lookup): Copied {
  const { dim, block, memorySize, starts, signs, bags } = lookup;
  const arrays = [copy(starts), signs ? copy(signs) : 0, copy(bags)] as const;
  return {
    words: [dim, block, memorySize, ...arrays, bagCount(lookup)],
    give: () => {
      for (const address of arrays) if (address !== 0) heap.give(address);
    },
  };
}

const floatsRead = (lookup: Lookup): number => itemCount(lookup) * lookup.dim;

export function gather(machine: Machine, lookup: Lookup, memory: Home, out: number): void {
  if (isOutside(memory)) {
    const { address, lookup: own } = staged(machine, lookup, memory);
    gather(machine, own, address, out);
    machine.heap.give(address);
    return;
  }
  if (isHalves(memory)) {
    gatherHalves(machine, lookup, memory, out);
    return;
  }
  const { words, give } = copied(machine, lookup);
  machine.launch(job.GATHER, [...words, memory, out], machine.threadsFor(floatsRead(lookup)));
  give();
}

function gatherHalves(machine: Machine, lookup: Lookup, { halves }: Halves, out: number): void {
  const { words, give } = copied(machine, lookup);
  const threads = machine.threadsFor(floatsRead(lookup));
  const room = machine.heap.take(threads * (4 * lookup.block + 64));
  machine.launch(job.GATHER_HALVES, [...words, halves, out, room], threads);
  machine.heap.give(room);
  give();
}

export function scatter(machine: Machine, lookup: Lookup, batch: number, out: Home): void {
  if (isOutside(out)) {
    scatterOutside(lookup, machine.floats(batch, bagCount(lookup) * lookup.dim), out);
    return;
  }
  const { words, give } = copied(machine, lookup);
  const threads = machine.threadsFor(floatsRead(lookup) + lookup.memorySize);
  machine.launch(job.SCATTER, [...words, inside("scatter", out), batch], threads);
  give();
}
