import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** Colors of a figure, each at least 3:1 (text 4.5:1) against `surface`. */
export interface Palette {
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly surface: string;
  readonly series: readonly string[];
}

/** After Okabe & Ito's colors for all kinds of color vision, darkened or lightened to stand out on each surface. */
export const palettes = {
  light: {
    ink: "#1b2430",
    muted: "#5a6675",
    grid: "#dfe4ea",
    surface: "#ffffff",
    series: ["#0072b2", "#d55e00", "#00875f", "#b0508f", "#8f6b00", "#3d4a5c", "#2a8fc9", "#a3262a"],
  },
  dark: {
    ink: "#e8edf3",
    muted: "#a3afbd",
    grid: "#323c49",
    surface: "#171d26",
    series: ["#56b4e9", "#ff8f4f", "#2fc79b", "#e38cc4", "#e8c34a", "#c3ccd8", "#8fa8ff", "#f57b7b"],
  },
} as const satisfies Record<string, Palette>;

/** Color is never the only mark of a series: shapes tell them apart in print too. */
const shapes = [
  { symbol: "circle", glyph: "●" },
  { symbol: "square", glyph: "■" },
  { symbol: "triangle", glyph: "▲" },
  { symbol: "diamond", glyph: "◆" },
  { symbol: "star", glyph: "★" },
] as const;

/** How series number `index` is drawn, in plots and in legends. */
export function look(index: number, palette: Palette) {
  const color = palette.series[index % palette.series.length]!;
  return { color, surface: palette.surface, ...shapes[index % shapes.length]! };
}

/** Size in pixels and colors of one plot. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
}

export const margin = { top: 34, right: 20, bottom: 44, left: 58 };

const powers = Array.from({ length: 28 }, (_, i) => 10 ** (i - 12));

const within = (ticks: readonly number[], [low, high]: readonly [number, number]) =>
  ticks.filter((tick) => low <= tick && tick <= high);

/** The powers of ten in a range. */
export const powersIn = (range: readonly [number, number]): number[] => within(powers, range);

/**
 * 1, 2 and 5 times each power of ten; the powers alone where those would crowd, even steps where fewer than three lie
 * inside.
 */
export function logTicks(range: readonly [number, number], pixels: number): number[] {
  const fine = within(
    powers.flatMap((power) => [power, 2 * power, 5 * power]),
    range,
  );
  if (fine.length < 3) return evenTicks(range);
  return fine.length * 45 < pixels ? fine : powersIn(range);
}

/** Multiples of 1, 2 or 5 times a power of ten, no more than seven. */
function evenTicks([low, high]: readonly [number, number]): number[] {
  const least = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least)!;
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(6)));
}

/** 20K, 1.5M: short enough to stand under a tick. */
export const compact = (x: number) => x.toLocaleString("en-US", { notation: "compact" });

/** A plot as inline SVG, with a sentence for those who cannot see it. */
export function draw(frame: Frame, ariaLabel: string, options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html></html>");
  const { ink, surface } = frame.palette;
  const figure = Plot.plot({
    document,
    ariaLabel,
    width: frame.width,
    height: frame.height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    style: {
      color: ink,
      background: surface,
      fontFamily: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif",
      fontSize: "12px",
    },
    ...options,
  });
  figure.setAttribute("role", "img");
  return figure.outerHTML;
}

/** An inline SVG as a file of its own. */
export const standalone = (inline: string): string =>
  inline.replace("<svg ", `<svg xmlns="http://www.w3.org/2000/svg" `);
