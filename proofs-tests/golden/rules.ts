import { check, InputError } from "../../core/errors.ts";
import { type AffineCoefficients, authorsPrime } from "../../core/numeric/hash.ts";
import { authorsCoefficients } from "../../core/numeric/hash-by-name.ts";
import { type RobeOptions, robeScheme } from "../../models/embeddings/families/robe.ts";
import type { SharingScheme, TableShape } from "../../models/embeddings/scheme.ts";
import type { Recomputed } from "./compare.ts";
import type { Golden } from "./golden.ts";

/** One case of an index file: the scheme that its rule is here, and the rows that it looks up. */
export interface Rule {
  readonly scheme: SharingScheme;
  readonly shape: TableShape;
  /** [ids] row of each looked-up id, within its table. */
  readonly rows: readonly number[];
  /** Table of the a-th looked-up id. */
  tableOf(a: number): number;
  /** d: floats a row in the file; `shape.dim` may be more. */
  readonly columns: number;
  /** Arrays that only this rule has. */
  readonly extra?: readonly Recomputed[];
}

/** The rule of a case whose hash is affine. `madeBy` is what the file says of its program and its formula. */
export function robeRule(one: Golden, madeBy: string): Rule {
  const formula = madeBy
    .replaceAll(/\s/g, "")
    .replaceAll("−", "-")
    .replaceAll("·", "*")
    .replaceAll(/⌊c\/Z⌋|c\/\/Z/g, "floor(c/Z)");
  if (one.has("use_slot")) return hetuRule(one);
  if (formula.includes("par_idx_py") || formula.includes("mod(m-Z)")) return authorsRule(one, formula, true);
  if (formula.includes("HashedEmbedding") || formula.includes("mod(m-Z+1)"))
    return authorsRule(one, formula, false);
  throw new InputError(
    `${one.path} follows no rule that conform knows: its made_by and formula name neither HashedEmbedding nor par_idx_py, and it has neither use_slot nor start.`,
  );
}

/** The ROBE authors' programs: blocks never wrap; the later one (`short`) numbers blocks from 1 and leaves out one start. */
function authorsRule(one: Golden, formula: string, short: boolean): Rule {
  const columns = one.number("d");
  const block = one.number("Z");
  const rows = one.numbers("ids").values;
  // Here a block longer than a row would run on into the next row; there it ends with the row, like a longer row unread.
  const shape = { tables: [one.number("val_offset", 0), largest(rows) + 1], dim: Math.max(columns, block) };
  const scheme = robeScheme(shape, {
    ...options(one),
    block,
    index: short ? "noWrapShort" : "noWrap",
    sign: "none",
    coefficients: coefficientsOf(one, formula, short),
  });
  return { scheme, shape, rows, tableOf: () => 1, columns };
}

/** Hetu: the position in a block is inside the hash, Z is the number of blocks, and signs come from a second hash. */
function hetuRule(one: Golden): Rule {
  const [columns, chunks] = [one.number("d"), one.number("Z")];
  check(
    columns % chunks === 0,
    () =>
      `${one.path}: d = ${columns} is not a multiple of Z = ${chunks} blocks, and the rule then depends on the id's place in the batch.`,
  );
  const rows = one.numbers("ids").values;
  const slotted = one.number("use_slot") !== 0;
  const slots = slotted ? one.number("slots") : 1;
  const shape = { tables: new Array<number>(slots).fill(largest(rows) + 1), dim: columns };
  const [prime, r1, r2, r3, r4, s1, s2, s3, s4] = one.numbers("random_numbers").values as Nine;
  const scheme = robeScheme(shape, {
    ...options(one),
    block: columns / chunks,
    index: "withinHash",
    coefficients: { prime, r1, r2, r3, ...(slotted && { r4 }) },
    sign: "affine",
    signCoefficients: { prime, r1: s1, r2: s2, r3: s3, ...(slotted && { r4: s4 }) },
  });
  return { scheme, shape, rows, tableOf: (a) => a % slots, columns };
}

type Nine = [number, number, number, number, number, number, number, number, number];

const options = (one: Golden): RobeOptions & { memorySize: number; seed: number } => ({
  memorySize: one.number("m"),
  seed: one.number("seed", 0),
});

const largest = (ids: readonly number[]): number => ids.reduce((a, b) => Math.max(a, b), 0);

/** …·row + floor(c/Z)·block + constant) mod: the names that a formula gives the three coefficients. */
const named = /\*(\w+)\+\(?floor\(c\/Z\)(?:\+1\))?\*(\w+)\+(\w+)\)/;

/** Coefficients by the names in the formula. The later program calls r1, r2, r3 A, B, C, with A at the row. */
function coefficientsOf(one: Golden, formula: string, short: boolean): AffineCoefficients {
  const names = named.exec(formula)?.slice(1) ?? (short ? ["A", "B", "C"] : ["r3", "r2", "r1"]);
  const [r3, r2, r1] = names.map((name) => constant(one, name)) as [number, number, number];
  return { prime: one.number("P", drawn(one)?.[0] ?? authorsPrime), r1, r2, r3 };
}

/** A constant under its own name, or from the list of random numbers, or from the one that the seed gives. */
function constant(one: Golden, name: string): number {
  if (one.has(name)) return one.number(name);
  const i = name.startsWith("r") ? Number(name.slice(1)) : "ABC".indexOf(name) + 1;
  const value = one.has(`r${i}`) ? one.number(`r${i}`) : drawn(one)?.[i];
  check(
    value !== undefined,
    () =>
      `${one.path}.${name} is missing, and the case has neither random_numbers nor a seed whose numbers are known.`,
  );
  return value;
}

/** [P, r1, r2, …] */
function drawn(one: Golden): readonly number[] | undefined {
  if (one.has("random_numbers")) return one.numbers("random_numbers").values;
  const known = authorsCoefficients[one.number("seed", -1)];
  return known && [authorsPrime, ...known];
}
