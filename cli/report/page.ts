import { type Frame, look, type Palette, palettes } from "./plot.ts";

/** A page that needs nothing else: no script, font or picture from outside. */
export interface Page {
  readonly title: string;
  /** The one sentence that the numbers bear. */
  readonly headline: string;
  /** {@link section}s and {@link figure}s, as HTML. */
  readonly sections: readonly string[];
  /** Every number of the page, which is in its source as JSON under this id. */
  readonly data: { readonly id: string; readonly value: unknown };
}

export function page({ title, headline, sections, data }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<h1>${escapeHtml(title)}</h1>
<p class="headline">${escapeHtml(headline)}</p>
</header>
${sections.join("\n")}
<p class="note">Every number here, the curves' too, is in this page's source as JSON: <code>script#${data.id}</code>.</p>
</main>
<script type="application/json" id="${data.id}">${JSON.stringify(data.value).replaceAll("<", "\\u003c")}</script>
</body>
</html>
`;
}

export function section(heading: string, body: string): string {
  const id = idOf(heading);
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${heading}</h2>
${body}
</section>`;
}

/** A cell of words, which are broken into lines where one of numbers is not. */
export const words = (html: string): string => `<span class="words">${html}</span>`;

/** A table of HTML cells; the first of each row is its name. */
export function tableOf(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  note?: string,
): string {
  const lines = rows.map(
    ([name, ...cells]) =>
      `<tr><th scope="row">${name}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`,
  );
  return `<div class="scroll" role="region" aria-label="${heads[0]}" tabindex="0">
<table>
<thead><tr>${heads.map((head) => `<th scope="col">${head}</th>`).join("")}</tr></thead>
<tbody>
${lines.join("\n")}
</tbody>
</table>
</div>${note === undefined ? "" : `\n<p class="note">${note}</p>`}`;
}

/** A plot drawn twice, for wide and for narrow windows: one size would be too small to read on a telephone. */
export function figure(
  heading: string,
  plot: (frame: Frame) => string,
  about: { readonly legend?: readonly string[]; readonly narrowLegend?: boolean; readonly caption: string },
): string {
  const { legend = [], narrowLegend = false, caption } = about;
  const names = legend.map((name, i) => `<li>${mark(i)} ${escapeHtml(name)}</li>`).join("");
  return `<figure>
<h2>${heading}</h2>
${legend.length === 0 ? "" : `<ul class="legend${narrowLegend ? " narrow" : ""}">${names}</ul>`}
<div class="wide">${plot({ width: 928, height: 440, palette: variables })}</div>
<div class="narrow">${plot({ width: 368, height: 340, palette: variables })}</div>
<figcaption class="note">${caption}</figcaption>
</figure>`;
}

/** Names and facts, as HTML. */
export const facts = (named: Readonly<Record<string, string>>): string =>
  `<dl>${Object.entries(named)
    .map(([name, fact]) => `<div><dt>${name}</dt><dd>${fact}</dd></div>`)
    .join("")}</dl>`;

/** The mark of series number `index`, as it is in the plots. */
export function mark(index: number): string {
  const { color, glyph } = look(index, variables);
  return `<span class="mark" style="color:${color}" aria-hidden="true">${glyph}</span>`;
}

const idOf = (heading: string): string => heading.toLowerCase().replaceAll(/[^a-z]+/g, "-");

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
export const escapeHtml = (text: string) => text.replace(/[&<>"]/g, (c) => entities[c]!);

/** The page's colors are variables, so that one drawing serves light and dark. */
const variables: Palette = {
  ink: "var(--ink)",
  muted: "var(--muted)",
  grid: "var(--grid)",
  surface: "var(--surface)",
  series: palettes.light.series.map((_, i) => `var(--series-${i})`),
};

const declare = ({ series, ...names }: Palette) =>
  [...Object.entries(names), ...series.map((color, i) => [`series-${i}`, color])]
    .map(([name, color]) => `--${name}:${color};`)
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
td { white-space: nowrap; }
th:has(.words), td:has(.words) { text-align: left; white-space: normal; overflow-wrap: anywhere; }
small { display: block; color: var(--muted); font-size: .9em; font-weight: 400; }
tbody th { white-space: normal; min-width: 12rem; overflow-wrap: anywhere; }
.mark { display: inline-block; width: 1.1em; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; list-style: none; margin: 0 0 .4rem; padding: 0;
  font-size: .875rem; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; }
svg [aria-label="y-grid"] { color: var(--grid); stroke-opacity: 1; }
.narrow, .legend.narrow { display: none; }
dl { margin: 0; }
dl div { display: grid; grid-template-columns: 7rem 1fr; padding: .4rem 0; border-bottom: 1px solid var(--grid); }
dd { margin: 0; overflow-wrap: anywhere; }
pre { font: .8125rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; margin: 0; }
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
