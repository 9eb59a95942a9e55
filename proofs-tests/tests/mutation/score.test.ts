import { describe, expect, it } from "vitest";
import {
  changedSince,
  describeReport,
  dropSince,
  folderOf,
  joined,
  type Known,
  keptOf,
  reportOf,
  scoresOf,
  shareOf,
  type Verdict,
} from "./score.ts";

const verdict = (file: string, status: Verdict["status"], was = "a < b"): Verdict => ({
  file,
  line: 7,
  at: `if (${was}) return;`,
  was,
  becomes: "a <= b",
  status,
});

const verdicts = [
  verdict("models/data/csv.ts", "killed"),
  verdict("models/data/csv.ts", "killed"),
  verdict("models/data/csv.ts", "survived"),
  verdict("models/data/text.ts", "survived", "c < d"),
  verdict("models/data/text.ts", "uncovered", "e < f"),
  verdict("models/auc.ts", "killed"),
];
const known: Known[] = [
  { file: "models/data/text.ts", was: "c < d", becomes: "a <= b", why: "equivalent" },
  { file: "models/data/csv.ts", was: "a < b", becomes: "a <= b", why: "speed" },
];
const made = { command: "npm run mutate", machine: "a machine" };
const files = ["models/auc.ts", "models/data/csv.ts", "models/data/text.ts", "models/data/untouched.ts"];
const hashOf = (file: string) => `of ${file}`;
const report = reportOf(verdicts, { ...made, files }, hashOf);

describe("a report that is there", () => {
  const [root, data] = [files.slice(0, 1), files.slice(1)];

  it("is kept of folders whose files are as they were, also those that no change was drawn of", () => {
    expect(keptOf(report, made, [root, data], hashOf)).toEqual(report);
    for (const changed of data) {
      const kept = keptOf(report, made, [root, data], (file) => (file === changed ? "other" : hashOf(file)));
      expect(Object.keys(kept.tried)).toEqual(root);
      expect(kept.unseen).toEqual([]);
    }
    const more = keptOf(report, made, [root, [...data, "models/data/new.ts"]], hashOf);
    expect(Object.keys(more.tried)).toEqual(root);
  });

  it("is not kept of another command", () =>
    expect(keptOf(report, { ...made, command: "npm run mutate -- --seed 2" }, [root, data], hashOf)).toEqual({
      ...{ ...made, command: "npm run mutate -- --seed 2" },
      ...{ tried: {}, unseen: [] },
    }));

  it("and what is found then are one, in which every file is counted once", () => {
    const parts = [root, data].map((part) =>
      reportOf(
        verdicts.filter(({ file }) => part.includes(file)),
        { ...made, files: part },
        hashOf,
      ),
    );
    expect(joined(parts[0]!, parts[1]!)).toEqual(report);
  });
});

describe("the score of a folder", () => {
  it("counts what was seen out of what can be seen: a change that is equivalent is neither", () => {
    const [root, data] = scoresOf(report, known);
    expect(root).toEqual({ folder: "models", killed: 1, survived: 0, uncovered: 0, equivalent: 0 });
    expect(data).toEqual({ folder: "models/data", killed: 2, survived: 2, uncovered: 1, equivalent: 1 });
    expect([shareOf(root!), shareOf(data!)]).toEqual([1, 0.5]);
  });

  it("counts a known survivor of any other reason as not seen", () =>
    expect(shareOf(scoresOf(report, [known[1]!])[1]!)).toBe(2 / 5));

  it("leaves out a change on the line that is named only, where a line is", () => {
    const at = (line: string) => [{ ...known[0]!, at: line }];
    expect(scoresOf(report, at("if (c < d) return;"))[1]!.equivalent).toBe(1);
    expect(scoresOf(report, at("while (c < d) c++;"))[1]!.equivalent).toBe(0);
  });

  it("is that of two levels of folders", () =>
    expect(["theory/plan.ts", "a/b/c/d.ts", "a/b/c.ts"].map(folderOf)).toEqual(["theory", "a/b", "a/b"]));
});

it("a report keeps the word that there was for a change, whatever is known later", () => {
  const kept = reportOf(verdicts, { ...made, files }, hashOf, known);
  expect(scoresOf(kept, [])).toEqual(scoresOf(report, known));
  expect(describeReport(kept, [])).toBe(describeReport(report, known));
});

describe("what is printed", () => {
  it("names every change that no test saw with its line, and why where that is known", () =>
    expect(describeReport(report, known).split("\n")).toEqual([
      "survived  models/data/csv.ts:7  a < b  →  a <= b  speed",
      "survived  models/data/text.ts:7  c < d  →  a <= b  equivalent",
      "uncovered models/data/text.ts:7  e < f  →  a <= b",
      "",
      "        seen      killed    survived   uncovered  equivalent  folder",
      "     100.0 %           1           0           0           0  models",
      "      50.0 %           2           2           1           1  models/data",
    ]));
});

describe("files that changed since a report", () => {
  it("are those with another text, and new ones, of folders that the report has", () => {
    const now = (file: string) => (file === "models/auc.ts" ? "another" : hashOf(file));
    expect(
      changedSince(["models/auc.ts", "models/data/csv.ts", "models/new.ts", "theory/new.ts"], report, now),
    ).toEqual(["models/auc.ts", "models/new.ts"]);
  });

  /** A report of so many changes of one file, of which some survived. */
  const of = (killed: number, survived: number) => {
    const some = (n: number, status: Verdict["status"]) =>
      Array.from({ length: n }, () => verdict("models/data/csv.ts", status));
    return reportOf(
      [...some(killed, "killed"), ...some(survived, "survived")],
      { ...made, files: ["models/data/csv.ts"] },
      hashOf,
    );
  };

  it("may do as well as before, better, or worse by what chance brings; no worse", () => {
    const before = of(90, 10);
    expect([of(36, 4), of(40, 0), of(32, 8)].map((now) => dropSince(now, before, []))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    // Of 40 at one in ten, P(survivors ≥ 12) = 4e-4 and P(≥ 11) = 1.5e-3.
    expect(dropSince(of(29, 11), before, [])).toBeUndefined();
    expect(dropSince(of(28, 12), before, [])).toBe(
      "Tests see 28 of 40 changes, where 36 were expected; write tests for those that survived.",
    );
  });

  it("show no drop where nothing was tried", () => expect(dropSince(of(0, 0), of(9, 1), [])).toBeUndefined());
});
