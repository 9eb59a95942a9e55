import { check, shown } from "../../core/errors.ts";
import { writeAside } from "../../core/file.ts";

/** The column of scores in what is written. */
const scoreColumn = "probability";

/** Adds the scores of some rows, and what each row has in the columns that are kept. */
export type AddScores = (scores: readonly number[], texts: readonly string[]) => Promise<void>;

/** Throws an InputError for columns that scores cannot stand beside. */
export const checkKeys = (keys: readonly string[]): void =>
  check(
    !keys.includes(scoreColumn),
    () =>
      `The scores are called ${shown(scoreColumn)}, so no column of that name can stand beside them; leave it out of --key.`,
  );

/** Names of the columns that are written. */
export const columnsWith = (keys: readonly string[]): string[] => [
  ...(keys.length === 0 ? ["row"] : keys),
  scoreColumn,
];

/**
 * Writes a CSV file (RFC 4180) of scores: `work` adds them in order. Before them stand the columns that are kept, or the number
 * of the row, from 1 on. Memory does not grow with it. A file is written aside, and there only when it is whole.
 * @param path of the file; undefined for standard output.
 */
export function writeScores(
  path: string | undefined,
  keys: readonly string[],
  work: (add: AddScores) => Promise<void>,
): Promise<void> {
  const through = async (put: (text: string) => Promise<unknown>) => {
    let row = 0;
    await work(async (scores, texts) => {
      const lines = scores.map((score, i) => {
        row++;
        const before =
          keys.length === 0
            ? row
            : texts
                .slice(i * keys.length, (i + 1) * keys.length)
                .map(quoted)
                .join(",");
        return `${before},${digits(score)}\n`;
      });
      // With the first rows, so that nothing is said where these cannot be read.
      const header = row === scores.length ? `${columnsWith(keys).map(quoted).join(",")}\n` : "";
      await put(header + lines.join(""));
    });
  };
  if (path === undefined) return through(toStandardOutput);
  return writeAside(path, (file) => through((text) => file.writeFile(text)));
}

/** As many digits as tell 32-bit numbers apart. */
const digits = (score: number): string => String(Number(score.toPrecision(9)));

/** A field: in quotes where it must be. */
const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Waits until it is taken. */
const toStandardOutput = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
