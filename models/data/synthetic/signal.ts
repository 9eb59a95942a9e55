import { random } from "../../../core/numeric/random.ts";
import { hashNormal, hashNumbers } from "../encoders/hash.ts";
import { spread } from "./spread.ts";
import { zipf, zipfMass } from "./zipf.ts";

/** One number for all tables, or [T], one for each. */
export type PerTable = number | readonly number[];

/** Which ids occur, and which of them say how much of a click. The rank of an id is its place in Zipf's order, from 0. */
export interface Effects {
  /** Of Zipf's law: rank x occurs in proportion to 1/(x+1)^exponent (default 1.1; 0 is uniform). */
  readonly exponent?: PerTable;
  /** Share of the ids' part of the logit that lies in pairs of ids, not in single ones (default 0.25). */
  readonly interaction?: number;
  /** Share of the logit's variance that lies in the dense features (default 0.2). */
  readonly denseShare?: number;
  /** Only so many ids of a table ever occur: those of rank 0 … occurring − 1. Default: all. */
  readonly occurring?: PerTable;
  /**
   * Only so many ids of a table, the most frequent ones, have an effect; any other adds exactly 0, alone and in pairs.
   * The effects that are left are the larger, so that a table keeps its share of the logit. Default: all have one.
   */
  readonly carriers?: PerTable;
  /**
   * Rare ids say less: the effects of rank x have a standard deviation in proportion to 1/(x+1)^fading, alone and in pairs
   * (default 0: all alike). A table keeps its share of the logit.
   */
  readonly fading?: PerTable;
  /** Standard deviations of the tables' effects, relative to each other (default 1: all the same). */
  readonly fields?: PerTable;
  /**
   * Ranks lie scattered over a table, by a bijection that depends on the seed. Default: an id is its rank, so that
   * frequent ids are low and next to each other.
   */
  readonly spread?: boolean;
}

/** What of {@link Effects} may differ from table to table. */
export type TableEffects = "exponent" | "occurring" | "carriers" | "fading" | "fields";

/** Shares of the logit's variance, as realized on the rows. All together they are 1, and 0 where the logit is constant. */
export interface Strengths {
  /** Of the dense features. */
  readonly dense: number;
  /** [T] of each table's ids alone. */
  readonly fields: readonly number[];
  /** Of the ids of neighboring tables together. */
  readonly pairs: number;
}

/** What is drawn for the rows. */
export interface Signal {
  /** [rows × T] */
  readonly ids: Uint32Array;
  /** [rows] logits before they are scaled: each kind of effect has a variance near its share. */
  readonly logits: Float64Array;
  readonly strengths: Strengths;
}

type Drawing = Required<Omit<Effects, TableEffects>> & {
  /** [T] each. */
  readonly [name in TableEffects]: readonly number[];
} & {
  readonly tables: readonly number[];
  readonly dense: number;
  readonly rows: number;
  readonly seed: number;
};

/** Length of the vectors whose dot products are the planted interactions. */
const RANK = 4;

/** Rows that are made at once: what is kept of each part of their logits stays in the processor's cache. */
const BLOCK = 4096;

/** Ids of a table whose places and effects are kept; those of rarer ids are hashed anew at each row. */
const KEPT = 2 ** 17;

/** Ids for all rows and their logits. `features` are [rows × dense] standard normal numbers. */
export function drawSignal(drawing: Drawing, features: Float32Array): Signal {
  const { tables, rows } = drawing;
  const T = tables.length;
  const [ids, logits] = [new Uint32Array(rows * T), new Float64Array(rows)];
  const fields = tables.map((_, t) => fieldOf(drawing, t));
  const ofDense = densePart(drawing, features);
  const pairScale = pairScales(drawing, fields);
  const variances = varianceShares(T + 2);
  const parts = Array.from({ length: T + 2 }, () => new Float64Array(BLOCK));
  const [signs, sizes] = [new Int8Array(BLOCK), new Float64Array(BLOCK)];
  for (let from = 0; from < rows; from += BLOCK) {
    const z = logits.subarray(from, Math.min(rows, from + BLOCK));
    const [dense, pairs] = [parts[T]!, parts[T + 1]!.fill(0)];
    for (let i = 0; i < z.length; i++) z[i] = dense[i] = ofDense(from + i);
    signs.fill(NONE);
    for (const [t, field] of fields.entries()) {
      const own = ids.subarray(from * T + t, (from + z.length) * T);
      drawField(field, pairScale[t]!, { ids: own, stride: T, part: parts[t]!, pairs, signs, sizes, z });
    }
    variances.add(parts, z);
  }
  const shares = variances.shares();
  return { ids, logits, strengths: { dense: shares[T]!, pairs: shares[T + 1]!, fields: shares.slice(0, T) } };
}

/** What drawing one table's ids for a block of rows writes. */
interface Block {
  /** The id of the first row, and of each next one `stride` further on. */
  readonly ids: Uint32Array;
  readonly stride: number;
  /** What the ids add alone, and with those of the table before. */
  readonly part: Float64Array;
  readonly pairs: Float64Array;
  /** The table before, then this one: signs of its ids, and the size of their effects. */
  readonly signs: Int8Array;
  readonly sizes: Float64Array;
  /** The logits so far. */
  readonly z: Float64Array;
}

