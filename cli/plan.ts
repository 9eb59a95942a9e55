import { check } from "../core/errors.ts";
import { bytes, count, counted, grouped } from "../core/format.ts";
import { short } from "../core/numeric/number.ts";
import { choiceOption, listOption, numberOption, switchOption, wholeOption } from "../core/options.ts";
import { type Checked, checkPlan } from "../proofs-tests/experiments/plan-check/check.ts";
import { keepable, type Plan, type Promised, plan } from "../theory/plan.ts";
import { commandLine, jsonFlag, verb } from "./flags.ts";
import { seedFlag } from "./model.ts";

const positive = (help: string, otherwise?: string) =>
  wholeOption({ from: 1, help, ...(otherwise !== undefined && { otherwise }) });

/** `pss-dlrm plan` */
export const planVerb = verb({
  name: "plan",
  about:
    "How many floats of memory suffice, by proof, to keep this or that of a table of N rows of D floats within (1 ± E), except with probability --delta. With --memory-size in place of --epsilon: which E each theorem gives for it.",
  flags: {
    rows: positive("of the table"),
    dim: positive("floats of a row"),
    epsilon: numberOption({ above: 0, below: 1, form: "E", help: "how far off what is kept may be" }),
    delta: numberOption({ above: 0, below: 1, default: 0.01, help: "how often it may be further off" }),
    memorySize: wholeOption({ from: 1, form: "FLOATS", help: "in place of --epsilon" }),
    queries: positive("linear queries that must be right at once"),
    rank: positive("of the table", "as large as it can be"),
    stableRank: numberOption({ above: 0, help: "‖E‖²/σ₁², if known" }),
    keep: listOption(choiceOption(keepable, { help: "" }), {
      form: "A,B",
      help: `of ${keepable.join(", ")}; what cannot be kept is refused, with why`,
      otherwise: "all",
    }),
    check: switchOption({
      help: "measures each promise on drawn tables of this size; exit code 1 if one is broken",
    }),
    draws: wholeOption({ from: 1, default: 20, help: "of the hashes, for --check" }),
    seed: seedFlag("of what --check draws"),
    json: jsonFlag,
  },
  async run({ json, check: isChecked, draws, seed, keep, rows, dim, ...asked }) {
    check(
      rows !== undefined && dim !== undefined,
      () => "plan needs the size of the table: --rows N --dim D.",
    );
    const known = Object.fromEntries(
      Object.entries({ ...asked, keep }).filter(([, value]) => value !== undefined),
    );
    const wanted = { rows, dim, delta: asked.delta, ...known };
    const found = plan(wanted);
    const checks = isChecked ? checkPlan(wanted, found, { draws, seed }) : undefined;
    if (!json) console.log(describe(found));
    const checked = checks && (await shown(checks, json === true));
    if (json) console.log(JSON.stringify({ ...found, ...(checked && { checked }) }));
    else console.log(`repeat: ${commandLine(process.argv.slice(2))}`);
    const isRefused = keep !== undefined && found.refused.length > 0;
    return isRefused || checked?.some(({ notRejected }) => notRejected === false) ? 1 : 0;
  },
});

/** Every promise measured, printed as it comes. */
async function shown(checks: AsyncIterable<Checked>, isSilent: boolean): Promise<Checked[]> {
  const all: Checked[] = [];
  for await (const checked of checks) {
    if (!isSilent) {
      if (all.at(-1)?.table !== checked.table) console.log(`\nmeasured on a table: ${checked.table}`);
      console.log(checkedLine(checked));
    }
    all.push(checked);
  }
  return all;
}

function checkedLine({
  theorem,
  epsilon,
  skipped,
  median,
  largest,
  above,
  draws,
  notRejected,
}: Checked): string {
  const name = `  ${theorem.padEnd(4)}`;
  if (skipped !== undefined) return `${name}not measured: ${skipped}`;
  return `${name}${notRejected ? "not rejected" : "REFUTED     "} error ${short(median!, 3)} in the middle, ${short(largest!, 3)} at most; above ε = ${short(epsilon, 3)} in ${above} of ${counted(draws!, "draw")}`;
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

function lineOf({ theorem, keeps, needs, trainable, epsilon, floats, compression }: Promised): string {
  const ratio = compression >= 1 ? `${grouped(compression, 3)}× smaller` : "larger than the table";
  return [
    `${theorem.padEnd(4)}${keeps}: ε = ${short(epsilon, 3)} from ${count(floats)} floats, ${bytes(4 * floats)} (${ratio})`,
    `    needs ${needs}${trainable ? "" : "; a way to read a table, no layer to train"}`,
  ].join("\n");
}
