import { InputError } from "../../core/errors.ts";
import { HEAP } from "./kernels/job.ts";

/** Bytes of a page of WebAssembly memory, and how many pages 32-bit addresses reach. */
const page = 2 ** 16;
export const maximumPages = 2 ** 16;

/**
 * Every array starts on a line of the cache and ends at least a vector before the next, so that loops over whole vectors
 * may read and write past its end.
 */
const line = 64;

/** Where arrays live in one linear memory. */
export interface Heap {
  /** Address of `bytes` bytes; what they hold is whatever was there. */
  take(bytes: number): number;
  give(address: number): void;
  readonly statistics: {
    /** Arrays taken and not given back. */
    readonly arrays: number;
    /** Bytes that were ever needed at once, in whole size classes: what memory was grown to. */
    readonly reached: number;
  };
}

/**
 * An arena with a list of free places for each size. A step of training takes the same sizes in the same order as the
 * one before, so from the second step on each place is one that was given back, and memory grows no more.
 */
export function heapOn(memory: WebAssembly.Memory): Heap {
  const free = new Map<number, number[]>();
  const sizes = new Map<number, number>();
  let end = HEAP;
  const grow = (size: number, bytes: number) => {
    if (end + size > maximumPages * page) {
      throw new InputError(
        `The fast backend needs ${megabytes(bytes)} more, but of the 4,295 MB that WebAssembly addresses ${megabytes(end)} are taken. Take a smaller memory (a higher compression), a smaller batch, or --backend cpu.`,
      );
    }
    const missing = Math.ceil((end + size - memory.buffer.byteLength) / page);
    if (missing > 0) grown(memory, missing, bytes);
  };
  return {
    take(bytes) {
      const size = sizeClass(bytes);
      let address = free.get(size)?.pop();
      if (address === undefined) {
        grow(size, bytes);
        address = end;
        end += size;
      }
      sizes.set(address, size);
      return address;
    },
    give(address) {
      const size = sizes.get(address)!;
      sizes.delete(address);
      const list = free.get(size);
      if (list) list.push(address);
      else free.set(size, [address]);
    },
    statistics: {
      get arrays() {
        return sizes.size;
      },
      get reached() {
        return end;
      },
    },
  };
}

function grown(memory: WebAssembly.Memory, pages: number, bytes: number): void {
  try {
    memory.grow(pages);
  } catch {
    throw new InputError(
      `The fast backend needs ${megabytes(bytes)} more memory than this machine gives it. Take a smaller memory (a higher compression) or a smaller batch.`,
    );
  }
}

/** Sizes come in eight steps an octave, so that arrays of almost the same size share their places. */
function sizeClass(bytes: number): number {
  const wanted = bytes + line / 4;
  const step = Math.max(line, 2 ** Math.floor(Math.log2(wanted)) / 8);
  return Math.ceil(wanted / step) * step;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
