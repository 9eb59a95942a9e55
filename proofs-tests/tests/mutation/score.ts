import { logBinomialTail } from "../../../core/numeric/distributions.ts";

/** A small change to a program, and what the tests said of it. */
export interface Verdict {
  readonly file: string;
  readonly line: number;
  /** The text of that line, without the space around it. */
  readonly at: string;
  /** The text that was changed, and what it became, each on one line. */
  readonly was: string;
  readonly becomes: string;
  /** `uncovered`: no test runs it. */
  readonly status: "killed" | "survived" | "uncovered";
  /** In a report: the word for it at the time, which stays when the program changes. */
  readonly why?: string;
}

/** A change that no test sees, and one word why that is right. */
export interface Known extends Pick<Verdict, "file" | "was" | "becomes"> {
  /** The text of its line, where the same change can be made on other lines too. */
  readonly at?: string;
  /** `equivalent`: nobody can tell the programs apart, so it does not count. All others count as not seen. */
  readonly why: string;
}

/** What became of the changes of one file. */
interface Tried {
  /** Of the file's text. */
  readonly hash: string;
  readonly killed: number;
  readonly survived: number;
}

/** What `npm run mutate` found: counts for each file, and every change that no test saw. */
export interface Report {
  readonly command: string;
  readonly machine: string;
  /** By file. */
  readonly tried: Readonly<Record<string, Tried>>;
  readonly unseen: readonly Verdict[];
}

/** How many changes of a folder some test saw, out of those that can be seen. */
export interface Score {
  readonly folder: string;
  readonly killed: number;
  readonly survived: number;
  /** Of the survivors: those that no test runs. */
  readonly uncovered: number;
  /** Left out of `survived`. */
  readonly equivalent: number;
}

/** The part of a path that a score is given for: two folders, or one where the file lies in it. */
export const folderOf = (file: string): string => file.split("/").slice(0, -1).slice(0, 2).join("/");

/** Share of the changes that some test saw; NaN where nothing was tried. */
export const shareOf = ({ killed, survived }: Pick<Score, "killed" | "survived">): number =>
  killed / (killed + survived);

/** How a report is made. */
type Made = Pick<Report, "command" | "machine">;

/**
 * The report of these verdicts on files, of some of which no change may have been drawn; `hashOf` gives the hash of a file's
 * text, `known` words for what survives.
 */
export function reportOf(
  verdicts: readonly Verdict[],
  { files, ...made }: Made & { readonly files: readonly string[] },
  hashOf: (file: string) => string,
  known: readonly Known[] = [],
): Report {
  const tried = files.toSorted().map((file) => {
    const own = verdicts.filter((verdict) => verdict.file === file);
    const killed = own.filter(({ status }) => status === "killed").length;
    return [file, { hash: hashOf(file), killed, survived: own.length - killed }] as const;
  });
  const unseen = verdicts
    .filter(({ status }) => status !== "killed")
    .map((verdict) => {
      const why = whyOf(verdict, known);
      return why === undefined ? verdict : { ...verdict, why };
    });
  return { ...made, tried: Object.fromEntries(tried), unseen };
}

/** What an earlier report of the same command has of folders whose files are all as they were then. */
export function keptOf(
  earlier: Report | undefined,
  made: Made,
  folders: readonly (readonly string[])[],
  hashOf: (file: string) => string,
): Report {
  if (earlier?.command !== made.command) return { ...made, tried: {}, unseen: [] };
  const kept = folders
    .filter((files) => files.every((file) => earlier.tried[file]?.hash === hashOf(file)))
    .flat();
  return {
    ...made,
    tried: Object.fromEntries(kept.map((file) => [file, earlier.tried[file]!])),
    unseen: earlier.unseen.filter(({ file }) => kept.includes(file)),
  };
}

/** Two reports of other files. */
export const joined = (left: Report, right: Report): Report => ({
  ...left,
  tried: { ...left.tried, ...right.tried },
  unseen: [...left.unseen, ...right.unseen],
});

