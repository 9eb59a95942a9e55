import { check, finite, integer } from "../core/errors.ts";
import { bisected } from "../core/numeric/bisection.ts";
import { normMemory } from "./theorems/r03-norm.ts";
import { innerProductMemory } from "./theorems/r04-inner-product.ts";
import { linearQueriesMemory } from "./theorems/r05-linear-queries.ts";
import { subspaceEmbeddingMemory } from "./theorems/r07-subspace-embedding.ts";
import { gramMemory } from "./theorems/r08-gram.ts";
import { denseCodesMemory } from "./theorems/r09-dense-codes.ts";
import { sparseCodesSize } from "./theorems/r10-sparse-codes.ts";
import { distancesMemory } from "./theorems/r11-distances.ts";

/** What can be asked to be kept of a table. The last two are refused. */
export const keepable = [
  "norm",
  "inner-product",
  "linear-queries",
  "subspace",
  "gram",
  "entries",
  "distances",
  "relative-entries",
  "table",
] as const;
/** What a plan can be asked to keep of a table. */
export type Keepable = (typeof keepable)[number];

/** What is to be kept of a table, and how well. */
export interface Wanted {
  /** n, rows of all tables. */
  readonly rows: number;
  /** d, floats a row. */
  readonly dim: number;
  /** What is to be kept; default: whatever can be. */
  readonly keep?: readonly Keepable[];
  /** ε of (1 ± ε). Give it, or `memory`. */
  readonly epsilon?: number;
  /** δ: the probability that it fails. */
  readonly delta: number;
  /** Floats of memory at hand: the plan then says which ε each theorem gives for it. */
  readonly memorySize?: number;
  /** S, linear queries that must be right at once. Default 1000. */
  readonly queries?: number;
  /** r, the rank of the table. Default: full, min(n, d). */
  readonly rank?: number;
  /** ‖E‖_F²/σ₁², if it is known. Default: the rank, which it never exceeds. */
  readonly stableRank?: number;
}

/** What one theorem promises, and for how many floats. */
export interface Promised {
  /** R3, … */
  readonly theorem: string;
  readonly kind: Keepable;
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
  readonly kind: Keepable;
  readonly what: string;
  readonly why: string;
}

/** What {@link plan} returns: promises with their sizes in floats, and what no small memory can promise. */
export interface Plan {
  /** Floats for one norm or inner product at a time (R3, R4): what a sharing scheme is usually given. */
  readonly memorySize: number;
  readonly tableFloats: number;
  readonly promised: readonly Promised[];
  readonly refused: readonly Refused[];
}

/** What a rule needs to know of a plan. */
type Asked = Required<Omit<Wanted, "epsilon" | "memorySize" | "keep">>;

interface Rule extends Pick<Promised, "theorem" | "kind" | "needs" | "trainable"> {
  readonly keeps: (asked: Asked) => string;
  readonly floats: (asked: Asked, epsilon: number) => number;
}

const starts = "pairwise independent circular starts, 4-wise independent signs";

/** Every theorem that can be solved for the memory. */
const rules: readonly Rule[] = [
  {
    theorem: "R3",
    kind: "norm",
    keeps: () => "the norm of any one vector of weights",
    needs: starts,
    trainable: true,
    floats: ({ delta }, e) => normMemory(e, delta),
  },
  {
    theorem: "R4",
    kind: "inner-product",
    keeps: () => "any one inner product, within ε‖x‖‖y‖",
    needs: starts,
    trainable: true,
    floats: ({ delta }, e) => innerProductMemory(e, delta),
  },
  {
    theorem: "R5",
    kind: "linear-queries",
    keeps: ({ queries }) => `${queries.toLocaleString("en-US")} linear queries at once`,
    needs: starts,
    trainable: true,
    floats: ({ queries, delta }, e) => linearQueriesMemory(queries, e, delta),
  },
  {
    theorem: "R7",
    kind: "subspace",
    keeps: ({ rank }) => `a subspace embedding, rank ${rank}: every ‖Ev‖`,
    needs: `${starts}; whole rows`,
    trainable: true,
    floats: ({ dim, rank, delta }, e) => dim * Math.ceil(subspaceEmbeddingMemory(rank, e, delta)),
  },
  {
    theorem: "R8",
    kind: "gram",
    keeps: ({ stableRank }) => `the Gram matrix, stable rank ${stableRank}, within εσ₁²`,
    needs: `${starts}; whole rows`,
    trainable: true,
    floats: ({ dim, stableRank, delta }, e) => dim * Math.ceil(gramMemory(stableRank, e, delta)),
  },
  {
    theorem: "R9",
    kind: "entries",
    keeps: () => "every entry, within ε‖column‖",
    needs: "independent ±1 codes; a row reads all of memory",
    trainable: true,
    floats: ({ rows, dim, delta }, e) => dim * denseCodesMemory(rows * dim, e, delta),
  },
  {
    theorem: "R10",
    kind: "entries",
    keeps: () => "every entry, within ε‖column‖",
    needs: "t independent signed row hashes, a median",
    trainable: false,
    floats({ rows, dim, delta }, e) {
      const { t, w } = sparseCodesSize(rows * dim, e, delta);
      return dim * t * w;
    },
  },
  {
    theorem: "R11",
    kind: "distances",
    keeps: () => "all distances between rows",
    needs: "an independent ±1 matrix; each row is kept",
    trainable: false,
    floats: ({ rows, delta }, e) => rows * distancesMemory(rows, e, delta),
  },
];

