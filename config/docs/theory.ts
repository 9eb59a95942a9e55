import { counted, roundedUp } from "../../core/format.ts";
import { short } from "../../core/numeric/number.ts";
import type { StableStep } from "../../proofs-tests/experiments/convergence/stable-step.ts";
import { type ConvergenceStudy, noTheorem } from "../../proofs-tests/experiments/convergence/study.ts";
import type { Verdict } from "../../proofs-tests/experiments/prove/prove.ts";
import { theorems } from "../../theory/index.ts";
import { table } from "./table.ts";

/** What `npx pss-dlrm prove --json` prints. */
export interface Proof {
  readonly verdicts: readonly Verdict[];
  readonly familyWiseErrorRate: number;
  readonly repeat: string;
}

/** What `npx pss-dlrm prove --convergence --json` prints. */
export interface Convergence extends ConvergenceStudy {
  readonly repeat: string;
  readonly machine: string;
}

/** Every theorem and its latest verdict. */
export function theoremsTable({ verdicts, familyWiseErrorRate, repeat }: Proof): string {
  const rows = theorems.map(({ id, name, says, checks }) => {
    const own = verdicts.filter(({ theorem }) => theorem === id);
    const unknown = checks.filter((check) => !own.some((v) => v.check === check.name));
    if (unknown.length > 0) return [id, name, says, "not tried since it changed"];
    const refuted = own.filter(({ notRejected }) => !notRejected);
    const draws = own.reduce((sum, v) => sum + v.draws, 0);
    return [
      id,
      name,
      says,
      `${refuted.length === 0 ? "not rejected" : "**refuted**"}: ${counted(own.length, "check")}, ${Math.round(draws).toLocaleString("en-US")} draws`,
    ];
  });
  const alarm = `P(the run rejects something true) < ${roundedUp(familyWiseErrorRate)}`;
  return `${table(["", "theorem", "what it says", "verdict"], rows)}\n\nBy \`${repeat}\`; ${alarm}.`;
}

/** What sharing does to training: predicted and measured, at the largest load of each; then iterations, by load. */
export function convergenceTable({
  quadratic,
  linear,
  interference,
  iterations,
  options,
  repeat,
  machine,
}: Convergence) {
  const three = (x: number) => short(x, 3);
  const stepRow = (what: string, { load, bound, predicted, measured }: StableStep) => [
    `largest stable step, ${what} (R16), load ${three(load)}`,
    `${three(predicted)}, at least ${three(bound)}`,
    three(measured),
  ];
  const [full, least] = [interference[0]!, interference.at(-1)!];
  const rows = [
    ...[quadratic[0]!, quadratic.at(-1)!].map((step) => stepRow("a quadratic", step)),
    ...[linear[0]!, linear.at(-1)!].map((step) => stepRow("a linear click model", step)),
    ...[full, least].map(({ memory, predicted, measured }) => [
      `change of a stranger's logit by a step (R17), ${memory} slots`,
      three(predicted),
      three(measured),
    ]),
    ...iterations.map(({ load, steps, ratio }) => [
      `iterations of a DLRM over the full table's, load ${load}`,
      "no theorem",
      `${ratio === null ? "not there" : three(ratio)} (steps: ${steps.map((s) => s ?? `> ${options.most}`).join(", ")})`,
    ]),
  ];
  return `${table(["what", "predicted", "measured"], rows)}\n\n${noTheorem} Measured by \`${repeat}\`; ${machine}.`;
}
