import { escapeHtml, facts, figure, mark, page, section, tableOf } from "../../cli/report/page.ts";
import { check } from "../../core/errors.ts";
import { writeWhole } from "../../core/file.ts";
import { lossPlot, qualityPlot, type Run } from "./plots.ts";

/** Models trained on the same rows, and all that it takes to do it again. */
export interface Study {
  title: string;
  /** Which rows, in words. */
  data: string;
  machine: string;
  command: string;
  seed: number;
  versions: Record<string, string>;
  runs: readonly Run[];
}

/**
 * Writes the study to `path` as one HTML file that needs nothing else: no script, font or picture from outside. It is
 * written aside and renamed, so a reader never meets half a page. The numbers are embedded as JSON (`#study`).
 * Throws an InputError if no model was trained.
 */
export async function writeReport(path: string, study: Study): Promise<void> {
  check(
    study.runs.length > 0,
    () => `A report compares trained models, but "${study.title}" has none; train one first.`,
  );
  await writeWhole(path, pageOf(study));
}

/** The study as a page. */
export function pageOf(study: Study): string {
  const { runs } = study;
  return page({
    title: study.title,
    headline: headline(runs),
    sections: [
      table(runs),
      figure("Quality against memory", (frame) => qualityPlot(runs, frame), {
        legend: legendOf(runs),
        narrowLegend: true,
        caption: bandCaption(runs),
      }),
      figure("Learning curves", (frame) => lossPlot(runs, frame), {
        legend: legendOf(runs),
        caption: curveCaption(runs),
      }),
      provenance(study),
    ],
    data: { id: "study", value: study },
  });
}

const legendOf = (runs: readonly Run[]): string[] => runs.map(({ name }) => name);

/** The claim the numbers bear, and no more: the smallest model whose AUC is not shown to be lower. */
function headline(runs: readonly Run[]): string {
  const best = runs.toSorted((a, b) => b.auc.value - a.auc.value)[0]!;
  const compressed = runs.filter((run) => run.compression > 1 && run.difference);
  if (compressed.length === 0) return `${best.name} reaches an AUC of ${inWords(best.auc, fixed)}.`;
  const smallestFirst = compressed.toSorted((a, b) => b.compression - a.compression);
  const kept = smallestFirst.find((run) => run.difference!.interval[1] >= 0);
  if (kept) {
    const verdict = kept.difference!.interval[0] > 0 ? "scores above" : "cannot be told from";
    return `At ${times(kept.compression)} compression, ${kept.name} ${verdict} the full tables on these rows: AUC difference ${inWords(kept.difference!, signed)}.`;
  }
  const nearest = compressed.toSorted((a, b) => b.difference!.value - a.difference!.value)[0]!;
  return `Every compressed model loses AUC on these rows; ${nearest.name} loses least: difference ${inWords(nearest.difference!, signed)}.`;
}

function table(runs: readonly Run[]): string {
  const rows = runs.map((run, i) => {
    const cells = [
      times(run.compression),
      whole(run.embeddingFloats),
      whole(run.modelFloats),
      stacked(run.auc, fixed),
      run.difference ? stacked(run.difference, signed) : "—",
      fixed(run.logLoss),
      whole(run.rowsPerSecond),
      duration(run.seconds),
    ];
    return [`${mark(i)} ${escapeHtml(run.name)}`, ...cells];
  });
  const heads = [
    "Model",
    "Compression",
    "Embedding floats",
    "All floats",
    "AUC",
    "AUC − full",
    "Log loss",
    "Rows/s",
    "Time",
  ];
  return section(
    "Summary",
    tableOf(
      heads,
      rows,
      "Below each AUC and difference: its 95 % interval (DeLong; the difference is paired, on the same rows). Rows/s and time are of training.",
    ),
  );
}

const bandCaption = (runs: readonly Run[]) =>
  runs.some((run) => run.compression === 1)
    ? "Dashed line and band: the full tables' AUC and its 95 % interval. Models of equal memory stand side by side. The intervals shown are each model's own; the paired difference in the table is sharper."
    : "Bars: 95 % intervals. Models of equal memory stand side by side.";

const curveCaption = (runs: readonly Run[]) =>
  `${
    runs.some((run) => run.validation?.length)
      ? "Thick, with marks: log loss on validation rows. Thin: training loss"
      : "Training loss"
  }, averaged over equal stretches of steps; the steep first steps may leave the frame.`;

const provenance = ({ data, machine, seed, command, versions }: Study): string =>
  section(
    "How this was made",
    facts({
      Data: escapeHtml(data),
      Machine: escapeHtml(machine),
      Seed: String(seed),
      Command: `<code>${escapeHtml(command)}</code>`,
      Versions: escapeHtml(
        Object.entries(versions)
          .map((pair) => pair.join(" "))
          .join(", "),
      ),
    }),
  );

const minus = (text: string) => text.replaceAll("-", "−");
const fixed = (x: number) => minus(x.toFixed(4));
const signed = (x: number) => (x > 0 ? "+" : "") + fixed(x);
const whole = (x: number) => Math.round(x).toLocaleString("en-US");
const times = (x: number) => `${x.toLocaleString("en-US", { maximumSignificantDigits: 3 })}×`;
const duration = (seconds: number) =>
  seconds < 100 ? `${seconds.toPrecision(2)} s` : `${whole(seconds / 60)} min`;

interface Measured {
  value: number;
  interval: readonly [number, number];
}
const span = ([low, high]: Measured["interval"], show: (x: number) => string) =>
  `${show(low)} to ${show(high)}`;
const inWords = (x: Measured, show: (x: number) => string) =>
  `${show(x.value)} (95 % interval ${span(x.interval, show)})`;
const stacked = (x: Measured, show: (x: number) => string) =>
  `${show(x.value)}<small>${span(x.interval, show)}</small>`;
