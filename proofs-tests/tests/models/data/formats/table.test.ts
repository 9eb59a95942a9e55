import { describe, expect, it } from "vitest";
import { hashText } from "../../../../../models/data/encoders/hash.ts";
import { csvSource } from "../../../../../models/data/formats/csv.ts";
import { tableOptions } from "../../../../../models/data/formats/table.ts";
import type { Source } from "../../../../../models/data/source.ts";
import type { Part } from "../../../../../models/data/split.ts";
import { put } from "../files.ts";
import { rows, upTo } from "../rows.ts";

const parts = ["train", "validation", "test"] as const;

/** 400 rows; x is the row's number but missing in the first and each tenth, g one of 40 groups, t falls. */
const lines = upTo(400).map((i) =>
  [i % 2, i === 0 || i % 10 === 3 ? "" : i, `u${i % 7}`, `g${i % 40}`, 400 - i, i % 5].join(),
);
const file = put(["y,x,u,g,t,w", ...lines].join("\n"));

const open = async (options: object, seed = 1, argument: string | null = file): Promise<Source> =>
  (
    await csvSource.open(
      argument ?? undefined,
      { label: "y", dense: ["x"], categorical: ["u"], ...options },
      {},
    )
  )(seed);

/** The numbers of the rows of each part, where x says them. */
async function numbersOf(source: Source): Promise<Record<Part, number[]>> {
  const found = await Promise.all(
    parts.map(async (name) => (await rows(source[name])).map(({ dense }) => dense[0]!)),
  );
  return Object.fromEntries(parts.map((name, i) => [name, found[i]!])) as Record<Part, number[]>;
}

describe("columns of a table", () => {
  it("are scaled as the rows to train on have them; what is missing there is counted, and becomes 0", async () => {
    const raw = await numbersOf(await open({ scale: "none" }));
    const { features, columns, ...source } = await open({ scale: "standard" });
    const known = raw.train.filter((x) => x !== 0);
    const mean = known.reduce((a, b) => a + b) / known.length;
    const deviation = Math.sqrt(known.reduce((sum, x) => sum + (x - mean) ** 2, 0) / known.length);
    const [fittedMean, fittedDeviation] = features!.dense[0]!.scaling.numbers;
    expect(fittedMean).toBeCloseTo(mean, 9);
    expect(fittedDeviation).toBeCloseTo(deviation, 9);
    const scaled = await numbersOf(source as Source);
    for (const name of parts)
      for (const [i, x] of raw[name].entries())
        expect(scaled[name][i]).toBeCloseTo(x === 0 ? 0 : (x - fittedMean!) / fittedDeviation!, 4);
    const missing = raw.train.filter((x) => x === 0).length;
    expect(columns![0]).toMatch(
      new RegExp(`^x: standard, mean .*; ${missing} missing values, which become 0$`),
    );
    expect(columns![1]).toMatch(/^u: 7 different ids in \d+ rows$/);
  });

  it("have tables of the size that is asked for, else of what occurs", async () => {
    const [size] = (await open({})).train.tables; // of seven ids, none of which shares its row
    expect([32, 64, 128, 256, 512]).toContain(size);
    const places = new Set(upTo(7).map((i) => hashText(`u${i}`) % size!));
    expect(places.size).toBe(7);
    expect((await open({ tableRows: 3 })).columns![1]).toMatch(
      /^u: 7 different ids in 3 rows, \d of which share theirs/,
    );
    const { train, features } = await open({ tableRows: 5 });
    expect([train.tables, features!.categorical]).toEqual([[5], [{ column: "u", rows: 5, distinct: 7 }]]);
  });

  it("may be ids alone or numbers alone: a model then has a constant number, or a table of one row", async () => {
    const ids = await open({ dense: undefined });
    expect([ids.train.dense, (await rows(ids.test))[0]!.dense]).toEqual([1, [1]]);
    const numbers = await open({ categorical: undefined });
    expect([numbers.train.tables, (await rows(numbers.test))[0]!.bags]).toEqual([[1], [[0]]]);
  });

  it("say how much a row counts, and what it belongs to, though they may be features too", async () => {
    for (const extra of [{}, { dense: ["w", "x"], categorical: ["u", "g"] }]) {
      const source = await open({ scale: "none", weight: "w", group: "g", ...extra });
      const wide = "dense" in extra;
      expect([source.train.dense, source.train.tables.length]).toEqual(wide ? [2, 2] : [1, 1]);
      const groups = new Map<number, number>();
      for await (const batch of source.train.batches(50))
        for (let i = 0; i < batch.size; i++) {
          const x = batch.dense[i * source.train.dense + (wide ? 1 : 0)]!;
          if (x === 0) continue;
          expect(batch.weights![i]).toBe(x % 5);
          if (!groups.has(x % 40)) groups.set(x % 40, batch.groups![i]!);
          expect(batch.groups![i]).toBe(groups.get(x % 40));
        }
      expect(new Set(groups.values()).size).toBe(groups.size);
    }
  });
});

