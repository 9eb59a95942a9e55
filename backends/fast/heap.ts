import { InputError } from "../../core/errors.ts";
import { counted } from "../../core/format.ts";
import { freePlaces } from "./free-places.ts";
import { HEAP } from "./kernels/job.ts";

/** Bytes of a page of WebAssembly memory, and how many pages 32-bit addresses reach. */
const page = 2 ** 16;
export const maximumPages = 2 ** 16;
const addressable = maximumPages * page;

/** Bytes that all arrays together have at most. */
export const arenaBytes = addressable - HEAP;

/**
 * Every array starts on a line of the cache and ends at least a vector before the next, so that loops over whole vectors
 * may read and write past its end.
 */
const line = 64;

/** Where arrays live in one linear memory. */
export interface Heap {
  /**
   * Address of `bytes` bytes; what they hold is whatever was there.
   * @throws InputError where no free place has so many.
   */
  take(bytes: number): number;
  /** @throws Error where nothing was taken at `address`, or it was given back. */
  give(address: number): void;
  readonly statistics: {
    /** Arrays taken and not given back. */
    readonly arrays: number;
    /** Bytes that were ever needed at once, in whole size classes: what memory was grown to. */
    readonly reached: number;
  };
}

/** An arena: arrays lie at the lowest places that have room for them, and its end follows the last of them. */
export function heapOn(memory: WebAssembly.Memory): Heap {
  const free = freePlaces();
  const sizes = new Map<number, number>();
  let end = HEAP;
  let reached = HEAP;
  const refused = (bytes: number, why: string) => {
    const held = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    return new InputError(
      `The fast backend needs ${megabytes(bytes)} more, ${why}; ${counted(sizes.size, "array")} that nobody freed ${sizes.size === 1 ? "holds" : "hold"} ${megabytes(held)}. Free models and tensors that are no longer needed, take a smaller memory (a higher compression), a smaller batch, or --backend cpu.`,
    );
  };
  const grow = (size: number, bytes: number) => {
    if (end + size > addressable) {
      const largest = Math.max(free.largest(), addressable - end);
      throw refused(
        bytes,
        `but of the ${megabytes(addressable)} that WebAssembly addresses at most ${megabytes(largest)} are free in one piece`,
      );
    }
    const missing = Math.ceil((end + size - memory.buffer.byteLength) / page);
    if (missing <= 0) return;
    try {
      memory.grow(missing);
    } catch {
      throw refused(bytes, "which this machine does not give it");
    }
  };
  return {
    take(bytes) {
      const size = sizeClass(bytes);
      let address = free.take(size);
      if (address === undefined) {
        grow(size, bytes);
        address = end;
        end += size;
        reached = Math.max(reached, end);
      }
      sizes.set(address, size);
      return address;
    },
    give(address) {
      const size = sizes.get(address);
      if (size === undefined) throw new Error(`Nothing is held at ${address}.`);
      sizes.delete(address);
      free.give(address, address + size);
      end = free.trim(end);
    },
    statistics: {
      get arrays() {
        return sizes.size;
      },
      get reached() {
        return reached;
      },
    },
  };
}

/**
 * Sizes come in eight steps an octave, of a megabyte at most, so that arrays of almost the same size fit into each
 * other's places.
 */
function sizeClass(bytes: number): number {
  const wanted = bytes + line / 4;
  const step = Math.min(2 ** 20, Math.max(line, 2 ** Math.floor(Math.log2(wanted)) / 8));
  return Math.ceil(wanted / step) * step;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6).toLocaleString("en")} MB`;
