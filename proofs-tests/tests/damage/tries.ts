import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What is tried: cases `from`, `from` + 1, …, each drawn from the seed and its number, so that each can be tried alone. */
export interface Tries {
  readonly count: number;
  readonly seed: number;
  readonly from?: number;
  /** Where the files of a fault are kept. */
  readonly kept: string;
}

/** What came of all cases. */
export class Findings {
  readonly counts: Record<string, number> = {};
  readonly faults: string[] = [];
  private readonly kept: string;

  constructor(kept: string) {
    this.kept = kept;
  }

  count(kind: string, by = 1): void {
    this.counts[kind] = (this.counts[kind] ?? 0) + by;
  }

  /** Notes that case `number` is wrong, and keeps the files that show it. */
  fault(number: number, what: string, files: Readonly<Record<string, string | Uint8Array>> = {}): void {
    const folder = join(this.kept, String(number));
    this.faults.push(`case ${number}: ${what} (${folder})`);
    mkdirSync(folder, { recursive: true });
    for (const [name, content] of Object.entries({ "what.txt": what, ...files }))
      writeFileSync(join(folder, name), content);
  }
}

export const numbersOf = ({ from = 0, count }: Tries): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

/** What is wrong with the text of a refusal as one sentence for a terminal; undefined where nothing is. */
export function badSentence(text: string, longest = 1000): string | undefined {
  if (text.length > longest) return `${text.length} characters`;
  if (text.trim() === "") return "no word";
  if (/\p{Cc}/u.test(text)) return "control characters";
  if (/^\s+at .*:\d+:\d+|^\w*Error\b/m.test(text)) return "an error of the program";
  return undefined;
}
