import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { put } from "../../models/data/files.ts";
import { run } from "../command.ts";
import { folder, textOf, trained, unlabeled, visits } from "./scored.ts";

let model: string;
let place: string;
beforeAll(async () => {
  model = await trained();
  place = join(folder, "refusals");
  mkdirSync(place);
}, 60_000);

const some = visits(30, 9);
const data = put(textOf(some, unlabeled), "some.csv");

/** The sentence with which this is refused: nothing else is said than what was begun, and nothing is written. */
async function refusal(...words: string[]): Promise<string> {
  const { code, out, err } = await run("predict", "--backend", "cpu", ...words);
  expect([code, out], err).toEqual([2, ""]);
  const lines = err.trimEnd().split("\n");
  if (lines.length > 1) expect(lines.shift()).toMatch(/^Scores .* with /);
  expect(lines).toHaveLength(1);
  return lines[0]!;
}

const changed = (was: string, becomes: string): string => {
  const bytes = readFileSync(model);
  const at = bytes.indexOf(was);
  expect(at).toBeGreaterThan(0);
  expect(was).toHaveLength(becomes.length);
  bytes.write(becomes, at);
  return put(bytes, "changed.safetensors");
};

describe("a model is refused that", () => {
  it("is not said, not there, no model, damaged, or of another version", async () => {
    expect(await refusal("--data", `csv:${data}`)).toContain("Say which model: --model FILE");
    expect(await refusal("--model", join(folder, "nobody"), "--data", `csv:${data}`)).toContain(
      "There is no saved model at",
    );
    expect(await refusal("--model", folder, "--data", `csv:${data}`)).toMatch(
      /cannot be loaded: (it is no file|EISDIR)/,
    );
    expect(await refusal("--model", data, "--data", `csv:${data}`)).toContain("so it is no saved model");
    const other = changed('"version":"1"', '"version":"9"');
    expect(await refusal("--model", other, "--data", `csv:${data}`)).toBe(
      `${other} cannot be loaded: it was saved by another version of this program: this one reads version 1.`,
    );
    const damaged = changed("price", "prise");
    const file = put(textOf(some, unlabeled).replace("price", "prise"), "renamed.csv");
    expect(await refusal("--model", damaged, "--data", `csv:${file}`)).toContain(
      "it is damaged: its bytes do not add up",
    );
  });

  it("has no columns, by how it was trained", async () => {
    const at = join(folder, "synthetic");
    await run(
      ...["train", "--data", "synthetic", "--tables", "9,5", "--rows", "60", "--dim", "4", "--bottom", "4"],
      ...["--backend", "cpu", "--checkpoint", at, "--json"],
    );
    expect(await refusal("--model", join(at, "model.safetensors"), "--data", `csv:${data}`)).toMatch(
      /does not say by which columns rows are read: its model was trained on "synthetic clicks.*Train on one with --checkpoint DIR/,
    );
  });
});

describe("rows are refused", () => {
  it.each<[string, string, string]>([
    [
      "without a column",
      textOf(some, ["age", "user", "genres"]),
      'has no column "price"; its columns are "age", "user", "genres".',
    ],
    ["with a column twice", textOf(some).replace('"name"', '"price"'), 'has two columns called "price"'],
    [
      "with a text for a number",
      `price,age,user,genres\n1,2,u,\n1,old,u,\n`,
      'line 3: column "age" is "old", but must be a finite number, or empty where it is missing.',
    ],
    [
      "with too few fields",
      "price,age,user,genres\n1,2,u,\n1\n",
      "line 3 has 1 column, but the header has 4",
    ],
    ["of no row", "price,age,user,genres\n", "has a header but no row below it"],
    ["of nothing", "", "is empty"],
    ["whose ids are separated as columns are", "price|age|user|genres\n", "has no column"],
  ])("%s", async (_, content, sentence) => {
    const file = put(content, "wrong.csv");
    const out = join(place, "scores.csv");
    const said = await refusal("--model", model, "--data", `csv:${file}`, "--out", out);
    expect(said).toContain(file);
    expect(said).toContain(sentence);
    expect(await refusal("--model", model, "--data", `csv:${file}`)).toBe(said);
    expect(readdirSync(place)).toEqual([]);
  });

  it("that are not there, not named, or have no names", async () => {
    expect(await refusal("--model", model)).toContain(
      "Say which rows: --data arrow:FILE, csv:FILE, parquet:FILE.",
    );
    expect(await refusal("--model", model, "--data", "csv")).toContain(
      "--data csv needs a FILE: --data csv:FILE.",
    );
    expect(await refusal("--model", model, "--data", "csv:")).toContain("--data csv needs a FILE");
    expect(await refusal("--model", model, "--data", `csv:${data}x`)).toContain(`${data}x`);
    expect(await refusal("--model", model, "--data", "synthetic")).toContain('no data "synthetic"');
    expect(await refusal("--model", model, "--data", `csv:${data}`, "--dense", "price")).toContain(
      "predict has no flag --dense",
    );
    expect(await refusal("--model", model, "--data", `parquet:${data}`)).toContain("is no Parquet file");
  });

  it("without labels, where they are measured, and by groups of which one has several", async () => {
    expect(await refusal("--model", model, "--data", `csv:${data}`, "--evaluate")).toContain(
      'has no column "clicked"',
    );
    const labeled = put(textOf(some), "labeled.csv");
    expect(
      await refusal("--model", model, "--data", `csv:${labeled}`, "--evaluate", "--group", "genres"),
    ).toBe(
      'Column "genres" has several ids a row, so it cannot say of which group a row is; name another one.',
    );
  });

  it("later in a file: what was there stays, and nothing is left beside it", async () => {
    const file = put(`${textOf(visits(5000, 1), unlabeled)}x\n`, "long.csv");
    const out = join(place, "old.csv");
    writeFileSync(out, "old");
    expect(await refusal("--model", model, "--data", `csv:${file}`, "--out", out, "--overwrite")).toContain(
      "has 1 column,",
    );
    expect([readdirSync(place), readFileSync(out, "utf8")]).toEqual([["old.csv"], "old"]);
  });
});

