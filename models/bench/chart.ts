import { medianAndQuartiles, type Timing } from "./bench.ts";

/** Dark enough, and different enough, on white and on black paper; shapes tell backends apart without colour. */
const marks = [
  { colour: "#2a78c8", path: "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0" },
  { colour: "#c8641e", path: "M-4.5,-4.5h9v9h-9z" },
  { colour: "#1e9167", path: "M0,-6L5.5,4.5h-11z" },
  { colour: "#a8589a", path: "M0,-6L6,0L0,6L-6,0z" },
  { colour: "#8a7a2a", path: "M-5,-2h3v-3h4v3h3v4h-3v3h-4v-3h-3z" },
] as const;

const [width, left, right, top, row] = [860, 330, 44, 64, 26];

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Medians and quartiles on a logarithmic axis, a line a case, as an SVG of its own. */
export function chart(timings: readonly Timing[]): string {
  const keyOf = ({ name, shape }: Timing) => `${name}, ${shape}`;
  const cases = [...new Set(timings.map(keyOf))];
  const backends = [...new Set(timings.map((t) => t.backend))];
  const low = 10 ** Math.floor(Math.log10(Math.min(...timings.map((t) => t.quartiles[0]))));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...timings.map((t) => t.quartiles[1]))));
  const x = (ms: number) => left + ((width - left - right) * Math.log(ms / low)) / Math.log(high / low);
  const bottom = top + row * cases.length;
  const ticks: string[] = [];
  for (let ms = low; ms <= high * 1.01; ms *= 10) {
    ticks.push(
      `<line x1="${x(ms)}" x2="${x(ms)}" y1="${top}" y2="${bottom}" class="grid"/>`,
      `<text x="${x(ms)}" y="${bottom + 18}" text-anchor="middle">${Number(ms.toPrecision(1))} ms</text>`,
    );
  }
  const lines = cases.flatMap((key, i) => {
    const y = top + row * (i + 0.5);
    return [
      `<text x="${left - 12}" y="${y + 4}" text-anchor="end">${escaped(key)}</text>`,
      ...timings.filter((t) => keyOf(t) === key).map((t) => markOf(t, backends.indexOf(t.backend), y, x)),
    ];
  });
  const legend = backends.map((backend, i) => {
    const { colour, path } = marks[i % marks.length]!;
    return `<g transform="translate(${left + 150 * i},${top - 28})"><path d="${path}" fill="${colour}"/><text x="12" y="4">${escaped(backend)}</text></g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 30}" width="${width}" role="img" aria-label="Time of each case by backend, milliseconds, logarithmic">`,
    "<style>text{font:13px system-ui,sans-serif;fill:#6b7480}.grid{stroke:#9aa3ad55}</style>",
    `<text x="12" y="22">median and quartiles, milliseconds a round, logarithmic; further left is faster</text>`,
    ...ticks,
    ...legend,
    ...lines,
    "</svg>",
  ].join("\n");
}

function markOf(timing: Timing, i: number, y: number, x: (ms: number) => number) {
  const { median, quartiles, backend } = timing;
  const [low, high] = quartiles;
  const { colour, path } = marks[i % marks.length]!;
  return [
    `<g><title>${escaped(backend)}: ${medianAndQuartiles(timing)} ms</title>`,
    `<line x1="${x(low)}" x2="${x(high)}" y1="${y}" y2="${y}" stroke="${colour}" stroke-width="2"/>`,
    `<path transform="translate(${x(median)},${y})" d="${path}" fill="${colour}"/></g>`,
  ].join("");
}
