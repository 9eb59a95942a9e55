/**
 * Which files import which, and what of that the house forbids. Arrows point down: core, then theory and backends, models,
 * proofs-tests, and the command line on top. `npm run graph` draws the rooms and their arrows.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** A file that imports another; paths from the top folder. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Only types: nothing is loaded. */
  readonly isType: boolean;
}

/** Rooms from the ground up; those on one floor do not know each other. */
const floors: readonly (readonly string[])[] = [
  ["core"],
  ["theory", "backends"],
  ["models"],
  ["proofs-tests"],
  ["cli", "export.ts", "index.ts", "laws.ts", "node.ts", "predict.ts", "theory.ts"],
  ["examples", "config", "proofs-tests/tests", "vitest.config.ts"],
];

/** The room that a file lies in: the longest of the paths above that it begins with. */
export function roomOf(file: string): string {
  const rooms = floors.flat().filter((room) => file === room || file.startsWith(`${room}/`));
  const [room] = rooms.toSorted((a, b) => b.length - a.length);
  if (room === undefined) throw new Error(`${file} lies in no room of config/imports.ts.`);
  return room;
}

const floorOf = (room: string): number => floors.findIndex((rooms) => rooms.includes(room));

/** What a file imports, statically or where `import()` names a file, as paths from the top folder. */
export function arrowsOf(file: string, text: string): Arrow[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const arrows: Arrow[] = [];
  const add = (specifier: ts.Node | undefined, isType: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier) && specifier.text.startsWith("."))
      arrows.push({ from: file, to: normalize(join(dirname(file), specifier.text)), isType });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return arrows;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const named = clause.namedBindings;
  const names = named && ts.isNamedImports(named) ? named.elements : undefined;
  return (
    clause.name === undefined && names !== undefined && names.length > 0 && names.every((n) => n.isTypeOnly)
  );
}

/** Every arrow between files of the project; kernels, which are compiled by another compiler, are left out. */
export function allArrows(): Arrow[] {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.ts"],
    {
      encoding: "utf8",
    },
  );
  const files = listed.split("\0").filter((file) => file !== "" && !file.includes("/kernels/"));
  return files.flatMap((file) => arrowsOf(file, readFileSync(file, "utf8")));
}

/** Why an arrow may not be; undefined where it may. */
export function forbidden({ from, to }: Arrow): string | undefined {
  const [above, below] = [roomOf(from), roomOf(to)];
  if (above === below) {
    const isTold = from.startsWith("proofs-tests/") && !from.startsWith("proofs-tests/mutants/");
    return isTold && above === "proofs-tests" && to.startsWith("proofs-tests/mutants/")
      ? `${from} ships, but imports a mutant, ${to}`
      : undefined;
  }
  if (below === "proofs-tests/tests" && above !== "config") return `${from} imports a test, ${to}`;
  if (to.startsWith("proofs-tests/mutants/") && above !== "proofs-tests/tests")
    return `${from} ships, but imports a mutant, ${to}`;
  if (floorOf(above) < floorOf(below)) return `${from} imports ${to}, which lies above it`;
  if (floorOf(above) === floorOf(below) && floorOf(above) < floors.length - 1)
    return `${from} imports ${to}, which lies beside it`;
  return undefined;
}

/** A ring of files, each of which loads the next; undefined where there is none. */
export function circle(arrows: readonly Arrow[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const { from, to, isType } of arrows) if (!isType) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const each of next.get(file) ?? []) {
      const found = walk(each);
      if (found) return found;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const found = walk(file);
    if (found) return found;
  }
  return undefined;
}

/** The rooms that ship and their arrows, with how many imports each stands for, as a Mermaid graph. */
export function drawn(arrows: readonly Arrow[]): string {
  const shipped = floors.slice(0, -1).flat();
  const counts = new Map<string, number>();
  for (const { from, to } of arrows) {
    const [above, below] = [roomOf(from), roomOf(to)];
    if (above === below || !shipped.includes(above)) continue;
    counts.set(`${above} ${below}`, (counts.get(`${above} ${below}`) ?? 0) + 1);
  }
  const lines = [...counts].toSorted().map(([rooms, count]) => {
    const [above, below] = rooms.split(" ");
    return `  ${above} -->|${count}| ${below}`;
  });
  return ["```mermaid", "flowchart TD", ...lines, "```"].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(drawn(allArrows()));
