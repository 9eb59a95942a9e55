import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { draw, placeOf, rangeOf } from "./draw.ts";
import { isOf } from "./score.ts";
import { survivors } from "./survivors.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const changesOf = async (file: string) =>
  (await draw(root, [file], Number.POSITIVE_INFINITY, "0")).map((change) => placeOf(root, change));

describe("the list of survivors", () => {
  it.each([...new Set(survivors.map(({ file }) => file))])(
    "says of %s what can be made, on one line",
    async (file) => {
      const changes = await changesOf(file);
      for (const known of survivors.filter((one) => one.file === file)) {
        const lines = new Set(changes.filter((change) => isOf(known, change)).map(({ at }) => at));
        expect(lines.size, `${known.was} → ${known.becomes}`).toBe(1);
      }
    },
  );

  it("has each change once", () => {
    const texts = survivors.map(({ why: _, ...change }) => JSON.stringify(change));
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("a sample", () => {
  const file = "models/metrics/auc.ts";

  it("has as many changes as were asked for, the same ones for the same seed", async () => {
    const ranges = async (most: number, seed: string) =>
      (await draw(root, [file], most, seed)).map((change) => rangeOf(root, change));
    expect(await ranges(7, "1")).toHaveLength(7);
    expect(await ranges(7, "1")).toEqual((await ranges(9, "1")).slice(0, 7));
    expect(await ranges(7, "2")).not.toEqual(await ranges(7, "1"));
  });

  it("tells of each change its line, and what was there", async () => {
    const source = readFileSync(`${root}${file}`, "utf8");
    const lines = source.split("\n");
    for (const { line, at, was, becomes } of await changesOf(file)) {
      expect(lines[line - 1]!.trim()).toBe(at);
      expect(
        lines
          .slice(line - 1)
          .join(" ")
          .replaceAll(/\s+/g, " "),
      ).toContain(was);
      expect(becomes).not.toBe(was);
    }
  });
});
