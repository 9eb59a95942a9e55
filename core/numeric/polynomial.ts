import { hashModule } from "./kernels.generated.ts";
import type { Split61 } from "./mersenne61.ts";
import { bytesOf } from "./wasm.ts";

interface Kernels {
  modulos(numbers: number, count: number, coefficients: number, k: number, range: number, out: number): void;
  permuted(
    numbers: number,
    count: number,
    a: number,
    c: number,
    prime: number,
    range: number,
    out: number,
  ): void;
}

/** Numbers that one call hashes, and where it finds and leaves them: all fits into two pages of memory. */
const chunk = 4096;
const [coefficientsAt, numbersAt, outAt] = [0, 1024, 1024 + 8 * chunk];

let opened: { kernels: Kernels; memory: ArrayBuffer } | undefined;

/** The module, made when it is first needed; hashing is a host's work, on one thread. */
function open() {
  if (opened === undefined) {
    const memory = new WebAssembly.Memory({ initial: 2 });
    const module = new WebAssembly.Module(bytesOf(hashModule));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    opened = { kernels: exports as unknown as Kernels, memory: memory.buffer };
  }
  return opened;
}

/**
 * out[i] = (Σ_j cⱼ xᵢʲ mod 2⁶¹ − 1) mod range for all numbers x at once, in 64-bit integers of WebAssembly: what
 * `polynomial` of hash.ts says for one.
 */
export function modulos(
  coefficients: readonly Split61[],
  numbers: Float64Array,
  range: number,
  out: Uint32Array,
): void {
  const { kernels, memory } = open();
  const words = new BigUint64Array(memory, coefficientsAt, coefficients.length);
  words.set(coefficients.map(({ high, low }) => (BigInt(high) << 31n) + BigInt(low)));
  inChunks(numbers, out, (count) =>
    kernels.modulos(numbersAt, count, coefficientsAt, coefficients.length, range, outAt),
  );
}

/** (a·b + c) mod prime: see permutation.ts. Both numbers are below the prime, which is at most 2⁴⁰. */
export interface Permutation {
  readonly prime: number;
  readonly a: number;
  readonly c: number;
}

/** out[i] = (a·xᵢ + c mod prime) mod range for all numbers x below the prime at once. */
export function permuted(
  { prime, a, c }: Permutation,
  numbers: Float64Array,
  range: number,
  out: Uint32Array,
): void {
  const { kernels } = open();
  inChunks(numbers, out, (count) => kernels.permuted(numbersAt, count, a, c, prime, range, outAt));
}

/** Brings numbers to the kernels, `chunk` at a time, and back what `hash` made of them. */
function inChunks(numbers: Float64Array, out: Uint32Array, hash: (count: number) => void): void {
  const { memory } = open();
  for (let from = 0; from < numbers.length; from += chunk) {
    const part = numbers.subarray(from, from + chunk);
    new Float64Array(memory, numbersAt, part.length).set(part);
    hash(part.length);
    out.set(new Uint32Array(memory, outAt, part.length), from);
  }
}
