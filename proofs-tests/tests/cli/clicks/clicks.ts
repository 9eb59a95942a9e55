import { expect } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import type { Features } from "../../../../models/data/encoders/features.ts";
import { type Part, partNames } from "../../../../models/data/split.ts";
import { put } from "../../models/data/files.ts";
import { run } from "../command.ts";

/** A click: a label, a price in [0, 1), an age near 0, one of 50 users and of 30 items; all four carry signal. */
export interface Click {
  readonly label: number;
  readonly price: number;
  readonly age: number;
  readonly user: string;
  readonly item: string;
}

/** `count` clicks of which about `rate` are labeled 1, or somewhat more. */
export function clicks(count: number, seed: number, rate = 0.3): Click[] {
  const stream = random(seed, "clicks");
  const effects = (n: number) => Array.from({ length: n }, () => stream.normal());
  const [users, items] = [effects(50), effects(30)];
  const base = Math.log(rate / (1 - rate));
  return Array.from({ length: count }, () => {
    const [u, i, price, age] = [stream.integer(50), stream.integer(30), stream.uniform(), stream.normal()];
    const logit = users[u]! + items[i]! + 1.5 * age - 2 * (price - 0.5) + base;
    const label = Number(stream.uniform() < 1 / (1 + Math.exp(-logit)));
    return { label, price, age, user: `u${u}`, item: `i${i}` };
  });
}

/** Always the same: what a training comes to depends on chance, and log loss may differ by more in one case of a hundred. */
export const seeds = [1];

/** The header of a CSV file of them, and a line each. */
export const linesOf = (all: readonly Click[]): string[] => [
  "label,price,age,user,item",
  ...all.map(({ label, price, age, user, item }) =>
    [label, Number(price.toPrecision(6)), Number(age.toPrecision(6)), user, item].join(),
  ),
];

/** A CSV file of them. */
export const fileOf = (all: readonly Click[]): string => fileOfLines(linesOf(all));

export const fileOfLines = (lines: readonly string[]): string => put(`${lines.join("\n")}\n`);

/** A file for each part. */
export type PartFiles = Readonly<Record<Part, string>>;

/** The first `test` of them to test on, then those to choose by, then those to train on. */
export const partsOf = (all: readonly Click[], test: number, validation: number) => ({
  test: all.slice(0, test),
  validation: all.slice(test, test + validation),
  train: all.slice(test + validation),
});

/** Words that name the data: one file, or one for each part. */
export const dataWords = (file: string | PartFiles): string[] =>
  typeof file === "string"
    ? ["--data", `csv:${file}`]
    : ["--data", "csv", ...partNames.flatMap((name) => [`--${name}`, file[name]])];

/** What a stranger writes: which columns are what. */
export const columns = ["--label", "label", "--dense", "price,age", "--categorical", "user,item"];

/** A small model: what is tested here is no matter of its size. */
export const small = "--table-rows 1000 --dim 4 --bottom 16-4 --top 16-1".split(" ");

/** What `train --json` says of a file, or of a file for each part, with these words. */
export const trainedOn = (file: string | PartFiles, ...words: string[]) =>
  trainedWith(...dataWords(file), ...columns, ...words);

/** The same where the words say all. */
export async function trainedWith(...words: string[]) {
  const { code, out, err } = await run("train", "--json", ...words);
  if (code !== 0) throw new Error(`exit ${code}: ${err}`);
  return JSON.parse(out) as {
    readonly steps: number;
    readonly kept?: { readonly step: number; readonly value: number };
    readonly notes: readonly string[];
    readonly rows: Readonly<Record<Part, { rows: number; ones: number }>>;
    readonly features: Features;
    readonly embedding: { readonly floats: number };
    readonly quality: {
      readonly auc: { readonly value: number | null };
      readonly logLoss: number;
      readonly calibration: number | null;
    };
  };
}

type Quality = Awaited<ReturnType<typeof trainedWith>>["quality"];

/** How far apart what ought to be the same may be: rows are the same, but floats of them or their order differ. */
export function expectLike(one: Quality, other: Quality): void {
  expect(Math.abs(one.auc.value! - other.auc.value!)).toBeLessThan(0.003);
  expect(Math.abs(one.logLoss - other.logLoss)).toBeLessThan(0.01);
}
