import { random } from "../../../../core/numeric/random.ts";
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

/** A CSV file of them. */
export const fileOf = (all: readonly Click[]): string =>
  put(
    [
      "label,price,age,user,item",
      ...all.map(({ label, price, age, user, item }) =>
        [label, Number(price.toPrecision(6)), Number(age.toPrecision(6)), user, item].join(),
      ),
      "",
    ].join("\n"),
  );

/** What a stranger writes: which columns are what. */
export const columns = ["--label", "label", "--dense", "price,age", "--categorical", "user,item"];

/** What `train --json` says of a file, or of a file for each part, with these words. */
export async function trainedOn(
  file: string | Readonly<Record<"train" | "validation" | "test", string>>,
  ...words: string[]
) {
  const data =
    typeof file === "string"
      ? [`csv:${file}`]
      : ["csv", "--train", file.train, "--validation", file.validation, "--test", file.test];
  const { code, out, err } = await run("train", "--data", ...data, ...columns, "--json", ...words);
  if (code !== 0) throw new Error(`exit ${code}: ${err}`);
  return JSON.parse(out) as {
    readonly steps: number;
    readonly kept?: { readonly step: number; readonly value: number };
    readonly notes: readonly string[];
    readonly rows: Readonly<Record<"train" | "validation" | "test", { rows: number; ones: number }>>;
    readonly quality: {
      readonly auc: { readonly value: number | null };
      readonly logLoss: number;
      readonly calibration: number | null;
    };
  };
}
