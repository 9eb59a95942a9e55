import { headline } from "../../proofs-tests/experiments/tradeoff/headline.ts";
import { floor, judgeOf } from "../../proofs-tests/experiments/tradeoff/protocol.ts";
import { ranking } from "../../proofs-tests/experiments/tradeoff/ranking.ts";
import { type Study, summaryOf } from "../../proofs-tests/experiments/tradeoff/study.ts";
import type { Summary } from "../../proofs-tests/experiments/tradeoff/summary.ts";
import { columnsBy, compressionsOf, inOrder } from "../../proofs-tests/experiments/tradeoff/table.ts";
import {
  cellInWords,
  judgeWords,
  optimizerInWords,
  rankingInWords,
  signalInWords,
  times,
} from "../../proofs-tests/experiments/tradeoff/words.ts";
import { escapeHtml, facts, figure, mark, page, section, tableOf, words } from "./page.ts";
import { palettes, standalone } from "./plot.ts";
import { methodsOf, picturesOf, plotOf } from "./tradeoff-plots.ts";

/** A study as one HTML page that needs nothing else. */
export function pageOf(study: Study): string {
  const summary = summaryOf(study);
  const methods = methodsOf(summary);
  return page({
    title: "Memory against quality, iterations and time",
    headline: headline(summary),
    sections: [
      rankings(summary),
      ...picturesOf(summary).map((picture) =>
        figure(picture.heading, (frame) => plotOf(summary, picture, frame), {
          legend: methods,
          caption: picture.caption,
        }),
      ),
      measurements(summary, methods),
      ...(summary.missing.length > 0 ? [missing(summary)] : []),
      provenance(study),
    ],
    data: { id: "study", value: { ...study, summary } },
  });
}

/** The pictures of a study by name, each an SVG file of its own. */
export function picturesAsFiles(study: Study): Record<string, string> {
  const summary = summaryOf(study);
  const frame = { width: 720, height: 400, palette: palettes.light };
  return Object.fromEntries(
    picturesOf(summary).map((picture) => [picture.name, standalone(plotOf(summary, picture, frame, true))]),
  );
}

function rankings(summary: Summary): string {
  const lines = compressionsOf(summary).map((compression) => {
    const ranked = ranking(summary.rows, compression);
    return [times(compression), words(escapeHtml(rankingInWords(ranked)))];
  });
  return section(
    "Ranking at equal memory",
    tableOf(
      ["Compression", words(`By ${judgeWords[summary.judge].name}`)],
      lines,
      "Methods that share a number are not told apart: the paired difference's 95 % interval over seeds has 0 in it.",
    ),
  );
}

function measurements(summary: Summary, methods: readonly string[]): string {
  const [compression, method, ...rest] = columnsBy(summary.judge);
  const rows = inOrder(summary).map((row) => [
    row.method === floor.method
      ? row.method
      : `${mark(methods.indexOf(row.method))} ${escapeHtml(method![1](row))} ${compression![1](row)}`,
    ...rest.map(([, cell]) => escapeHtml(cell(row))),
  ]);
  return section(
    "All measurements",
    tableOf(
      ["Method", ...rest.map(([head]) => head)],
      rows,
      `${signalInWords(summary)} In brackets: 95 % intervals over seeds (Student's t; of the ids' signal kept Fieller's); steps, and time of a step, over the full tables'. “Lowest” or “highest” rate: the best of those tried lies at the edge.`,
    ),
  );
}

const missing = ({ missing }: Summary): string =>
  section(
    "What could not be done",
    tableOf(
      ["Method", words("Why")],
      missing.map(({ reason, ...cell }) => [escapeHtml(cellInWords(cell)), words(escapeHtml(reason))]),
    ),
  );

function provenance({ protocol, provenance: made }: Study): string {
  const { setting, methods, compressions, rates, seeds } = protocol;
  const { batch, epochs, every, patience, dim, bottom, top } = setting;
  const { name } = judgeWords[judgeOf(setting)];
  return section(
    "How this was made",
    facts({
      Data: escapeHtml(made.data),
      Model: `dim ${dim}, bottom ${bottom.join("-")}, top ${top.join("-")}`,
      Training: `${optimizerInWords(setting)}, batch ${batch}, at most ${epochs} epochs; measured every ${every} steps, ended after ${patience} measurements without a better ${name}`,
      Rates: `${rates.join(", ")} times the optimizer's usual rate, all at seed ${seeds[0]}; the best by validation ${name} at seeds ${seeds.slice(1).join(", ")}`,
      Methods: escapeHtml(methods.join(", ")),
      Compressions: compressions.map(times).join(", "),
      Machine: escapeHtml(`${made.machine}; ${made.backend}; pss-dlrm ${made.version}`),
      Command: `<code>${escapeHtml(made.command)}</code>`,
    }),
  );
}
