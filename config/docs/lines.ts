/** `npm run lines [-- --json]`: how much TypeScript each folder holds. A code line is one that holds a token. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import ts from "typescript";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Count {
  folder: string;
  files: number;
  lines: number;
  code: number;
  longest: { path: string; lines: number };
}

/** Lines that hold more than blanks and comments. The parser decides, so `//` within a string misleads nobody. */
function codeLines(source: ts.SourceFile): number {
  const lines = new Set<number>();
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(source);
    children.forEach(visit);
    if (children.length > 0 || node.getWidth(source) === 0) return;
    const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
    const last = source.getLineAndCharacterOfPosition(node.end).line;
    for (let line = first; line <= last; line++) lines.add(line);
  };
  visit(source);
  return lines.size;
}

/** Sizes of all folders, largest first. */
export function count(files: readonly { readonly path: string; readonly text: string }[]): Count[] {
  const counts = new Map<string, Count>();
  for (const { path, text } of files) {
    const folder = path.includes("/") ? path.slice(0, path.indexOf("/")) : "(root)";
    const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
    const c = counts.get(folder) ?? { folder, files: 0, lines: 0, code: 0, longest: { path, lines } };
    c.files += 1;
    c.lines += lines;
    c.code += codeLines(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
    if (lines > c.longest.lines) c.longest = { path, lines };
    counts.set(folder, c);
  }
  return [...counts.values()].sort((a, b) => b.lines - a.lines);
}

export function table(counts: readonly Count[]): string {
  const sum = (key: "files" | "lines" | "code") => counts.reduce((total, c) => total + c[key], 0);
  const row = (name: string, files: unknown, lines: unknown, code: unknown, longest: string) =>
    `${name.padEnd(14)}${String(files).padStart(6)}${String(lines).padStart(8)}${String(code).padStart(8)}  ${longest}`;
  return [
    row("folder", "files", "lines", "code", "longest file"),
    ...counts.map((c) => row(c.folder, c.files, c.lines, c.code, `${c.longest.path} (${c.longest.lines})`)),
    row("total", sum("files"), sum("lines"), sum("code"), ""),
  ].join("\n");
}

/** The sources of this checkout, those that are not added yet too. */
export function sources(): { path: string; text: string }[] {
  const given = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.ts"];
  const paths = execFileSync("git", given, { cwd: root, encoding: "utf8" }).split("\0");
  return paths
    .filter((path) => path !== "" && existsSync(root + path))
    .map((path) => ({ path, text: readFileSync(root + path, "utf8") }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
  const counts = count(sources());
  console.log(values.json ? JSON.stringify(counts, null, 2) : table(counts));
}
