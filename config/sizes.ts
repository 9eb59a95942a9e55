/** How long files and functions are, and how many files a folder has: what a reader can still take in. */
import ts from "typescript";

/** A function that is longer than {@link longestFunction} lines, and whether a comment says why. */
export interface LongFunction {
  readonly place: string;
  readonly lines: number;
  /** Its comment has a word that begins "Long:". */
  readonly isExplained: boolean;
}

const longestFile = 300;
const longestFunction = 60;
const mostFiles = 20;

/** Lines of a text. */
export const linesOf = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0);

/** Whether a file is too long, and its first comment has no word that begins "Long:" and says why. */
export function isTooLong(text: string): boolean {
  const [first] = ts.getLeadingCommentRanges(text, 0) ?? [];
  const explained = first !== undefined && text.slice(first.pos, first.end).includes("Long: ");
  return linesOf(text) > longestFile && !explained;
}

/** The functions of a file that are too long. */
export function longFunctions(file: string, text: string): LongFunction[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: LongFunction[] = [];
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const lines = line(node.end) - line(node.getStart()) + 1;
      const before = text.slice(node.getFullStart(), node.getStart());
      if (lines > longestFunction)
        found.push({
          place: `${file}:${line(node.getStart()) + 1}`,
          lines,
          isExplained: before.includes("Long: "),
        });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Folders that have more files than a reader can take in, and how many. */
export function fullFolders(files: readonly string[]): [folder: string, files: number][] {
  const counts = new Map<string, number>();
  for (const file of files) {
    const folder = file.split("/").slice(0, -1).join("/");
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > mostFiles);
}
