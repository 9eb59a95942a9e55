import { escapeHtml } from "../../cli/report/page.ts";
import { palettes, standalone } from "../../cli/report/plot.ts";
import { picturesOf, plotOf } from "../../cli/report/tradeoff-plots.ts";
import type { SignalReport } from "../../cli/signal.ts";
import { count, percent } from "../../core/format.ts";
import { type Ends, predictedAuc } from "../../proofs-tests/experiments/tradeoff/predicted.ts";
import { floor, full } from "../../proofs-tests/experiments/tradeoff/protocol.ts";
import { scalingLaw } from "../../proofs-tests/experiments/tradeoff/scaling.ts";
import { type Study, summaryOf } from "../../proofs-tests/experiments/tradeoff/study.ts";
import type { Row, Summary } from "../../proofs-tests/experiments/tradeoff/summary.ts";
import { fixed, keptInWords, times } from "../../proofs-tests/experiments/tradeoff/words.ts";
import { table } from "./table.ts";

/** Studies of the same data and setting as one: of a method at a compression the row of the first that has it. */
export function joined(studies: readonly Study[]): Summary {
  const summaries = studies.map(summaryOf);
  const rows = new Map<string, Row>();
  for (const row of summaries.flatMap((summary) => summary.rows)) {
    const key = `${row.method}@${row.compression}`;
    if (!rows.has(key)) rows.set(key, row);
  }
  return { ...summaries[0]!, rows: [...rows.values()] };
}

/** What stands above a picture, and what it is of. */
interface Panel {
  readonly title: string;
  readonly summary: Summary;
  /** The methods that are drawn, and their names in the picture where these are others. */
  readonly methods: Readonly<Record<string, string | undefined>>;
}

const [width, height, titleHeight] = [720, 330, 30];

/** The share of the ids' signal that is kept, against memory: data sets below each other in one picture. */
export function keptPicture(panels: readonly Panel[]): string {
  const palette = palettes.light;
  let top = 0;
  const drawn = panels.map(({ title, summary, methods }) => {
    const shown = new Set<string>([...Object.keys(methods), full.method, floor.method]);
    const rows = summary.rows
      .filter(({ method }) => shown.has(method))
      .map((row) => ({ ...row, method: methods[row.method] ?? row.method }));
    const own = { ...summary, rows };
    const kept = picturesOf(own).find(({ name }) => name === "kept")!;
    const svg = plotOf(own, kept, { width, height, palette }, true);
    const named = `<text x="14" y="${top + 20}" font-family="system-ui, sans-serif" font-size="15" fill="${palette.ink}">${escapeHtml(title)}</text>`;
    const placed = svg.replace("<svg ", `<svg x="0" y="${top + titleHeight}" `);
    top += titleHeight + Number(/ height="([\d.]+)"/.exec(svg)![1]);
    return named + placed;
  });
  return standalone(
    `<svg role="img" aria-label="Share of the ids' signal kept, against memory" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}"><rect width="${width}" height="${top}" fill="${palette.surface}"/>${drawn.join("")}</svg>`,
  );
}

/** What R19 says beforehand that memories of so many numbers keep of the ids' signal, beside what `method` kept. */
export function predictedTable(
  summary: Summary,
  { memories, ones, rows }: SignalReport,
  { method, bits }: { readonly method: string; readonly bits: number },
): string {
  const find = (name: string) => summary.rows.find((row) => row.method === name)!;
  const [least, most] = [find(floor.method), find(full.method)].map(({ quality }) => quality.mean);
  const ends: Ends = { floor: least!, full: most!, rate: ones / rows };
  const share = (kept: number) => {
    const exact = (predictedAuc(ends, kept) - ends.floor) / (ends.full - ends.floor);
    return percent(Number(exact.toFixed(6))); // what was rounded on the way is no digit
  };
  const lines = summary.rows
    .filter((row) => row.method === method)
    .map((row) => {
      const own = memories.find(({ compression }) => compression * (32 / bits) === row.compression);
      if (own === undefined) throw new Error(`What is kept at ${row.compression}× was not predicted.`);
      return [
        times(row.compression),
        count(own.floats),
        share(own.atMost),
        share(own.shared),
        keptInWords(row),
      ];
    });
  return table(
    ["memory", `numbers of ${bits} bits`, "at most", "shared by all", `measured, ${method}`],
    lines,
  );
}

/** Data, and the method that is looked at on it. */
interface Scaled {
  readonly title: string;
  readonly summary: Summary;
  readonly method: string;
}

/** What a power law of three smaller memories says of the loss of the largest, beside what that lost. */
export function scalingTable(all: readonly Scaled[]): string {
  const lines = all.map(({ title, summary, method }) => {
    const rows = summary.rows
      .filter((row) => row.method === method)
      .toSorted((a, b) => a.compression - b.compression);
    const [largest, ...smaller] = rows;
    const fitted = smaller.slice(0, 3);
    const law = scalingLaw(fitted.map(({ bytes, difference }) => ({ bytes, loss: -difference.mean })));
    return [
      title,
      method,
      fitted.map(({ compression }) => times(compression)).join(", "),
      times(largest!.compression),
      law ? fixed(law(largest!.bytes)) : "no loss to fit",
      fixed(-largest!.difference.mean),
    ];
  });
  return table(["data", "method", "fitted at", "predicted at", "AUC lost, predicted", "measured"], lines);
}
