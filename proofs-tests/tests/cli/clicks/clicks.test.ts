import { describe, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { put } from "../../models/data/files.ts";
import { run } from "../command.ts";
import {
  clicks,
  columns,
  expectLike,
  fileOf,
  fileOfLines,
  linesOf,
  partsOf,
  seeds,
  small,
  trainedOn,
} from "./clicks.ts";
import { criteoLike } from "./criteo-like.ts";

describe.each([
  [1, "adagrad"],
  [2, "sgd"],
  [3, "adam"],
  [4, "rmsprop"],
])("a stranger's clicks (seed %i, %s)", (seed, optimizer) => {
  it("train as well where an epoch ends in one row as where it does not", async () => {
    const { train, validation, test } = partsOf(clicks(6001, seed), 2000, 400);
    const files = { train: fileOf(train), validation: fileOf(validation), test: fileOf(test) };
    const given = [...small, "--batch", "100", "--optimizer", optimizer];
    const whole = await trainedOn(files, ...given, "--steps", "36");
    const remainder = await trainedOn(files, ...given);
    expect([whole.steps, remainder.steps]).toEqual([36, 37]);
    expectLike(whole.quality, remainder.quality);
    expect(Math.abs(whole.quality.calibration! - remainder.quality.calibration!)).toBeLessThan(0.03);
  });

  it("train the same whatever unit a column has", async () => {
    const all = clicks(6000, seed);
    const exponent = 1 + random(seed, "unit").integer(12);
    const scaled = fileOf(all.map((click) => ({ ...click, price: click.price * 10 ** exponent })));
    const given = [...small, "--optimizer", optimizer];
    expectLike((await trainedOn(fileOf(all), ...given)).quality, (await trainedOn(scaled, ...given)).quality);
  });
});

describe.each(seeds)("a stranger's clicks (seed %i)", (seed) => {
  it("train the same whatever order the file has, and a sorted one is said", async () => {
    const { train, ...rest } = partsOf(clicks(90_000, seed, 0.1), 10_000, 10_000);
    const files = { validation: fileOf(rest.validation), test: fileOf(rest.test) };
    const [head, ...lines] = linesOf(train) as [string, ...string[]];
    const trained = (rows: string[]) =>
      trainedOn({ ...files, train: fileOfLines([head, ...rows]) }, ...small, "--batch", "512");
    const plain = await trained(lines);
    expect(plain.notes).toEqual([]);
    expect(plain.rows.test.rows).toBe(10_000);
    for (const sign of [1, -1]) {
      const sorted = await trained(lines.toSorted((a, b) => sign * (Number(a[0]) - Number(b[0])))); // by label
      expectLike(plain.quality, sorted.quality);
      expect(sorted.notes).toEqual([expect.stringContaining("changes along the data")]);
    }
  });
});

describe.each(seeds)("8,000 rows in Criteo's format (seed %i)", (seed) => {
  const file = criteoLike(8000, seed);

  it("are not undone by the short batch at the very end of three epochs", async () => {
    const quality = async (...limit: string[]) => {
      const tables = ["--tables", new Array<number>(26).fill(1000).join()];
      const words = ["--epochs", "3", "--batch", "128", "--keep", "last", "--json", ...limit];
      const { out } = await run("train", "--data", `criteo:${file}`, ...tables, ...words);
      const { steps, quality } = JSON.parse(out);
      return { steps, ...quality };
    };
    const all = await quality();
    const before = await quality("--steps", String(all.steps - 1));
    expect(Math.abs(all.calibration - before.calibration)).toBeLessThan(0.02);
    expect(Math.abs(all.auc.value - before.auc.value)).toBeLessThan(0.003);
  });

  it("give probabilities that can be taken as they are", async () => {
    const words = ["--epochs", "3", "--batch", "128", "--json"];
    const { out } = await run("train", "--data", `criteo:${file}`, ...words);
    // Of some 800 test rows; the true probabilities are further off than that for one seed in 14.
    expect(Math.abs(JSON.parse(out).quality.calibration - 1)).toBeLessThan(0.1);
  });
});

it("a file with ids alone, and one with numbers alone, train", async () => {
  const file = fileOf(clicks(3000, 1));
  const quality = async (...features: string[]) => {
    const { code, out } = await run(
      "train",
      "--data",
      `csv:${file}`,
      "--label",
      "label",
      "--json",
      ...features,
    );
    expect(code).toBe(0);
    return JSON.parse(out).quality.auc.value;
  };
  expect(await quality("--dense", "price,age")).toBeGreaterThan(0.6);
  expect(await quality("--categorical", "user,item", "--epochs", "3")).toBeGreaterThan(0.6);
});

it("a number that a 32-bit float cannot hold is refused with its line where it is not scaled", async () => {
  const file = put("label,price,age,user,item\n0,1,2,u,i\n1,1e39,2,u,i\n");
  const { code, err } = await run("train", "--data", `csv:${file}`, ...columns, "--scale", "none");
  expect([code, err]).toEqual([
    2,
    expect.stringMatching(/line 3: column "price" is "1e39", but must be a finite 32-bit number/),
  ]);
});
