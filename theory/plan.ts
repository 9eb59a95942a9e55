import { finite, integer, require } from "../core/errors.ts";
import { denseCodesMemory } from "./dense-codes.ts";
import { distancesMemory } from "./distances.ts";
import { gramMemory } from "./gram.ts";
import { innerProductMemory } from "./inner-product.ts";
import { normMemory } from "./norm.ts";
import { readOutsMemory } from "./read-outs.ts";
import { sparseCodesSize } from "./sparse-codes.ts";
import { spectrumMemory } from "./spectrum.ts";

/** What is to be kept of a table, and how well. */
export interface Wanted {
  /** n, rows of all tables. */
  readonly rows: number;
  /** d, floats a row. */
  readonly dim: number;
  /** ε of (1 ± ε). Give it, or `memory`. */
  readonly epsilon?: number;
  /** δ: the probability that it fails. */
  readonly delta: number;
  /** Floats of memory at hand: the plan then says which ε each statement gives for it. */
  readonly memory?: number;
  /** S, read-outs that must be right at once. Default 1000. */
  readonly queries?: number;
  /** r, the rank of the table. Default: full, min(n, d). */
  readonly rank?: number;
  /** ‖E‖_F²/σ₁², if it is known. Default: the rank, which it never exceeds. */
  readonly stableRank?: number;
}

/** What one statement promises, and for how many floats. */
export interface Promised {
  /** R3, … */
  readonly statement: string;
  readonly keeps: string;
  /** What its hash functions or codes must be. */
  readonly needs: string;
  /** Whether memory can be trained through it: a layer reads it linearly, by slots and signs. */
  readonly trainable: boolean;
  readonly epsilon: number;
  /** Floats of memory, m for all columns together. */
  readonly floats: number;
  readonly bytes: number;
  /** n·d over `floats`. Below 1 the table itself is smaller. */
  readonly compression: number;
}

/** What no memory smaller than the table can promise, and why. */
interface Refused {
  readonly what: string;
  readonly why: string;
}

export interface Plan {
  /** Floats for one norm or inner product at a time (R3, R4): what a sharing scheme is usually given. */
  readonly memory: number;
  readonly tableFloats: number;
  readonly promised: readonly Promised[];
  readonly refused: readonly Refused[];
}

interface Rule extends Pick<Promised, "statement" | "keeps" | "needs" | "trainable"> {
  readonly floats: (epsilon: number) => number;
}

const starts = "pairwise independent circular starts, 4-wise independent signs";

function rulesFor({
  rows,
  dim,
  delta,
  queries,
  rank,
  stableRank,
}: Required<Omit<Wanted, "epsilon" | "memory">>): Rule[] {
  const entries = rows * dim;
  const rule = (
    statement: string,
    keeps: string,
    needs: string,
    trainable: boolean,
    floats: Rule["floats"],
  ) => ({
    statement,
    keeps,
    needs,
    trainable,
    floats,
  });
  return [
    rule("R3", "the norm of any one vector of weights", starts, true, (e) => normMemory(e, delta)),
    rule("R4", "any one inner product, within ε‖x‖‖y‖", starts, true, (e) => innerProductMemory(e, delta)),
    rule("R5", `${queries.toLocaleString("en-US")} read-outs at once`, starts, true, (e) =>
      readOutsMemory(queries, e, delta),
    ),
    rule(
      "R7",
      `the spectrum, rank ${rank}: every ‖Ev‖`,
      `${starts}; whole rows`,
      true,
      (e) => dim * Math.ceil(spectrumMemory(rank, e, delta)),
    ),
    rule(
      "R8",
      `the Gram matrix, stable rank ${stableRank}, within εσ₁²`,
      `${starts}; whole rows`,
      true,
      (e) => dim * Math.ceil(gramMemory(stableRank, e, delta)),
    ),
    rule(
      "R9",
      "every entry, within ε‖column‖",
      "independent ±1 codes; a row reads all of memory",
      true,
      (e) => dim * denseCodesMemory(entries, e, delta),
    ),
    rule("R10", "every entry, within ε‖column‖", "t independent signed row hashes, a median", false, (e) => {
      const { t, w } = sparseCodesSize(entries, e, delta);
      return dim * t * w;
    }),
    rule(
      "R11",
      "all distances between rows",
      "an independent ±1 matrix; each row is kept",
      false,
      (e) => rows * distancesMemory(rows, e, delta),
    ),
  ];
}

/** What is asked for most, and cannot be had. */
const refused: readonly Refused[] = [
  {
    what: "relative accuracy of single entries",
    why: "one entry is read with the variance (‖θ‖² − ‖θ_B‖²)/m of all the others (R6): it is kept only where it is as large as they are together",
  },
  {
    what: "a generic table in norm, ‖θ̂ − θ‖ ≤ ε‖θ‖",
    why: "the best memory of m floats leaves about 1 − m/N of its square (R12)",
  },
];

/**
 * From a wanted accuracy to a memory size, by every statement that applies; or from a memory to the accuracy that each
 * gives. Sizes are what suffices by proof; measured errors are often several times smaller.
 */
export function plan(wanted: Wanted): Plan {
  const { rows, dim, delta, epsilon, memory, queries = 1000 } = wanted;
  integer("Rows", rows, 1);
  integer("Embedding dim", dim, 1);
  require(rows * dim <= Number.MAX_SAFE_INTEGER, () =>
    `${rows} rows of ${dim} floats are more than 2⁵³ weights, which this plan cannot count exactly.`);
  within("delta", delta);
  require((epsilon === undefined) !== (memory === undefined), () =>
    "A plan needs either epsilon, for a memory, or memory, for an epsilon.");
  if (epsilon !== undefined) within("epsilon", epsilon);
  if (memory !== undefined) integer("Memory", memory, 1);
  const rank = integer("Rank", wanted.rank ?? Math.min(rows, dim), 1, Math.min(rows, dim));
  const stableRank = finite("Stable rank", wanted.stableRank ?? rank, 1, rank);
  integer("Queries", queries, 1);
  const table = rows * dim;
  const promised = rulesFor({ rows, dim, delta, queries, rank, stableRank }).flatMap((rule): Promised[] => {
    const reached = epsilon ?? epsilonFor(rule, memory!);
    if (reached === undefined) return [];
    const floats = Math.ceil(rule.floats(reached));
    const { floats: _, ...said } = rule;
    return [{ ...said, epsilon: reached, floats, bytes: 4 * floats, compression: table / floats }];
  });
  return {
    memory: memory ?? Math.ceil(innerProductMemory(epsilon!, delta)),
    tableFloats: table,
    promised,
    refused,
  };
}

function within(name: string, value: number): void {
  require(value > 0 && value < 1, () => `${name} must be above 0 and below 1, but it is ${value}.`);
}

/** The smallest ε below 1 that a memory is enough for; undefined where none is. Sizes fall as ε grows. */
function epsilonFor({ floats }: Rule, memory: number): number | undefined {
  let [low, high] = [0, 1 - 1e-9];
  if (floats(high) > memory) return undefined;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (floats(middle) > memory) low = middle;
    else high = middle;
  }
  return high;
}
