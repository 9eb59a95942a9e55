import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { conformTo, passes } from "../../golden/check.ts";
import { conform } from "../../golden/file.ts";
import type { Architecture } from "../models/dlrm/independent-dlrm.ts";
import { temporaryFolder } from "../temporary.ts";
import { chunked, goldenFile, type Json, laterAuthors, programFile } from "./independent-files.ts";

const folder = join(import.meta.dirname, "../../golden/files");
const files = (await readdir(folder)).filter((name) => name.endsWith(".json"));
const read = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));

const failures = async (json: unknown) => (await conformTo(json)).filter((c) => !passes(c));

describe("golden files of public reference programs", () => {
  test.each(files)("%s: every array agrees", async (name) => {
    const comparisons = await conform(join(folder, name));
    expect(comparisons.filter((c) => !passes(c))).toEqual([]);
  });

  test.each(files)("%s: an altered number is found, in its array and nowhere else", async (name) => {
    await expectAlterationsFound(await read(name));
  });
});

// ————— altering —————

/** Alters, for each kind of array, its largest number: by 1 if only equality counts, else by 1e-5 of itself. */
async function expectAlterationsFound(json: Json) {
  const largest = new Map<string, { array: string; exact: boolean; index: number[]; value: number }>();
  for (const { array, precision } of await conformTo(json)) {
    const kind = array
      .replaceAll(/\[\d+\]/g, "")
      .replace(/^(.*?(?:grad|grad_rows|params_after|final_params|constants))\..*/, "$1");
    for (const { index, value } of numbersIn(resolve(json, array))) {
      if (Math.abs(value) <= Math.abs(largest.get(kind)?.value ?? 0)) continue;
      largest.set(kind, { array, exact: precision === "exact", index, value });
    }
  }
  expect(largest.size).toBeGreaterThan(0);
  for (const { array, exact, index, value } of largest.values()) {
    const altered = alter(structuredClone(json), array, index, exact ? value + 1 : value * (1 + 1e-5));
    expect([...new Set((await failures(altered)).map((c) => c.array))], `${array}${index}`).toEqual([array]);
  }
}

function* numbersIn(value: unknown, index: number[] = []): Generator<{ index: number[]; value: number }> {
  if (typeof value === "number") yield { index, value };
  else for (const [i, item] of (value as unknown[]).entries()) yield* numbersIn(item, [...index, i]);
}