function drawField(field: Field, pairScale: number, block: Block): void {
  const { ids, stride, part, pairs, signs, sizes, z } = block;
  for (let i = 0; i < z.length; i++) {
    const rank = field.draw();
    const [effect, own, size] = [field.effect(rank), field.signs(rank), field.size(rank)];
    const isPair = own !== NONE && signs[i] !== NONE;
    const pair = isPair ? pairScale * sizes[i]! * size * dots[signs[i]! ^ own]! : 0;
    ids[i * stride] = field.place(rank);
    part[i] = effect;
    pairs[i]! += pair;
    z[i] = z[i]! + effect + pair;
    signs[i] = own;
    sizes[i] = size;
  }
}

/** Dot products of two vectors of RANK signs, by the bits in which they differ. */
const dots = Int8Array.from({ length: 2 ** RANK }, (_, bits) => {
  let dot = RANK;
  for (let k = 0; k < RANK; k++) dot -= 2 * ((bits >>> k) & 1);
  return dot;
});

/** The signs of an id without effect. */
const NONE = -1;

/** One table's ids. */
interface Field {
  /** Expected square of `size`, 0 for an id without effect: without fading, how often a row's id has one. */
  readonly carried: number;
  draw(): number;
  /** The id of this rank. */
  place(rank: number): number;
  /** How large the id's effects are beside those of rank 0. */
  size(rank: number): number;
  /** What the id adds to the logit. */
  effect(rank: number): number;
  /** A vector of RANK signs, as bits; {@link NONE} for an id without effect. */
  signs(rank: number): number;
}

function fieldOf(drawing: Drawing, t: number): Field {
  const { seed, rows, interaction, fields, denseShare } = drawing;
  const [size, exponent, fading] = [drawing.tables[t]!, drawing.exponent[t]!, drawing.fading[t]!];
  const occurring = Math.min(size, drawing.occurring[t]!);
  const carriers = Math.min(occurring, drawing.carriers[t]!);
  const carried = zipfMass(carriers, exponent + 2 * fading) / zipfMass(occurring, exponent);
  const squares = fields.reduce((sum, x) => sum + x * x, 0);
  const share = ((1 - denseShare) * (1 - interaction) * fields[t]! ** 2) / squares;
  const scale = Math.sqrt(share / carried);
  const sizeOf = (rank: number) => (rank + 1) ** -fading;
  const effectOf = (rank: number) => scale * sizeOf(rank) * hashNormal(seed, 2 * t, rank);
  const signsOf = (rank: number) => hashNumbers(seed, 2 * t + 1, rank) & (2 ** RANK - 1);
  const placeOf = drawing.spread ? spread(size, random(seed, `spread/${t}`)) : (rank: number) => rank;
  const placed = Math.min(occurring, KEPT, rows);
  const kept = Math.min(carriers, placed);
  const places = Uint32Array.from({ length: placed }, (_, rank) => placeOf(rank));
  const sizes = Float64Array.from({ length: kept }, (_, rank) => sizeOf(rank));
  const effects = Float64Array.from({ length: kept }, (_, rank) => effectOf(rank));
  const signs = Int8Array.from({ length: kept }, (_, rank) => signsOf(rank));
  return {
    carried,
    draw: zipf(occurring, exponent, random(seed, `ids/${t}`)),
    place: (rank) => (rank < placed ? places[rank]! : placeOf(rank)),
    size: (rank) => (rank < kept ? sizes[rank]! : sizeOf(rank)),
    effect: (rank) => (rank < kept ? effects[rank]! : rank < carriers ? effectOf(rank) : 0),
    signs: (rank) => (rank < kept ? signs[rank]! : rank < carriers ? signsOf(rank) : NONE),
  };
}

/** What the dense features of a row add to its logit. */
function densePart({ dense: D, seed, denseShare }: Drawing, features: Float32Array): (row: number) => number {
  const stream = random(seed, "weights");
  const w = Float64Array.from({ length: D }, () => stream.normal());
  const scale = Math.sqrt(denseShare) / Math.hypot(...w);
  return (row) => {
    let z = 0;
    for (let j = 0; j < D; j++) z += scale * w[j]! * features[row * D + j]!;
    return z;
  };
}

/** [T] of a table's vector with that of the table before; entry 0 is not used. */
function pairScales({ interaction, denseShare }: Drawing, fields: readonly Field[]): number[] {
  const share = ((1 - denseShare) * interaction) / (RANK * (fields.length - 1));
  return fields.map(({ carried }, t) =>
    t === 0 ? 0 : Math.sqrt(share / (carried * fields[t - 1]!.carried)),
  );
}

/**
 * Shares of a sum's variance: cov(part, sum)/var(sum). They add up to 1 whether or not parts are correlated; a part that is
 * not has var(part)/var(sum).
 */
function varianceShares(count: number) {
  const [sums, products] = [new Float64Array(count), new Float64Array(count)];
  let [rows, sum, square] = [0, 0, 0];
  return {
    /** Some rows: their parts, and the sums of these. */
    add(parts: readonly Float64Array[], total: Float64Array): void {
      rows += total.length;
      for (const z of total) {
        sum += z;
        square += z * z;
      }
      for (const [k, part] of parts.entries()) {
        for (let i = 0; i < total.length; i++) {
          sums[k]! += part[i]!;
          products[k]! += part[i]! * total[i]!;
        }
      }
    },
    shares(): number[] {
      const variance = square / rows - (sum / rows) ** 2;
      const covariance = (k: number) => products[k]! / rows - (sums[k]! / rows) * (sum / rows);
      return Array.from(sums, (_, k) => (variance > 1e-18 ? covariance(k) / variance : 0));
    },
  };
}
