import { check } from "../../core/errors.ts";
import type { SharingScheme } from "../../models/embeddings/scheme.ts";
import { exactly, type Recomputed } from "./compare.ts";
import type { Golden } from "./golden.ts";
import type { Rule } from "./rules.ts";

/**
 * thomasahle/cce: each chunk of a row has a hash of its own, and starts on a circular array where that says. Its
 * hashes are no part of this framework, so they are written out here, in unbounded integers; the circular lookup is.
 */
export function chunkHashRule(one: Golden, madeBy: string): Rule {
  const [memory, block, chunks] = [one.number("m"), one.number("chunk_size"), one.number("n_chunks")];
  const ids = integers(one, "ids");
  const hashed = hashedStarts(one, madeBy, ids, chunks, memory);
  const starts = hashed ?? one.numbers("start", [ids.length, chunks]).values;
  const startOf = (row: number, k: number) => starts[row * chunks + k]!;
  const scheme: SharingScheme = {
    name: "robe",
    memorySize: memory,
    block,
    blockStart: (_, row, k) => startOf(row, k),
    slotsOf(_, row, column) {
      const position = column % block;
      return [{ slot: (startOf(row, (column - position) / block) + position) % memory, sign: 1 }];
    },
    guarantee: "none: of another program",
  };
  const columns = block * chunks;
  // An id may have 62 bits, so rows are numbered in the order in which they are looked up.
  const rows = ids.map((_, a) => a);
  const shape = { tables: [ids.length], dim: columns };
  return { scheme, shape, rows, tableOf: () => 0, columns, extra: startArray(one, hashed, chunks) };
}

function startArray(one: Golden, hashed: readonly number[] | undefined, chunks: number): Recomputed[] {
  if (hashed === undefined) return [];
  const shape = [hashed.length / chunks, chunks];
  return [{ array: `${one.path}.start`, shape, values: hashed, ...exactly("chunk hash") }];
}

/** [ids × chunks] starts by the case's coefficients, one a chunk; undefined where it has none. */
function hashedStarts(
  one: Golden,
  madeBy: string,
  ids: readonly bigint[],
  chunks: number,
  memory: number,
): number[] | undefined {
  const key = one.keys.find((name) => {
    const list = one.peek(name);
    return name !== "ids" && Array.isArray(list) && list.length === chunks && !list.some(Array.isArray);
  });
  if (key === undefined) return undefined;
  const coefficients = integers(one, key);
  const range = BigInt(memory);
  const hash = isMultiply(one, key, madeBy) ? multiplyHash(range) : polyHash(range);
  return ids.flatMap((x) => coefficients.map((c) => Number(hash(x, c))));
}

/** MultiHash: the top ⌈log₂ range⌉ of the product's low 62 bits. */
function multiplyHash(range: bigint) {
  const bits = BigInt(Math.ceil(Math.log2(Number(range))));
  return (x: bigint, c: bigint): bigint => (BigInt.asUintN(62, x * c) >> (62n - bits)) % range;
}

/** PolyHash: the product modulo the Mersenne prime 2³¹ − 1. */
const polyHash =
  (range: bigint) =>
  (x: bigint, c: bigint): bigint =>
    ((x * c) % (2n ** 31n - 1n)) % range;

/** Whether a case uses MultiHash: by a name in the case, else by the file's if it names one hash, else by 62-bit strings. */
function isMultiply(one: Golden, coefficients: string, madeBy: string): boolean {
  const words = one.keys.map((key) => one.peek(key)).filter((value) => typeof value === "string");
  for (const text of [words.join(" "), madeBy]) {
    const [poly, multi] = [text.includes("PolyHash"), text.includes("MultiHash")];
    if (poly !== multi) return multi;
  }
  return typeof (one.peek(coefficients) as unknown[])[0] === "string";
}

/** A list of integers, of which those beyond 2⁵³ are strings. */
function integers(one: Golden, key: string): bigint[] {
  const list = one.value(key);
  check(
    Array.isArray(list) && list.every((x) => /^\d+$/.test(String(x))),
    () => `${one.path}.${key} must be a list of whole numbers, as numbers or text.`,
  );
  return list.map(BigInt);
}
