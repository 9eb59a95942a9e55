/**
 * What an installation of the package weighs, package by package: `npx tsx config/docs/weights.ts FOLDER`, where FOLDER is
 * a project in which nothing else was installed. Prints JSON.
 */
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { table } from "./table.ts";

export interface Weight {
  readonly name: string;
  readonly bytes: number;
}

/** Bytes of the files of a folder. */
function bytesOf(path: string): number {
  const entry = lstatSync(path);
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

/** Every package in node_modules of a project, the heaviest first. */
export function weightsIn(project: string): Weight[] {
  const modules = join(project, "node_modules");
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((own) => `${name}/${own}`) : [name],
  );
  return names
    .filter((name) => !name.startsWith("."))
    .map((name) => ({ name, bytes: bytesOf(join(modules, name)) }))
    .toSorted((a, b) => b.bytes - a.bytes);
}

/** Packages below so many bytes are one line. */
const small = 500_000;

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** A line a package, the small ones together. */
export function weightsTable(weights: readonly Weight[]): string {
  const sum = (some: readonly Weight[]) => some.reduce((total, { bytes }) => total + bytes, 0);
  const heavy = weights.filter(({ bytes }) => bytes >= small);
  const others = weights.filter(({ bytes }) => bytes < small);
  return table(
    ["package", "MB"],
    [
      ...heavy.map(({ name, bytes }) => [`\`${name}\``, megabytes(bytes)]),
      [`${others.length} others`, megabytes(sum(others))],
      ["all", megabytes(sum(weights))],
    ],
  );
}

const [folder] = process.argv.slice(2);
if (folder !== undefined && import.meta.url === pathToFileURL(process.argv[1]!).href)
  console.log(JSON.stringify(weightsIn(folder), null, 1));