/** The keys on the way to an array, some of which have dots in them: "step0.grad.emb_l.0.weight". */
function keysTo(json: unknown, path: string): string[] {
  if (path === "") return [];
  const list = /^\[(\d+)\]\.?(.*)$/.exec(path);
  if (list) return [list[1]!, ...keysTo((json as Json)[list[1]!], list[2]!)];
  const key = Object.keys(json as Json).find(
    (k) => path === k || (/^[.[]/.test(path.slice(k.length)) && path.startsWith(k)),
  )!;
  return [key, ...keysTo((json as Json)[key], path.slice(key.length).replace(/^\./, ""))];
}

const resolve = (json: Json, path: string): unknown => keysTo(json, path).reduce((at, key) => at[key], json);

function alter(json: Json, path: string, index: readonly number[], value: number): Json {
  const keys: (string | number)[] = [...keysTo(json, path), ...index];
  const last = keys.pop()!;
  keys.reduce((at, key) => at[key], json)[last] = value;
  return json;
}

// ————— layouts of which there is no file here: the same made by plain loops —————

const tiny: Architecture = {
  rows: [7, 1, 12],
  d: 3,
  bottom: [2, 5, 3],
  top: [12, 4, 1],
  interaction: "dot",
  itself: false,
  loss: "bce",
};

const policy = [1, 2, 2, 2, 3, 27 / 16, 3 / 4, 3 / 16, 3 / 16].map((thirds) => (0.2 * thirds) / 3);
const qr = { collisions: 4, threshold: 5 };
const itself: Architecture = { ...tiny, itself: true, top: [13, 4, 1] };

const layouts: [string, Json][] = [
  ["dot with itself", goldenFile(itself, 6, "sgd", 0.25)],
  [
    "cat and mse",
    goldenFile({ ...tiny, interaction: "cat", loss: "mse", top: [12, 5, 1] }, 6, "adagrad", 0.0625),
  ],
  [
    "a batch of one, MLPs of one layer",
    goldenFile({ ...tiny, rows: [1], bottom: [2, 3], top: [4, 1] }, 1, "sgd", 0.5),
  ],
  [
    "QR add with bags",
    goldenFile({ ...tiny, top: [9, 4, 1], qr: { operation: "add", ...qr } }, 6, "sgd", 0.25),
  ],
  [
    "QR mult with bags",
    goldenFile({ ...tiny, top: [9, 4, 1], qr: { operation: "mult", ...qr } }, 6, "sgd", 0.25),
  ],
  [
    "the program by default",
    programFile({ ...tiny, top: [9, 4, 1], loss: "mse" }, ["--print-freq=1"], new Array(6).fill(0.01), false),
  ],
  [
    "the program with adagrad and a policy",
    programFile(
      { ...itself, loss: "bce" },
      "--optimizer adagrad --learning-rate=0.2 --loss-function=bce --arch-interaction-itself --lr-num-warmup-steps=3 --lr-decay-start-step 5 --lr-num-decay-steps=4",
      policy,
      true,
    ),
  ],
];

const ids = [0, 5, 2147483646, 5, 77];
const [r1, r2, r3] = [634329019n, 1825252241n, 871205356n];
const named = { A: Number(r3), B: Number(r2), C: Number(r1), P: 2038074743 };
const byFormula = "index[a][c] = ((ids[a]*A + (floor(c/Z)+1)*B + C) mod P) mod (m-Z) + (c mod Z)";
const wide = ["4611686018427387903", "1234567890123456789", "3141592653589793238"];

layouts.push(
  ["cpurobez, named constants", { ...laterAuthors(ids, named, [r3, r2, r1]), formula: byFormula }],
  ["cpurobez, constants of the seed", laterAuthors(ids, { seed: 1024 }, [r1, r2, r3], 1000)],
  ["cce with PolyHash", chunked("PolyHash", [123456789, 987654321], 23, ids)],
  ["cce with MultiHash", chunked("MultiHash", wide, 100, [...ids, "4000000000000000001"])],
);

describe("layouts made by plain loops", () => {
  test.each(layouts)("%s: every array agrees", async (_, json) => {
    expect(await failures(json)).toEqual([]);
  });

  test.each(layouts)("%s: an altered number is found, in its array and nowhere else", async (_, json) => {
    await expectAlterationsFound(json);
  });
});

describe("files that cannot be used", () => {
  const good = goldenFile(itself, 2, "sgd", 0.25);
  const bad: [string, unknown, RegExp][] = [
    ["a list", [], /must be a JSON object, but it is \[\]/],
    ["another format", { format: "dlrm-golden-9" }, /There is no golden format "dlrm-golden-9"/],
    ["no format", {}, /format is missing/],
    [
      "a key left out",
      { ...good, batches: [{ ...good.batches[0], target: undefined }] },
      /batches\[0\]\.target is missing/,
    ],
    ["a result cut short", { ...good, losses: good.losses.slice(1) }, /losses has shape \[4\], but .* \[5\]/],
    [
      "a parameter of another shape",
      { ...good, params: { ...good.params, "emb_l.0.weight": [[1]] } },
      /params\.emb_l\.0\.weight has shape/,
    ],
    ["a ragged array", { ...good, probs: [[1, 2], [3]] }, /probs\[1\] must be a list of 2/],
    ["an array nobody knows", { ...good, gains: [1, 2] }, /gains is no array that conform knows/],
    [
      "a parameter nobody knows",
      { ...good, params: { ...good.params, spare: [1] } },
      /params\.spare belongs to no parameter/,
    ],
    [
      "a rule nobody knows",
      { format: "robe-index-1", cases: [{ index: [[1]] }] },
      /cases\[0\] follows no rule/,
    ],
  ];
  test.each(bad)("%s", async (_, json, sentence) => {
    await expect(conformTo(json)).rejects.toThrow(sentence);
    await expect(conformTo(json)).rejects.toHaveProperty("name", "InputError");
  });

  test("a file that is not there, and one that is not JSON", async () => {
    const path = join(temporaryFolder(), "broken.json");
    await expect(conform(path)).rejects.toThrow(/Cannot read .*broken\.json/);
    await writeFile(path, "{");
    await expect(conform(path)).rejects.toThrow(/broken\.json is not JSON/);
  });
});
