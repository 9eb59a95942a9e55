import { parseHTML } from "linkedom";

/** A dot of a plot, in pixels, and what it says when pointed at. */
export interface Dot {
  readonly x: number;
  readonly y: number;
  readonly fill: string;
  readonly title: string | undefined;
}

/** A straight line of a plot, in pixels. */
export interface Line {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  readonly stroke: string;
}

/** Words of a plot, in pixels, and which way from there they are written. */
export interface Words {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: string;
}

/** What is drawn in an SVG, each in the order of drawing; `words` are the marks' own, `texts` those of axes too. */
export function drawnIn(svg: string): { dots: Dot[]; lines: Line[]; words: Words[]; texts: string[] } {
  const { document } = parseHTML(svg);
  const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
  const dots = all('[aria-label="dot"] circle, [aria-label="dot"] path').map((dot) => {
    const [dx, dy] = movedBy(dot);
    const own = (name: string) => Number(dot.getAttribute(name) ?? 0);
    const title = dot.querySelector("title")?.textContent ?? undefined;
    return { x: own("cx") + dx, y: own("cy") + dy, fill: inherited(dot, "fill"), title };
  });
  const lines = all('[aria-label="rule"] line').map((line): Line => {
    const [dx, dy] = movedBy(line);
    const own = (name: string) => Number(line.getAttribute(name) ?? 0);
    const stroke = inherited(line, "stroke");
    return { from: [own("x1") + dx, own("y1") + dy], to: [own("x2") + dx, own("y2") + dy], stroke };
  });
  const words = all('[aria-label="text"] text').map((text): Words => {
    const [x, y] = movedBy(text);
    return { text: text.textContent ?? "", x, y, anchor: inherited(text, "text-anchor") };
  });
  return { dots, lines, words, texts: all("text").map((text) => text.textContent ?? "") };
}

/** How far an element's own `transform` and those around it move it. Plot moves all marks by half a pixel alike. */
function movedBy(element: Element): [number, number] {
  let [x, y] = [0, 0];
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const move = /translate\((-?[\d.]+),(-?[\d.]+)\)/.exec(at.getAttribute("transform") ?? "");
    x += Number(move?.[1] ?? 0);
    y += Number(move?.[2] ?? 0);
  }
  return [x, y];
}

function inherited(element: Element, name: string): string {
  for (let at: Element | null = element; at !== null; at = at.parentElement) {
    const value = at.getAttribute(name);
    if (value !== null) return value;
  }
  return "";
}
