import * as Plot from "@observablehq/plot";
import { columnsOf, type Day, headlineOf } from "../training/days.ts";
import { escapeHtml, figure, page, section, tableOf } from "./page.ts";
import { draw, type Frame, look } from "./plot.ts";

/** Quality by day as one HTML page that needs nothing else. */
export function pageOf(days: readonly Day[]): string {
  const names = days[0]!.models.map(({ name }) => name);
  const columns = columnsOf(names);
  return page({
    title: "Quality, day by day",
    headline: headlineOf(days),
    sections: [
      figure("AUC on each day's rows, before any was trained on", (frame) => plotOf(days, frame), {
        legend: names,
        caption: "Bars: 95 % intervals over rows. On the first day no model knows anything.",
      }),
      section(
        "All days",
        tableOf(
          columns.map(([head]) => escapeHtml(head)),
          days.map((day) => columns.map(([, cell]) => escapeHtml(cell(day)))),
          "New ids: share of all lookups whose row no earlier day had looked up. In brackets: 95 % intervals over rows (DeLong).",
        ),
      ),
    ],
    data: { id: "days", value: days },
  });
}

function plotOf(days: readonly Day[], frame: Frame): string {
  const points = days.flatMap(({ models }, day) =>
    models.flatMap(({ before }, i) =>
      before && !Number.isNaN(before.auc.value)
        ? [{ day: day + 1, i, auc: before.auc.value, interval: before.auc.interval }]
        : [],
    ),
  );
  return draw(frame, "AUC of each day's rows before training on them, by day", {
    x: {
      label: "Day",
      ticks: days.map((_, day) => day + 1).slice(1),
      tickFormat: String,
      domain: [1.7, days.length + 0.3],
    },
    y: { label: "AUC", grid: true, ticks: 6 },
    marks: days[0]!.models.map((_, i) => {
      const { color, symbol, surface } = look(i, frame.palette);
      const own = points.filter((point) => point.i === i);
      const at = { x: "day", dx: 6 * i - 3 };
      return [
        Plot.line(own, { ...at, y: "auc", stroke: color, strokeWidth: 1.5, strokeOpacity: 0.6 }),
        Plot.ruleX(own, {
          ...at,
          y1: ({ interval }) => interval[0],
          y2: ({ interval }) => interval[1],
          stroke: color,
          strokeWidth: 1.5,
        }),
        Plot.dot(own, { ...at, y: "auc", symbol, r: 4.5, fill: color, stroke: surface }),
      ];
    }),
  });
}
