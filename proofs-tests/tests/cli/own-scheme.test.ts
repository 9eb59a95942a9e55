import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { prove } from "../../../theory.ts";
import { soundFamilies } from "../../experiments/prove/families.ts";
import { temporaryFolder } from "../temporary.ts";
import { run } from "./command.ts";

const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

/** Weights dealt out to the slots in turn: no hash is in it. */
const dealt = (has: readonly string[]) => `export default {
  name: "dealt",
  has: ${JSON.stringify(has)},
  scheme: ({ memory, block, dim }) => {
    const start = (table, row, b) => (row * Math.ceil(dim / block) + b) * block % memory;
    return {
      name: "dealt", memorySize: memory, block, guarantee: "none", blockStart: start,
      slotsOf: (table, row, column) =>
        [{ slot: (start(table, row, Math.floor(column / block)) + column % block) % memory, sign: 1 }],
    };
  },
};`;

const few = ["--seed", "3", "--samples", "4000", "--instances", "3"];

describe("a scheme of one's own", () => {
  it("is refuted with the smallest instance where it claims too much, and exits with 1", async () => {
    const path = file(
      "greedy.mjs",
      dealt(["pairwise circular starts", "four-wise signs", "one slot a weight"]),
    );
    const { code, out } = await run("prove", "--scheme", path, "--theorem", "R2", ...few);
    expect(code).toBe(1);
    expect(out).toMatch(/REFUTED +dealt: /);
    expect(out).toMatch(/\n +in \{"rows":\d+,/);
    expect(out).toContain(`repeat: npx pss-dlrm prove --theorem R2 --scheme ${path} ${few.join(" ")}`);
  });

  it("is not rejected where it claims what it has", async () => {
    const path = file("honest.mjs", dealt(["no signs", "one slot a weight"]));
    const { code, out } = await run("prove", "--scheme", path, "--theorem", "R14", ...few, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out).verdicts.map(({ scheme }: { scheme: string }) => scheme)).toContain("dealt");
  });

  it("in a device, of which no import has an end, is refused", async () => {
    const { code, err } = await run("prove", "--scheme", "/dev/full");
    expect([code, err]).toEqual([
      2,
      "Cannot import /dev/full: it is no file; give a module of JavaScript.\n",
    ]);
  });

  it.each([
    ["nothing.mjs", undefined, /^Cannot import .*nothing\.mjs: /],
    [
      "empty.mjs",
      "export const name = 1;",
      "exports no scheme by default; it needs `export default { name, has, scheme(instance, seed) }`",
    ],
    ["unnamed.mjs", "export default { has: [], scheme() {} };", "exports no scheme by default"],
    ["named.mjs", 'export default { name: "a", has: [] };', "exports no scheme by default"],
    [
      "half.mjs",
      'export default { name: "a", has: ["no signs", "luck"], scheme() {} };',
      "must list in `has` which of these its scheme claims: ",
    ],
    [
      "words.mjs",
      'export default { name: "a", has: ["luck"], scheme() {} };',
      "must list in `has` which of these its scheme claims: pairwise circular starts; ",
    ],
    ["broken.mjs", "export default {", /^Cannot import /],
  ])("in %s that is none is refused in a sentence", async (name, text, sentence) => {
    const path = text === undefined ? join(folder, name) : file(name, text);
    const { code, err } = await run("prove", "--scheme", path);
    expect(code).toBe(2);
    if (typeof sentence === "string") expect(err).toContain(sentence);
    else expect(err).toMatch(sentence);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
  });

  it("is a value for the library", async () => {
    const own = { ...soundFamilies[2]!, name: "mine" };
    const seen: string[] = [];
    for await (const verdict of prove({
      scheme: own,
      theorem: "R3",
      samples: 400,
      instances: 2,
      seed: 1,
    })) {
      expect(verdict.notRejected).toBe(true);
      seen.push(verdict.scheme);
    }
    expect(new Set(seen)).toEqual(new Set(["mine"]));
  });
});
