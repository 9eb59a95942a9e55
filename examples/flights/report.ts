import { require } from "../../core/errors.ts";
import { writeWhole } from "../../models/file.ts";
import { look, lossPlot, type Palette, palettes, qualityPlot, type Run } from "./plots.ts";

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
  require(study.runs.length > 0, () =>
    `A report compares trained models, but "${study.title}" has none; train one first.`);
  await writeWhole(path, page(study));
}

function page(study: Study): string {
  const { runs } = study;
  const title = escapeHtml(study.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<p class="headline">${escapeHtml(headline(runs))}</p>
</header>
${table(runs)}
${figure("Quality against memory", qualityPlot, runs, "legend narrow", bandCaption(runs))}
${figure("Learning curves", lossPlot, runs, "legend", curveCaption(runs))}
<section aria-labelledby="provenance">
<h2 id="provenance">How this was made</h2>
${provenance(study)}
</section>
</main>
<script type="application/json" id="study">${JSON.stringify(study).replaceAll("<", "\\u003c")}</script>
</body>
</html>
`;
}

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
    return `<tr><th scope="row">${mark(i)} ${escapeHtml(run.name)}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
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
  return `<section aria-labelledby="summary">
<h2 id="summary">Summary</h2>
<div class="scroll" role="region" aria-labelledby="summary" tabindex="0">
<table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>
</div>
<p class="note">Below each AUC and difference: its 95 % interval (DeLong; the difference is paired, on the same rows).
Rows/s and time are of training.</p>
</section>`;
}

/** A plot drawn twice, for wide and for narrow windows: one size would be too small to read on a telephone. */
function figure(
  heading: string,
  plot: typeof qualityPlot,
  runs: readonly Run[],
  legend: string,
  caption: string,
): string {
  const palette = variables;
  const names = runs.map((run, i) => `<li>${mark(i)} ${escapeHtml(run.name)}</li>`).join("");
  return `<figure>
<h2>${heading}</h2>
<ul class="${legend}">${names}</ul>
<div class="wide">${plot(runs, { width: 928, height: 440, palette })}</div>
<div class="narrow">${plot(runs, { width: 368, height: 340, palette })}</div>
<figcaption class="note">${caption}</figcaption>
</figure>`;
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

function provenance(study: Study): string {
  const facts: [string, string][] = [
    ["Data", escapeHtml(study.data)],
    ["Machine", escapeHtml(study.machine)],
    ["Seed", String(study.seed)],
    ["Command", `<code>${escapeHtml(study.command)}</code>`],
    [
      "Versions",
      escapeHtml(
        Object.entries(study.versions)
          .map((pair) => pair.join(" "))
          .join(", "),
      ),
    ],
  ];
  return `<dl>${facts.map(([name, fact]) => `<div><dt>${name}</dt><dd>${fact}</dd></div>`).join("")}</dl>
<p class="note">Every number here, the curves' too, is in this page's source as JSON: <code>script#study</code>.</p>`;
}

function mark(index: number): string {
  const { colour, glyph } = look(index, variables);
  return `<span class="mark" style="color:${colour}" aria-hidden="true">${glyph}</span>`;
}

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

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (c) => entities[c]!);

/** The page's colours are variables, so that one drawing serves light and dark. */
const variables: Palette = {
  ink: "var(--ink)",
  muted: "var(--muted)",
  grid: "var(--grid)",
  surface: "var(--surface)",
  series: palettes.light.series.map((_, i) => `var(--series-${i})`),
};

const declare = ({ series, ...names }: Palette) =>
  [...Object.entries(names), ...series.map((colour, i) => [`series-${i}`, colour])]
    .map(([name, colour]) => `--${name}:${colour};`)
    .join("");

const style = `
:root { color-scheme: light dark; ${declare(palettes.light)} }
@media (prefers-color-scheme: dark) { :root { ${declare(palettes.dark)} } }
@media print { :root { color-scheme: light; ${declare(palettes.light)} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--surface); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 976px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .6rem; text-wrap: balance; }
h2 { font-size: 1.2rem; margin: 0 0 .6rem; }
.headline { font-size: 1.15rem; margin: 0; padding-left: 1rem; border-left: 4px solid var(--series-0);
  text-wrap: pretty; }
section, figure { margin: 2.8rem 0 0; }
.note, dt { color: var(--muted); font-size: .875rem; }
.note { margin: .6rem 0 0; max-width: 46rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .8125rem; font-variant-numeric: tabular-nums; }
th, td { padding: .45rem .5rem; text-align: right; border-bottom: 1px solid var(--grid); vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; vertical-align: bottom; border-bottom-color: var(--muted); }
th:first-child { text-align: left; padding-left: 0; }
td, tbody th { white-space: nowrap; }
small { display: block; color: var(--muted); font-size: .9em; }
.mark { display: inline-block; width: 1.1em; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; margin: 0 0 .4rem; padding: 0;
  font-size: .875rem; }
svg { display: block; width: 100%; height: auto; }
svg [aria-label="y-grid"] { color: var(--grid); stroke-opacity: 1; }
.narrow, .legend.narrow { display: none; }
dl { margin: 0; }
dl div { display: grid; grid-template-columns: 7rem 1fr; padding: .4rem 0; border-bottom: 1px solid var(--grid); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: .875em ui-monospace, "DejaVu Sans Mono", monospace; }
@media screen and (max-width: 560px) {
  main { padding: 24px 16px 48px; }
  h1 { font-size: 1.5rem; }
  .wide { display: none; }
  .narrow { display: block; }
  .legend.narrow { display: flex; }
  thead th:first-child, tbody th { position: sticky; left: 0; background: var(--surface); }
  dl div { grid-template-columns: 1fr; }
}
@media print {
  main { max-width: none; padding: 0; }
  section, figure { margin-top: 1.4rem; }
  figure, section, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  table { font-size: 8pt; }
}`;