/** Whether a list's entry speaks of this change. */
export const isOf = (
  known: Known,
  { file, at, was, becomes }: Pick<Verdict, "file" | "at" | "was" | "becomes">,
): boolean =>
  known.file === file && known.was === was && known.becomes === becomes && (known.at ?? at) === at;

/** The word for a change that is known to survive. */
export const whyOf = (verdict: Verdict, known: readonly Known[]): string | undefined =>
  verdict.why ?? known.find((one) => isOf(one, verdict))?.why;

/** A change in no more words than a table bears. */
export const short = (text: string): string =>
  text.length <= 60 ? text : `${text.slice(0, 40)} … ${text.slice(-17)}`;

/** The scores of a report, a folder each. */
export function scoresOf({ tried, unseen }: Report, known: readonly Known[]): Score[] {
  const folders = [...new Set(Object.keys(tried).map(folderOf))].toSorted();
  return folders.map((folder) => {
    const counts = Object.entries(tried).filter(([file]) => folderOf(file) === folder);
    const own = unseen.filter(({ file }) => folderOf(file) === folder);
    const equivalent = own.filter((verdict) => whyOf(verdict, known) === "equivalent");
    return {
      folder,
      killed: counts.reduce((sum, [, { killed }]) => sum + killed, 0),
      survived: counts.reduce((sum, [, { survived }]) => sum + survived, 0) - equivalent.length,
      uncovered: own.filter((one) => one.status === "uncovered" && !equivalent.includes(one)).length,
      equivalent: equivalent.length,
    };
  });
}

/** Files of the folders of a report whose text is not the report's, or that it does not have. */
export function changedSince(
  files: readonly string[],
  { tried }: Report,
  hashOf: (file: string) => string,
): string[] {
  const folders = new Set(Object.keys(tried).map(folderOf));
  return files.filter((file) => folders.has(folderOf(file)) && tried[file]?.hash !== hashOf(file));
}

/**
 * Whether fewer changes are seen now than `before` lets expect: a sentence if so. Each change is expected to be seen as often
 * as those of its folder were; a drop is what chance would bring less than once in a thousand runs.
 */
export function dropSince(now: Report, before: Report, known: readonly Known[]): string | undefined {
  const expected = scoresOf(before, known);
  const scores = scoresOf(now, known).filter(({ killed, survived }) => killed + survived > 0);
  const tried = scores.reduce((sum, { killed, survived }) => sum + killed + survived, 0);
  const killed = scores.reduce((sum, score) => sum + score.killed, 0);
  const mean = scores.reduce((sum, score) => {
    const earlier = expected.find(({ folder }) => folder === score.folder);
    return sum + (earlier ? shareOf(earlier) : 0) * (score.killed + score.survived);
  }, 0);
  const survivors = tried - killed;
  if (tried === 0 || logBinomialTail(survivors, tried, 1 - mean / tried) > Math.log(0.001)) return undefined;
  return `Tests see ${killed} of ${tried} changes, where ${mean.toFixed(0)} were expected; write tests for those that survived.`;
}

/** What the terminal shows: every change that no test saw and may be seen, then a line for each folder. */
export function describeReport(report: Report, known: readonly Known[]): string {
  const scores = scoresOf(report, known);
  const percent = (score: Score) => `${(100 * shareOf(score)).toFixed(1)} %`;
  const line = (...cells: readonly (string | number)[]) =>
    `${cells
      .slice(0, -1)
      .map((cell) => `${cell}`.padStart(12))
      .join("")}  ${cells.at(-1)}`;
  const unseen = report.unseen.map(
    (one) =>
      `${one.status.padEnd(9)} ${one.file}:${one.line}  ${short(one.was)}  →  ${short(one.becomes)}  ${whyOf(one, known) ?? ""}`,
  );
  return [
    ...unseen.map((text) => text.trimEnd()),
    "",
    line("seen", "killed", "survived", "uncovered", "equivalent", "folder"),
    ...scores.map((score) => {
      const { killed, survived, uncovered, equivalent, folder } = score;
      return line(percent(score), killed, survived, uncovered, equivalent, folder);
    }),
  ].join("\n");
}
