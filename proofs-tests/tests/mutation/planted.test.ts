import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { planted } from "./planted/index.ts";
import { isSame, type Recorded } from "./planted.ts";

const root = join(import.meta.dirname, "../../..");

it("every planted fault still has its place, once, and a test file that must see it", () => {
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    if (!texts.has(file)) texts.set(file, readFileSync(join(root, file), "utf8"));
    return texts.get(file)!;
  };
  const astray = planted.filter(
    ({ file, was, becomes, seenBy }) =>
      !existsSync(join(root, file)) ||
      textOf(file).split(was).length !== 2 ||
      was === becomes ||
      !existsSync(join(root, seenBy)),
  );
  expect(astray).toEqual([]);
});

it("of every planted fault a run is on record (npm run planted -- --record adds those that are missing)", () => {
  const recorded: Recorded[] = JSON.parse(readFileSync(join(root, "docs/data/planted.json"), "utf8"));
  expect(planted.filter((fault) => !recorded.some((run) => isSame(run, fault)))).toEqual([]);
  expect(recorded).toHaveLength(planted.length);
});