describe("a table is cut", () => {
  it("by groups: each is whole in one part, another at another seed", async () => {
    const cut = async (seed: number) => {
      const numbers = await numbersOf(await open({ scale: "none", group: "g", split: "group" }, seed));
      const of = (name: Part) => new Set(numbers[name].filter((x) => x !== 0).map((x) => x % 40));
      const all = parts.map(of);
      expect(all.reduce((n, set) => n + set.size, 0)).toBe(new Set(all.flatMap((set) => [...set])).size);
      return [...all[2]!].sort();
    };
    const cuts = await Promise.all([3, 4, 5].map(cut));
    expect(new Set(cuts.map(String)).size).toBeGreaterThan(1);
  });

  it("by time: the latest tenth is tested on, the one before chosen by", async () => {
    const { test, validation, train } = await numbersOf(
      await open({ scale: "none", time: "t", split: "time" }),
    );
    // t is 400 − x.
    expect(Math.max(...test)).toBeLessThan(Math.min(...validation.filter((x) => x > 0)));
    expect(Math.max(...validation)).toBeLessThan(Math.min(...train.filter((x) => x > 0)));
    expect([train.length, validation.length, test.length]).toEqual([320, 40, 40]);
  });

  it("not at all where each part has a file, fitted to the first", async () => {
    const [one, two, three] = [upTo(100), [500, 501], [7]].map((xs) =>
      put(["u,y,x", ...xs.map((x) => `u${x},${x % 2},${x}`)].join("\n")),
    );
    const source = await open({ train: one, validation: two, test: three, scale: "standard" }, 1, null);
    expect(source.survey.parts).toEqual({
      train: { rows: 100, ones: 50 },
      validation: { rows: 2, ones: 1 },
      test: { rows: 1, ones: 1 },
    });
    expect(source.features!.dense[0]!.scaling.numbers[0]).toBeCloseTo(49.5, 9);
  });
});

describe("what cannot be asked of a table is refused", () => {
  it.each<[string, object, string]>([
    ["no label", { label: undefined }, "needs --label COLUMN"],
    ["no features", { dense: undefined, categorical: undefined }, "needs columns to learn from"],
    ["a time that nothing is cut by", { time: "t" }, "--time is what --split time cuts by"],
    ["a scale of no column", { dense: undefined, scale: "log" }, "--scale is of columns of numbers"],
    ["tables of no column", { categorical: undefined, tableRows: 9 }, "--table-rows is of columns of ids"],
    ["groups without a column", { split: "group" }, "--split group needs --group COLUMN"],
    ["times without a column", { split: "time" }, "--split time needs --time COLUMN"],
    [
      "a file for one part",
      { test: file },
      "is cut in three; for a file a part write --data csv --train FILE",
    ],
    ["a negative weight", { weight: "minus" }, 'has no column "minus"'],
    ["times that are all the same", { time: "u7", split: "time" }, 'has no column "u7"'],
  ])("%s", async (_, options, sentence) => {
    await expect(open(options)).rejects.toThrow(sentence);
  });

  it("a file for two parts of three, or a split of files", async () => {
    const some = { train: file, validation: file };
    await expect(
      (async () => csvSource.open(undefined, { label: "y", dense: ["x"], ...some }, {}))(),
    ).rejects.toThrow("--train FILE --validation FILE --test FILE");
    const all = { ...some, test: file, split: "order" as const };
    await expect(
      (async () => csvSource.open(undefined, { label: "y", dense: ["x"], ...all }, {}))(),
    ).rejects.toThrow("leave --split out");
  });

  it("weights that are all 0 in a part", async () => {
    const lines = upTo(50).map((i) => `${i % 2},${i},${Number(i < 45)}`);
    const light = put(["y,x,w", ...lines].join("\n"));
    await expect(open({ categorical: undefined, weight: "w", split: "order" }, 1, light)).rejects.toThrow(
      /^All weights of the test rows of ".*" are 0/,
    );
  });

  it("weights below 0 or missing, times that are missing or too much alike", async () => {
    const bad = put(
      [
        "y,x,w,t",
        ...upTo(50).map((i) => `${i % 2},${i},${i === 30 ? -1 : i === 40 ? "" : 1},${i % 2 === 0 ? 5 : ""}`),
      ].join("\n"),
    );
    const walked = async (options: object) =>
      rows((await open({ categorical: undefined, ...options }, 1, bad)).train);
    await expect(walked({ weight: "w" })).rejects.toThrow(/A weight of ".*" is (-1|missing)/);
    await expect(walked({ time: "t", split: "time" })).rejects.toThrow(/Row 1 .*has no time/);
    const same = put(["y,x,t", ...upTo(50).map((i) => `${i % 2},${i},5`)].join("\n"));
    await expect(open({ categorical: undefined, time: "t", split: "time" }, 1, same)).rejects.toThrow(
      "too many rows are of the same one, 5; split at random",
    );
  });

  it("groups that are too few to be in each part", async () => {
    const two = put(["y,x,g", ...upTo(50).map((i) => `${i % 2},${i},g${i % 2}`)].join("\n"));
    await expect(open({ categorical: undefined, group: "g", split: "group" }, 1, two)).rejects.toThrow(
      /^Of the groups of ".*" none falls into the (train|validation|test) part; give more groups/,
    );
  });
});

