import { join } from "node:path";
import { modelIn } from "../../../../cli/training/checkpoint.ts";
import { random } from "../../../../core/numeric/random.ts";
import { put } from "../../models/data/files.ts";
import { upTo } from "../../models/data/rows.ts";
import { temporaryFolder } from "../../temporary.ts";
import { run } from "../command.ts";

export const folder = temporaryFolder();

/** A visit: numbers of which one may be missing, an id, several ids, and a name that has all that quotes are for. */
export interface Visit {
  readonly clicked: number;
  readonly name: string;
  readonly price: number;
  readonly age: number | undefined;
  readonly user: string;
  readonly genres: readonly string[];
}

export function visits(count: number, seed: number, unit = 1): Visit[] {
  const stream = random(seed, "visits");
  return upTo(count).map((i) => {
    const [price, user] = [Math.exp(stream.normal()), stream.integer(20)];
    const genres = ["Drama", "War", "Sci Fi"].filter(() => stream.integer(2) === 0);
    const logit = 1.5 * Math.log(price) + (user % 2) + genres.length - 2;
    return {
      clicked: Number(stream.uniform() < 1 / (1 + Math.exp(-logit))),
      name: [`a, ${i}`, `"${i}"`, `two\nlines ${i}`, `plain ${i}`, ""][i % 5]!,
      price: Number((unit * price).toFixed(4)),
      age: i % 7 === 0 ? undefined : stream.integer(80),
      user: `u${user}`,
      genres,
    };
  });
}

/** A field in quotes, as a program that does not think about it writes each of them. */
const field = (value: unknown) => `"${String(value ?? "").replaceAll('"', '""')}"`;

export type Column = keyof Visit;
export const columns: readonly Column[] = ["clicked", "name", "price", "age", "user", "genres"];

/** The text of a CSV file of these columns. */
export const textOf = (all: readonly Visit[], names: readonly Column[] = columns, separator = ","): string =>
  [
    names,
    ...all.map((visit) => names.map((name) => (name === "genres" ? visit.genres.join("|") : visit[name]))),
  ]
    .map((line) => `${line.map(field).join(separator)}\n`)
    .join("");

export const unlabeled = columns.filter((name) => name !== "clicked");

/** Flags that say what the columns of visits are. */
export const columnFlags: readonly string[] = [
  ...["--label", "clicked", "--dense", "price,age"],
  ...["--categorical", "user,genres", "--multi", "genres:|"],
];

/** Flags that train a small model of them. */
export const trainFlags: readonly string[] = [
  ...[...columnFlags, "--backend", "cpu", "--dim", "4", "--bottom", "4", "--top", "4-1"],
  ...["--batch", "32", "--lr", "0.1"],
];

let models = 0;
/** Trains a model of visits, with these words too; its file. */
export async function trained(...words: string[]): Promise<string> {
  const at = join(folder, `model-${models++}`);
  const data = words.includes("--train") ? "csv" : `csv:${put(textOf(visits(600, 1)), "visits.csv")}`;
  const { code, err } = await run(
    ...["train", "--data", data, ...trainFlags, "--checkpoint", at, "--json", ...words],
  );
  if (code !== 0) throw new Error(err);
  return modelIn(at);
}