describe("a file of scores is refused", () => {
  const to = (out: string, ...words: string[]) =>
    refusal("--model", model, "--data", `csv:${data}`, "--out", out, ...words);

  it("that is there already, unless it may be replaced", async () => {
    const out = join(place, "there.csv");
    writeFileSync(out, "old");
    expect(await to(out)).toBe(
      `${out} is there already; add --overwrite to replace it when all is done, or name another file.`,
    );
    expect(readFileSync(out, "utf8")).toBe("old");
    const { code } = await run(
      ...[
        "predict",
        "--backend",
        "cpu",
        "--model",
        model,
        "--data",
        `csv:${data}`,
        "--out",
        out,
        "--overwrite",
      ],
    );
    expect([code, readFileSync(out, "utf8").split("\n").length]).toEqual([0, 32]);
  });

  it("that is read for them, by any name", async () => {
    const [soft, hard] = [join(place, "soft"), join(place, "hard")];
    symlinkSync(data, soft);
    linkSync(model, hard);
    for (const [out, same] of [
      [data, data],
      [model, model],
      [soft, data],
      [hard, model],
      [join(dirname(data), ".", "some.csv"), data],
    ] as const)
      expect(await to(out, "--overwrite")).toBe(`${out} is ${same}, which is read; name another file.`);
  });

  it("that cannot be: a folder, below a file, a pipe, as a device is, which would be gone", async () => {
    expect(await to(place, "--overwrite")).toContain("it is a folder; name a file.");
    expect(await to(join(data, "below"))).toContain("is a file, no folder");
    const pipe = join(place, "pipe"); // never a device of this machine: where the refusal is gone, so is what stood there
    execFileSync("mkfifo", [pipe]);
    expect(await to(pipe, "--overwrite")).toBe(
      `Cannot write ${pipe}: it is a device or a pipe; name a file.`,
    );
    expect(lstatSync(pipe).isFIFO()).toBe(true);
  });

  it("whose flags contradict each other", async () => {
    const out = join(place, "none.csv");
    expect(await to(out, "--weight", "price")).toBe(
      "--weight is of rows that are measured; add --evaluate, or leave --weight out.",
    );
    expect(await to(out, "--key", "name,nobody")).toContain('has no column "nobody"');
    expect(await to(out, "--key", "name,name")).toContain(
      'Column "name" stands twice among the kept columns',
    );
    expect(await to(out, "--key", "probability")).toContain('The scores are called "probability"');
    expect(await refusal("--model", model, "--data", `csv:${data}`, "--json")).toContain("add --out FILE");
    expect(await refusal("--model", model, "--data", `csv:${data}`, "--overwrite")).toContain(
      "--overwrite is of a file",
    );
    const labeled = put(textOf(some), "labeled.csv");
    expect(
      await refusal("--model", model, "--data", `csv:${labeled}`, "--evaluate", "--key", "name"),
    ).toContain("--key is of a file of scores; add --out FILE, or leave --key out.");
    expect(existsSync(out)).toBe(false);
  });
});

it("a stop is obeyed: no file is written, and the exit code is the signal's", async () => {
  const out = join(place, "stopped.csv");
  const long = put(textOf(visits(4000, 3), unlabeled), "long.csv");
  // As soon as somebody listens to it, which is when rows begin to be scored.
  const stop = (event: string | symbol) => {
    if (event === "SIGINT") queueMicrotask(() => process.emit("SIGINT", "SIGINT"));
  };
  process.on("newListener", stop);
  const { code, err } = await run(
    ...["predict", "--backend", "cpu", "--model", model, "--data", `csv:${long}`, "--out", out],
  ).finally(() => process.off("newListener", stop));
  expect([code, existsSync(out)]).toEqual([130, false]);
  expect(err).toMatch(/\nSIGINT after [\d,]+ rows\. .*stopped\.csv is not written\.\n$/);
});