it("says where the numbers that a model sees cannot tell the values of a column apart", async () => {
  const times = put(["y,t,s", ...upTo(99).map((i) => `${i % 2},${1_700_000_000 + 60 * i},${i}`)].join("\n"));
  const { columns } = await open({ dense: ["t", "s"], categorical: undefined, scale: "none" }, 1, times);
  // Floats near 1.7e9 are 128 apart; by the bound that is used, which knows the largest value alone, 203.
  expect(columns![0]).toMatch(/; 32-bit numbers tell only about (29|30) values of it apart: scale it/);
  expect(columns![1]).not.toContain("-bit");
  for (const scale of ["quantile", "standard", "log"]) {
    const scaled = await open({ dense: ["t", "s"], categorical: undefined, scale }, 1, times);
    expect(scaled.columns!.join()).not.toContain("-bit");
  }
  const fine = put(["y,t,s", ...upTo(99).map((i) => `${i % 2},17000000000000${i + 100}000,${i}`)].join("\n"));
  for (const asked of [{ dense: ["t"] }, { dense: ["s"], time: "t", split: "time" }]) {
    const found = await open({ ...asked, categorical: undefined }, 1, fine);
    // Doubles near 1.7e19 are 2048 apart; by the bound that is used, 3775.
    expect(found.columns!.at(-1)).toMatch(
      /^t: .*; 64-bit numbers tell only about (2\d) values of it apart: subtract a constant from it first$/,
    );
  }
});

it("says of a column that no row to train on has a number, whatever its scale", async () => {
  const bare = put(["y,x,s", ...upTo(50).map((i) => `${i % 2},,${i}`)].join("\n"));
  for (const scale of ["quantile", "standard", "log", "none"]) {
    const { columns } = await open({ dense: ["x", "s"], categorical: undefined, scale }, 1, bare);
    expect(columns![0]).toMatch(/^x: no number; \d+ missing values, which become 0$/);
  }
});

it("says how many ids a field has on average, and where its separator never occurs", async () => {
  const lists = put(["y,g", ...upTo(80).map((i) => `${i % 2},${["a", "b|c", ""][i % 3]}`)].join("\n"));
  const only = { dense: undefined, categorical: ["g"] };
  const words = async (multi: string[]) => (await open({ ...only, multi }, 1, lists)).columns![0];
  expect(await words(["g:|"])).toMatch(
    /^g: 3 different ids in \d+ rows; (0\.\d|1\.0)\d+ in a field on average$/,
  );
  expect(await words(["g:;"])).toMatch(/; no field has more than one: see what separates them$/);
});

it("every option of a table has a line for help", () => {
  for (const { help } of Object.values(tableOptions)) expect(help).not.toBe("");
});
