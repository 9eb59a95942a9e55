import { require } from "../core/errors.ts";
import { bytes, count, grouped } from "../core/format.ts";
import { short } from "../core/numeric/number.ts";
import { oneOf } from "../models/embeddings/embedding.ts";
import { type Checked, checkPlan } from "../proofs-tests/experiments/plan-check/check.ts";
import { keepable, type Plan, type Promised, plan } from "../theory/plan.ts";
import { commandLine, type Flags, names, number, type Verb, whole } from "./flags.ts";

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
    keep: { type: "string" },
    check: { type: "boolean" },
    draws: { type: "string" },
    seed: { type: "string" },
  },
  help: `pss-dlrm plan --rows N --dim D --epsilon E [flags]

  How many floats of memory suffice, by proof, to keep this or that of a table
  of N rows of D floats within (1 ± E), except with probability --delta.
  With --memory M in place of --epsilon: which E each statement gives for M.

  --keep A,B          of ${keepable.slice(0, 5).join(", ")},
                      ${keepable.slice(5).join(", ")}.
                      Default: all; what cannot be kept is refused, with why
  --delta 0.01        --queries S      read-outs that must be right at once
  --rank R            of the table; default: as large as it can be
  --stable-rank SR    ‖E‖²/σ₁², if known
  --check             measure each promise on drawn tables of this size, with
                      --draws 20 of the hashes, --seed 0; exit code 1 if broken
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
    const keep = names(flags, "keep").map((name) => oneOf("thing to keep", name, keepable, "norm"));
    const wanted = {
      rows,
      dim,
      delta: number(flags, "delta") ?? 0.01,
      ...(epsilon !== undefined && { epsilon }),
      ...(memory !== undefined && { memory }),
      ...(queries !== undefined && { queries }),
      ...(rank !== undefined && { rank }),
      ...(stableRank !== undefined && { stableRank }),
      ...(keep.length > 0 && { keep }),
    };
    const found = plan(wanted);
    const options = { draws: whole(flags, "draws", 1) ?? 20, seed: whole(flags, "seed", 0) ?? 0 };
    const checks = flags.check ? checkPlan(wanted, found, options) : undefined;
    if (!flags.json) console.log(describe(found));
    const checked = checks && (await shown(checks, flags));
    if (flags.json) console.log(JSON.stringify({ ...found, ...(checked && { checked }) }));
    else console.log(`repeat: ${commandLine(process.argv.slice(2))}`);
    const isRefused = keep.length > 0 && found.refused.length > 0;
    return isRefused || checked?.some(({ holds }) => holds === false) ? 1 : 0;
  },
};

/** Every promise measured, printed as it comes. */
async function shown(checks: AsyncIterable<Checked>, flags: Flags): Promise<Checked[]> {
  const all: Checked[] = [];
  for await (const checked of checks) {
    if (!flags.json) {
      if (all.at(-1)?.table !== checked.table) console.log(`\nmeasured on a table: ${checked.table}`);
      console.log(checkedLine(checked));
    }
    all.push(checked);
  }
  return all;
}

function checkedLine({ statement, epsilon, skipped, median, largest, above, draws, holds }: Checked): string {
  const name = `  ${statement.padEnd(4)}`;
  if (skipped !== undefined) return `${name}not measured: ${skipped}`;
  return `${name}${holds ? "holds  " : "REFUTED"} error ${short(median!, 3)} in the middle, ${short(largest!, 3)} at most; above ε = ${short(epsilon, 3)} in ${above} of ${draws} draws`;
}

function describe({ tableFloats, promised, refused }: Plan): string {
  return [
    `the table itself: ${count(tableFloats)} floats, ${bytes(4 * tableFloats)}`,
    ...promised.map(lineOf),
    "",
    ...refused.map(({ what, why }) => `refused: ${what}: ${why}.`),
    "Sizes suffice by proof; what is measured is often several times better. pss-dlrm prove tries to refute each.",
  ].join("\n");
}

function lineOf({ statement, keeps, needs, trainable, epsilon, floats, compression }: Promised): string {
  const ratio = compression >= 1 ? `${grouped(compression, 3)}× smaller` : "larger than the table";
  return [
    `${statement.padEnd(4)}${keeps}: ε = ${short(epsilon, 3)} from ${count(floats)} floats, ${bytes(4 * floats)} (${ratio})`,
    `    needs ${needs}${trainable ? "" : "; a way to read a table, no layer to train"}`,
  ].join("\n");
}
