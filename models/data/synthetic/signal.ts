import { random } from "../../../core/numeric/random.ts";
import { hashNormal, hashNumbers } from "../encoders/hash.ts";
import { spread } from "./spread.ts";
import { zipf, zipfMass } from "./zipf.ts";

/** Which ids occur, and which of them say how much of a click. The rank of an id is its place in Zipf's order, from 0. */
export interface Effects {
  /** Of Zipf's law, for each table: rank x occurs in proportion to 1/(x+1)^exponent (default 1.1; 0 is uniform). */
  readonly exponent?: number;
  /** Share of the ids' part of the logit that lies in pairs of ids, not in single ones (default 0.25). */
  readonly interaction?: number;
  /** Only so many ids of each table ever occur: those of rank 0 … occurring − 1. Default: all. */
  readonly occurring?: number;
  /**
   * Only so many ids of each table, the most frequent ones, have an effect; any other adds exactly 0, alone and in pairs.
   * The effects that are left are the larger, so that a table keeps its share of the logit. Default: all have one.
   */
  readonly carriers?: number;
  /** [T] standard deviations of the tables' effects, relative to each other. Default: all the same. */
  readonly fields?: readonly number[];
  /**
   * Ranks lie scattered over a table, by a bijection that depends on the seed. Default: an id is its rank, so that
   * frequent ids are low and next to each other.
   */
  readonly spread?: boolean;
}

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

interface Drawing extends Required<Effects> {
  readonly tables: readonly number[];
  readonly dense: number;
  readonly rows: number;
  readonly seed: number;
}

/** Length of the vectors whose dot products are the planted interactions. */
const RANK = 4;

/** Share of the logit's variance that lies in the dense features. */
const DENSE_SHARE = 0.2;

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
  const before = new Int8Array(BLOCK);
  for (let from = 0; from < rows; from += BLOCK) {
    const z = logits.subarray(from, Math.min(rows, from + BLOCK));
    const [dense, pairs] = [parts[T]!, parts[T + 1]!.fill(0)];
    for (let i = 0; i < z.length; i++) z[i] = dense[i] = ofDense(from + i);
    before.fill(NONE);
    for (const [t, field] of fields.entries()) {
      const own = ids.subarray(from * T + t, (from + z.length) * T);
      drawField(field, pairScale[t]!, { ids: own, stride: T, part: parts[t]!, pairs, before, z });
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
  /** Signs of the ids of the table before; then of these. */
  readonly before: Int8Array;
  /** The logits so far. */
  readonly z: Float64Array;
}

function drawField(field: Field, pairScale: number, { ids, stride, part, pairs, before, z }: Block): void {
  for (let i = 0; i < z.length; i++) {
    const rank = field.draw();
    const effect = field.effect(rank);
    const signs = field.signs(rank);
    const pair = signs !== NONE && before[i] !== NONE ? pairScale * dots[before[i]! ^ signs]! : 0;
    ids[i * stride] = field.place(rank);
    part[i] = effect;
    pairs[i]! += pair;
    z[i] = z[i]! + effect + pair;
    before[i] = signs;
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
  /** Probability that a row's id has an effect. */
  readonly carried: number;
  draw(): number;
  /** The id of this rank. */
  place(rank: number): number;
  /** What the id adds to the logit. */
  effect(rank: number): number;
  /** A vector of RANK signs, as bits; {@link NONE} for an id without effect. */
  signs(rank: number): number;
}

function fieldOf(drawing: Drawing, t: number): Field {
  const { seed, rows, exponent, interaction, fields } = drawing;
  const size = drawing.tables[t]!;
  const occurring = Math.min(size, drawing.occurring);
  const carriers = Math.min(occurring, drawing.carriers);
  const carried = zipfMass(carriers, exponent) / zipfMass(occurring, exponent);
  const squares = fields.reduce((sum, x) => sum + x * x, 0);
  const share = ((1 - DENSE_SHARE) * (1 - interaction) * fields[t]! ** 2) / squares;
  const scale = Math.sqrt(share / carried);
  const effectOf = (rank: number) => scale * hashNormal(seed, 2 * t, rank);
  const signsOf = (rank: number) => hashNumbers(seed, 2 * t + 1, rank) & (2 ** RANK - 1);
  const placeOf = drawing.spread ? spread(size, random(seed, `spread/${t}`)) : (rank: number) => rank;
  const placed = Math.min(occurring, KEPT, rows);
  const kept = Math.min(carriers, placed);
  const places = Uint32Array.from({ length: placed }, (_, rank) => placeOf(rank));
  const effects = Float64Array.from({ length: kept }, (_, rank) => effectOf(rank));
  const signs = Int8Array.from({ length: kept }, (_, rank) => signsOf(rank));
  return {
    carried,
    draw: zipf(occurring, exponent, random(seed, `ids/${t}`)),
    place: (rank) => (rank < placed ? places[rank]! : placeOf(rank)),
    effect: (rank) => (rank < kept ? effects[rank]! : rank < carriers ? effectOf(rank) : 0),
    signs: (rank) => (rank < kept ? signs[rank]! : rank < carriers ? signsOf(rank) : NONE),
  };
}

/** What the dense features of a row add to its logit. */
function densePart({ dense: D, seed }: Drawing, features: Float32Array): (row: number) => number {
  const stream = random(seed, "weights");
  const w = Float64Array.from({ length: D }, () => stream.normal());
  const scale = Math.sqrt(DENSE_SHARE) / Math.hypot(...w);
  return (row) => {
    let z = 0;
    for (let j = 0; j < D; j++) z += scale * w[j]! * features[row * D + j]!;
    return z;
  };
}

/** [T] of a table's vector with that of the table before; entry 0 is not used. */
function pairScales({ interaction }: Drawing, fields: readonly Field[]): number[] {
  const share = ((1 - DENSE_SHARE) * interaction) / (RANK * (fields.length - 1));
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
