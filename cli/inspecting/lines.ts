import { wrapped } from "../help.ts";

/** Where what is said under a label begins. */
const indent = 12;

/** A label and sentences after it, each wrapped at `width`. */
export const labeledWithin = (label: string, sentences: readonly string[], width: number): string[] =>
  sentences.flatMap((sentence, i) => {
    const text = wrapped(sentence, width, indent).split("\n");
    return text.map(
      (line, j) => (i + j === 0 ? label.padEnd(indent) : j === 0 ? " ".repeat(indent) : "") + line,
    );
  });

/** A table's columns: their heads, and whether they are of numbers, which stand to the right. */
export interface Head {
  readonly name: string;
  readonly isNumber?: true;
}

/**
 * A table under a label, aligned; where it is wider than `width`, each row on lines of its own: its first cell, then every
 * other one after its head.
 */
export function tableWithin(
  label: string,
  heads: readonly Head[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const widths = heads.map(({ name }, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const own = widths.reduce((n, each) => n + each, 2 * (widths.length - 1));
  if (indent + own > width) {
    const said = rows.map(
      ([first, ...cells]) =>
        `${first}: ${cells
          .map((cell, i) => (cell === "" ? cell : `${heads[i + 1]!.name} ${cell}`))
          .filter((cell) => cell !== "")
          .join(", ")}`,
    );
    return labeledWithin(label, said, width);
  }
  const lines = [heads.map(({ name }) => name), ...rows].map((cells) =>
    cells
      .map((cell, i) => (heads[i]!.isNumber ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
  return lines.map((line, i) => (i === 0 ? label : "").padEnd(indent) + line);
}