/** What is asked for most, and cannot be had. */
const refused: readonly Refused[] = [
  {
    kind: "relative-entries",
    what: "relative accuracy of single entries",
    why: "one entry is read with the variance (‖θ‖² − ‖θ_B‖²)/m of all the others (R6): it is kept only where it is as large as they are together",
  },
  {
    kind: "table",
    what: "a generic table in norm, ‖θ̂ − θ‖ ≤ ε‖θ‖",
    why: "the best memory of m floats leaves about 1 − m/N of its square (R12)",
  },
];

/**
 * From a wanted accuracy to a memory size, by every theorem that applies; or from a memory to the accuracy that each
 * gives. Sizes are what suffices by proof; measured errors are often several times smaller.
 */
export function plan(wanted: Wanted): Plan {
  const { rows, dim, delta, epsilon, memorySize, queries = 1000, keep = keepable } = wanted;
  integer("Rows", rows, 1);
  integer("Embedding dim", dim, 1);
  check(
    rows * dim <= Number.MAX_SAFE_INTEGER,
    () => `${rows} rows of ${dim} floats are more than 2⁵³ weights, which this plan cannot count exactly.`,
  );
  within("delta", delta);
  check(
    (epsilon === undefined) !== (memorySize === undefined),
    () => "A plan needs either epsilon, for a memory, or memory, for an epsilon.",
  );
  if (epsilon !== undefined) within("epsilon", epsilon);
  if (memorySize !== undefined) integer("Memory", memorySize, 1);
  const rank = integer("Rank", wanted.rank ?? Math.min(rows, dim), 1, Math.min(rows, dim));
  const stableRank = finite("Stable rank", wanted.stableRank ?? rank, 1, rank);
  integer("Queries", queries, 1);
  const table = rows * dim;
  const asked: Asked = { rows, dim, delta, queries, rank, stableRank };
  const promised = rules.flatMap((rule): Promised[] => {
    const reached = epsilon ?? epsilonFor(rule, asked, memorySize!);
    if (reached === undefined || !keep.includes(rule.kind)) return [];
    const floats = Math.ceil(rule.floats(asked, reached));
    const size = { epsilon: reached, floats, bytes: 4 * floats, compression: table / floats };
    return [{ ...rule, keeps: rule.keeps(asked), ...size }];
  });
  return {
    memorySize: memorySize ?? Math.ceil(innerProductMemory(epsilon!, delta)),
    tableFloats: table,
    promised,
    refused: refused.filter(({ kind }) => keep.includes(kind)),
  };
}

function within(name: string, value: number): void {
  check(value > 0 && value < 1, () => `${name} must be above 0 and below 1, but it is ${value}.`);
}

/** The smallest ε below 1 that a memory is enough for; undefined where none is. Sizes fall as ε grows. */
function epsilonFor({ floats }: Rule, asked: Asked, memory: number): number | undefined {
  const most = 1 - 1e-9;
  if (floats(asked, most) > memory) return undefined;
  const [, enough] = bisected(0, most, 2 ** -60, (epsilon) => floats(asked, epsilon) > memory);
  return enough;
}
