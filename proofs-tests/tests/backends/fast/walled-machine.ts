import { expect } from "vitest";
import { copyOf, type Machine, machineWith } from "../../../../backends/fast/machine.ts";

/** Bytes behind an array that no kernel may read or write; a vector more may be, since loops run over whole vectors. */
const [wall, vector] = [1024, 16];

/** A machine that keeps a wall behind each array, hands out arrays full of NaN (or of another `word`), and remembers what was asked of it. */
export interface Walled extends Machine {
  /** Bytes of each array taken, and each launch's kernel, words and threads, in order. */
  readonly taken: number[];
  readonly launched: { readonly kernel: number; readonly words: ArrayLike<number>; readonly used: number }[];
  /** The address of a copy of `values`. */
  put(values: Float32Array | Uint16Array): number;
  /** Arrays taken and not given back. */
  held(): number;
}

/** With `always`, all threads work on whatever there is. The word is a NaN whose bits change wherever it is computed with. */
export async function walledMachine(threads: number, always = false, word = 0x7fa00000): Promise<Walled> {
  const machine = await machineWith(threads, false);
  const ends = new Map<number, number>();
  const taken: Walled["taken"] = [];
  const launched: Walled["launched"] = [];
  const own: Walled = {
    ...machine,
    taken,
    launched,
    heap: {
      statistics: machine.heap.statistics,
      take(bytes) {
        taken.push(bytes);
        const end = Math.ceil(bytes / 4) * 4 + vector;
        const address = machine.heap.take(end + wall);
        expect(ends.has(address)).toBe(false);
        machine.words(address, (end + wall) / 4).fill(word);
        ends.set(address, end);
        return address;
      },
      give(address) {
        const end = ends.get(address);
        expect(end).toBeDefined();
        expect(machine.words(address + end!, wall / 4).every((own) => own === word)).toBe(true);
        ends.delete(address);
        machine.heap.give(address);
      },
    },
    copy: (words) => copyOf(own, words),
    threadsFor: always ? () => threads : machine.threadsFor,
    launch(kernel, words, used) {
      launched.push({ kernel, words, used });
      machine.launch(kernel, words, used);
    },
    put(values) {
      const address = own.heap.take(values.byteLength);
      if (values instanceof Float32Array) machine.floats(address, values.length).set(values);
      else machine.halves(address, values.length).set(values);
      return address;
    },
    held: () => ends.size,
  };
  return own;
}
