import { aligned } from "../../core/format.ts";
import { wrapped } from "../common/help.ts";

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
  const lines = aligned(
    [heads.map(({ name }) => name), ...rows],
    heads.map(({ isNumber = false }) => isNumber),
  );
  if (lines.some((line) => indent + line.length > width)) {
    const said = rows.map(
      ([first, ...cells]) =>
        `${first}: ${cells
          .map((cell, i) => (cell === "" ? cell : `${heads[i + 1]!.name} ${cell}`))
          .filter((cell) => cell !== "")
          .join(", ")}`,
    );
    return labeledWithin(label, said, width);
  }
  return lines.map((line, i) => (i === 0 ? label : "").padEnd(indent) + line);
}
