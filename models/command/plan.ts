import { require } from "../../core/errors.ts";
import { type Plan, type Promised, plan } from "../../theory/plan.ts";
import { bytes, commandLine, count, number, type Verb, whole } from "./verb.ts";

/** `pss-dlrm plan` */
export const planVerb: Verb = {
  name: "plan",
  summary: "from a wanted accuracy to a memory size, and back",
  options: {
    rows: { type: "string" },
    dim: { type: "string" },
    epsilon: { type: "string" },
    delta: { type: "string" },
    memory: { type: "string" },
    queries: { type: "string" },
    rank: { type: "string" },
    "stable-rank": { type: "string" },
  },
  help: `pss-dlrm plan --rows N --dim D --epsilon E [flags]

  How many floats of memory suffice, by proof, to keep this or that of a table
  of N rows of D floats within (1 ± E), except with probability --delta.
  With --memory M in place of --epsilon: which E each statement gives for M.

  --delta 0.01        --queries S      read-outs that must be right at once
  --rank R            of the table; default: as large as it can be
  --stable-rank SR    ‖E‖²/σ₁², if known
  --json              one JSON object`,
  async run(flags) {
    const [rows, dim] = [whole(flags, "rows", 1), whole(flags, "dim", 1)];
    require(rows !== undefined && dim !== undefined, () =>
      "plan needs the size of the table: --rows N --dim D.");
    const [epsilon, memory] = [number(flags, "epsilon"), number(flags, "memory")];
    const [queries, rank, stableRank] = [
      whole(flags, "queries", 1),
      whole(flags, "rank", 1),
      number(flags, "stable-rank"),
    ];
    const found = plan({
      rows,
      dim,
      delta: number(flags, "delta") ?? 0.01,
      ...(epsilon !== undefined && { epsilon }),
      ...(memory !== undefined && { memory }),
      ...(queries !== undefined && { queries }),
      ...(rank !== undefined && { rank }),
      ...(stableRank !== undefined && { stableRank }),
    });
    console.log(flags.json ? JSON.stringify(found) : describe(found));
    return 0;
  },
};

function describe({ tableFloats, promised, refused }: Plan): string {
  return [
    `the table itself: ${count(tableFloats)} floats, ${bytes(4 * tableFloats)}`,
    ...promised.map(lineOf),
    "",
    ...refused.map(({ what, why }) => `refused: ${what}: ${why}.`),
    "Sizes suffice by proof; what is measured is often several times better. pss-dlrm prove tries to refute each.",
    `repeat: ${commandLine(process.argv.slice(2))}`,
  ].join("\n");
}

function lineOf({ statement, keeps, needs, trainable, epsilon, floats, compression }: Promised): string {
  const ratio = compression >= 1 ? `${ratioOf(compression)}× smaller` : "larger than the table";
  return [
    `${statement.padEnd(4)}${keeps}: ε = ${Number(epsilon.toPrecision(3))} from ${count(floats)} floats, ${bytes(4 * floats)} (${ratio})`,
    `    needs ${needs}${trainable ? "" : "; a way to read a table, no layer to train"}`,
  ].join("\n");
}

const ratioOf = (x: number): string => Number(x.toPrecision(3)).toLocaleString("en-US");
