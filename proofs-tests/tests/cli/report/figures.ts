import { parseHTML } from "linkedom";
import { type Dot, drawnIn, type Line } from "./svg.ts";

/** A figure of a page, as it is for wide windows. */
export interface Figure {
  readonly heading: string;
  readonly legend: readonly string[];
  readonly caption: string;
  /** The sentence for those who cannot see it. */
  readonly about: string;
  readonly dots: readonly Dot[];
  readonly lines: readonly Line[];
  /** The words of its axes. */
  readonly texts: readonly string[];
}

export const figuresOf = (page: string): Figure[] =>
  [...parseHTML(page).document.querySelectorAll("figure")].map((figure) => {
    const textOf = (selector: string) => figure.querySelector(selector)?.textContent ?? "";
    const svg = figure.querySelector(".wide svg");
    return {
      heading: textOf("h2"),
      legend: [...figure.querySelectorAll("li")].map((item) => item.textContent!.slice(2)),
      caption: textOf("figcaption"),
      about: svg?.getAttribute("aria-label") ?? "",
      ...drawnIn(svg?.outerHTML ?? "<svg></svg>"),
    };
  });

/** How long the second of two steps is beside the first: 1 on a logarithmic axis for numbers that double, 2 on an even one. */
export const stretch = ([first, second, third]: readonly number[]): number =>
  Math.round((1000 * (third! - second!)) / (second! - first!)) / 1000;
