import type { Form } from "../../core/form.ts";
import type { Machine } from "./machine.ts";
import { type Home, isOutside } from "./outside.ts";

/** What a machine was made to do, to be done again. */
export interface Tape {
  /** A machine that does what it is told, and remembers it. What is given back to it stays taken until the tape is freed. */
  readonly machine: Machine;
  /** Whether all that was done can be done again. */
  readonly whole: boolean;
  /** Before a form is run on arrays there: the slots of its lookup are found anew from the ids. */
  before(form: Form, homes: readonly Home[]): void;
  /** `values` of the host were written into an array, by `write`. */
  written(values: ArrayLike<number>, write: () => void): void;
  /** Something was done that cannot be done again. */
  spoil(): void;
  /** Holds on to a buffer, which the collector could otherwise find while its array is still written to. */
  keep(buffer: object): void;
  /** Does everything again, on what the inputs hold by now. */
  play(): void;
  /** Gives back all arrays. */
  free(): void;
}

/** A tape of what `machine` is made to do with numbers and ids out of `inputs`, and no others of the host. */
export function tapeOn(machine: Machine, inputs: readonly ArrayLike<number>[]): Tape {
  const steps: (() => void)[] = [];
  const buffers: object[] = [];
  const given: number[] = [];
  let whole = true;
  const spoil = () => {
    whole = false;
  };
  const known = (values: ArrayLike<number>, again: () => void) => {
    if (inputs.includes(values)) steps.push(again);
    else spoil();
  };
  const { heap, words: view } = machine;
  const kept: Machine = {
    ...machine,
    // Another array in the place of one that is done with would be overwritten when that is made again.
    heap: { statistics: heap.statistics, take: heap.take, give: (address) => void given.push(address) },
    copy(words) {
      const address = machine.copy(words);
      steps.push(() => view(address, words.length).set(words));
      return address;
    },
    launch(kernel, words, threads) {
      const own = Uint32Array.from(words);
      const again = () => machine.launch(kernel, own, threads);
      again();
      steps.push(again);
    },
  };
  return {
    machine: kept,
    get whole() {
      return whole;
    },
    before(form, homes) {
      if (homes.some(isOutside)) spoil();
      if (form.kind !== "gather" && form.kind !== "scatter") return;
      const { source } = form.lookup;
      if (source) known(source.ids, source.renew);
      else spoil();
    },
    written: known,
    spoil,
    keep: (buffer) => void buffers.push(buffer),
    play() {
      for (const step of steps) step();
    },
    free() {
      for (const address of given.splice(0)) heap.give(address);
    },
  };
}
