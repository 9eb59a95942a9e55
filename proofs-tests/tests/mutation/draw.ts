import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Mutant } from "@stryker-mutator/api/core";
import type { Logger } from "@stryker-mutator/api/logging";
import { Instrumenter } from "@stryker-mutator/instrumenter";
import { keyOf } from "./sample.ts";
import type { Verdict } from "./score.ts";

type Change = Pick<Mutant, "fileName" | "location" | "replacement">;

/** Kinds of change that are not made: words are for people, and a test that repeats them says nothing. */
export const notMade = ["StringLiteral", "Regex"];

/** Says nothing; the mutation tester tells the same again. */
const silent = new Proxy({}, { get: () => () => false }) as Logger;

/** `most` of all changes that can be made in these files: those whose hash with the seed is smallest. */
export async function draw(
  root: string,
  files: readonly string[],
  most: number,
  seed: string,
): Promise<Change[]> {
  const sources = files
    .map((file) => join(root, file))
    .map((name) => ({ name, mutate: true, content: readFileSync(name, "utf8") }));
  const options = { plugins: null, excludedMutations: notMade, ignorers: [], noHeader: false };
  const { mutants } = await new Instrumenter(silent).instrument(sources, options);
  const hashOf = (change: Change) =>
    createHash("sha256")
      .update(`${seed} ${keyOf(change)}`)
      .digest("hex");
  return mutants
    .filter(({ status }) => status === undefined)
    .map((change) => ({ change, hash: hashOf(change) }))
    .toSorted((a, b) => (a.hash < b.hash ? -1 : 1))
    .slice(0, most)
    .map(({ change }) => change);
}

/** A change as a report has it. */
export function placeOf(
  root: string,
  { fileName, location: { start, end }, replacement }: Change,
): Omit<Verdict, "status"> {
  const lines = readFileSync(fileName, "utf8").split("\n");
  const own = lines.slice(start.line, end.line + 1);
  const at = own[0]!.trim();
  own.push(own.pop()!.slice(0, end.column));
  own.unshift(own.shift()!.slice(start.column));
  const oneLine = (text: string) => text.replaceAll(/\s+/g, " ");
  const [was, becomes] = [oneLine(own.join("\n")), oneLine(replacement)];
  return { file: relative(root, fileName), line: start.line + 1, at, was, becomes };
}

/** Where a change is made, as the mutation tester takes it: its columns count from 0, its lines from 1. */
export const rangeOf = (root: string, { fileName, location: { start, end } }: Change): string =>
  `${relative(root, fileName)}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;
