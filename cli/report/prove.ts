import { counted, roundedUp } from "../../core/format.ts";
import { short } from "../../core/numeric/number.ts";
import type { Curves } from "../../proofs-tests/experiments/prove/curves.ts";
import type { Verdict } from "../../proofs-tests/experiments/prove/prove.ts";
import { theorems } from "../../theory/index.ts";
import { escapeHtml, facts, figure, page, section, tableOf } from "./page.ts";
import { seenAndPredicted, seenPlot } from "./prove-plots.ts";

/** A run of `prove`, with all that it takes to do it again. */
export interface Proof {
  readonly verdicts: readonly Verdict[];
  readonly familyWiseErrorRate: number;
  readonly repeat: string;
  readonly curves: Curves;
  readonly machine: string;
}

/** The run as a page: every verdict, and three pictures of how sketches err. */
export function reportOf(proof: Proof): string {
  const { verdicts, familyWiseErrorRate, repeat, machine, curves } = proof;
  const refuted = verdicts.filter(({ notRejected }) => !notRejected).length;
  return page({
    title: "The theory of parameter sharing, tried",
    headline: `${verdicts.length - refuted} of ${counted(verdicts.length, "check")} not rejected${refuted > 0 ? `; ${refuted} refuted` : ""}. A run rejects something true with probability below ${roundedUp(familyWiseErrorRate)}.`,
    sections: [
      section("Verdicts", summary(verdicts)),
      ...pictures(curves),
      ...theorems.map(({ id }) => verdictsOf(id, verdicts)),
      section(
        "How this was made",
        facts({
          Command: `<code>${escapeHtml(repeat)}</code>`,
          Machine: escapeHtml(machine),
          Theorems:
            "Reconstructed from first principles and proved in the source; the paper (Desai &amp; Shrivastava, NeurIPS 2022) is cited for the claim, not for these.",
        }),
      ),
    ],
    data: { id: "proof", value: proof },
  });
}

/** A line a theorem. */
function summary(verdicts: readonly Verdict[]): string {
  const rows = theorems.flatMap(({ id, name, says }) => {
    const own = verdicts.filter((v) => v.theorem === id);
    if (own.length === 0) return [];
    const refuted = own.filter(({ notRejected }) => !notRejected).length;
    const draws = own.reduce((sum, v) => sum + v.draws, 0);
    return [
      [
        `${id} ${escapeHtml(name)}<small>${escapeHtml(says)}</small>`,
        refuted === 0 ? "not rejected" : `<strong>${refuted} refuted</strong>`,
        String(own.length),
        draws.toLocaleString("en-US"),
      ],
    ];
  });
  return tableOf(["Theorem", "Verdict", "Verdicts", "Draws"], rows);
}

/** The pictures under the table. Long: three figures, as data. */
function pictures({ rows, dim, memory, draws, scheme, backend, tail, byBlock, byMemory, slope }: Curves) {
  const setting = `${rows} rows of ${dim}, heavy ones first; ${scheme} on ${backend}; ${draws.toLocaleString("en-US")} draws of the hashes a point. Intervals miss once in a thousand.`;
  const legend = seenAndPredicted;
  return [
    figure(
      "How the error is spread, and its bound",
      (frame) =>
        seenPlot(
          tail,
          {
            about: "Probability that an inner product errs by more than epsilon, and its bound",
            x: "ε",
            y: "P(|⟨Rx, Ry⟩ − ⟨x, y⟩| > ε‖x‖‖y‖)",
            logY: true,
          },
          frame,
        ),
      {
        legend: [legend[0]!, "bound (R4, Chebyshev)"],
        caption: `m = ${memory}, Z = ${dim}. The bound holds, and is loose: this is why moments are checked too. ${setting}`,
      },
    ),
    figure(
      "Variance against block length Z",
      (frame) =>
        seenPlot(
          byBlock,
          {
            about: "Variance of an inner product's error against block length",
            x: "Z",
            y: "variance of ⟨Rx, Ry⟩ / ‖x‖²‖y‖²",
            logX: true,
          },
          frame,
        ),
      {
        legend,
        caption: `m = ${memory}. Weights of one block never meet, so V_Z falls with Z (R2). ${setting}`,
      },
    ),
    figure(
      "Error against memory m",
      (frame) =>
        seenPlot(
          byMemory,
          {
            about: "Root mean square error of an inner product against memory, on logarithmic axes",
            x: "m, slots",
            y: "root mean square error / ‖x‖‖y‖",
            logX: true,
            logY: true,
          },
          frame,
        ),
      {
        legend,
        caption: `Z = ${dim}. Slope of the measured points ${slope.toFixed(3).replace("-", "−")}; predicted −1/2 (R2). ${setting}`,
      },
    ),
  ];
}

function verdictsOf(id: string, verdicts: readonly Verdict[]): string {
  const { name, says, checks } = theorems.find((s) => s.id === id)!;
  const rows = checks.flatMap((check) =>
    verdicts
      .filter((v) => v.theorem === id && v.check === check.name)
      .map(({ scheme, backend, finding, notRejected }) => [
        `${escapeHtml(check.name)}<small>${escapeHtml((check.needs ?? []).join(", "))}</small>`,
        escapeHtml(scheme),
        escapeHtml(backend),
        `${finding.what} ${withMinus(finding.observed)}`,
        withMinus(finding.predicted),
        finding.interval ? finding.interval.map(withMinus).join(" … ") : "exact",
        notRejected ? "not rejected" : "<strong>refuted</strong>",
      ]),
  );
  if (rows.length === 0) return "";
  const heads = [
    "Check, and hypotheses",
    "Scheme",
    "Backend",
    "Observed",
    "Predicted",
    "Interval",
    "Verdict",
  ];
  return section(
    `${id} ${escapeHtml(name)}`,
    `<p>${escapeHtml(says)}</p>\n${tableOf(heads, rows, "Of all instances tried, the one that came closest to refuting it.")}`,
  );
}

const withMinus = (x: number): string => short(x).replace("-", "−");
