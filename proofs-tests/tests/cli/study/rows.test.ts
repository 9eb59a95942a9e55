import { describe, expect, it } from "vitest";
import { dataInWords, lastKept, studyRows, whyNoAuc, withLazyRows } from "../../../../cli/study/rows.ts";
import type { Dataset } from "../../../../models/data/dataset.ts";
import { idSignal } from "../../../../models/data/id-signal.ts";
import { lazyRows } from "../../../../models/data/lazy-rows.ts";
import type { Source } from "../../../../models/data/source.ts";
import { synthetic } from "../../../../models/data/synthetic/synthetic.ts";
import { byWeights, type OwnChoice } from "../../../../models/embeddings/own-choice.ts";

/** Counts of the rows of each part, [train, validation, test], and of those labeled 1. */
const counted = (rows: readonly number[], ones: readonly number[]) =>
  Object.fromEntries(
    ["train", "validation", "test"].map((part, i) => [part, { rows: rows[i]!, ones: ones[i]! }]),
  ) as unknown as Source["survey"]["parts"];

const sourceOf = (name: string, tables: readonly number[], parts: Source["survey"]["parts"]) =>
  ({ train: { name, tables } as unknown as Dataset, survey: { parts } }) as Source;

describe("rows of full tables", () => {
  const of = (tables: readonly number[]) => {
    const { train, validation, test } = synthetic({ tables, dense: 1, rows: 40, seed: 1 });
    return { train, validation, test };
  };

  it("are all kept up to 2²⁸ floats, and from there on those alone that some part looks up", async () => {
    const fits = of([2 ** 24, 1]);
    expect(await withLazyRows(of([2 ** 24]), 16)).not.toHaveProperty("lazyRows");
    expect(await withLazyRows(fits, 8)).toBe(fits);
    const { lazyRows, ...parts } = await withLazyRows(fits, 16);
    expect(parts).toEqual(fits);
    expect(lazyRows!.tables).toEqual([2 ** 24, 1]);
    expect(lazyRows!.rows[0]!.length).toBeGreaterThan(10);
    expect(lazyRows!.rows[0]!.length).toBeLessThanOrEqual(40);
  });

  it("are all kept where they have a vocabulary: there is one for each id", async () => {
    const exact = { ...of([2 ** 24, 1]), exact: of([9, 1]) };
    expect(await withLazyRows(exact, 16)).toBe(exact);
  });

  it("come with how often each id is trained on, where a method asks", async () => {
    const rows = of([50, 3]);
    const open = async () => rows as unknown as Source;
    expect((await studyRows(open, 4, [{ needs: undefined }])(0)).own).toEqual({});
    const { own } = await studyRows(open, 4, [{ needs: undefined }, { needs: "frequency" }])(0);
    expect(own).not.toHaveProperty("signal");
    const asked = {
      shape: { tables: [50, 3], dim: 4 },
      temperature: 0.5,
      sharedPart: 0.1,
      room: 90,
      fits: () => true,
    };
    const choose = own!.frequency as OwnChoice;
    expect(choose(asked).rows.rows).toEqual((await lazyRows(rows.train)).rows);
    const both = await studyRows(open, 4, [{ needs: "signal" }, { needs: "frequency" }])(0);
    expect(Object.keys(both.own!).sort()).toEqual(["frequency", "signal"]);
    const some = { ...asked, fits: (sizes: readonly number[]) => sizes.reduce((a, b) => a + b) <= 5 };
    const bySignal = byWeights(await idSignal(rows.train))(some);
    expect((both.own!.signal as OwnChoice)(some).rows.rows).toEqual(bySignal.rows.rows);
    expect(bySignal.rows.rows).not.toEqual(choose(some).rows.rows);
  });

  it("are those opened last, without opening them again", async () => {
    const opened: number[] = [];
    const open = lastKept(async (seed) => opened.push(seed));
    for (const seed of [3, 3, 4, 4, 3]) await open(seed);
    expect(opened).toEqual([3, 4, 3]);
  });
});

describe("why methods cannot be judged by AUC", () => {
  const why = async (parts: readonly Source["survey"]["parts"][]) => {
    const opened: number[] = [];
    const seeds = parts.map((_, i) => i + 5);
    const said = await whyNoAuc(async (seed) => {
      opened.push(seed);
      return sourceOf("clicks.csv", [3], parts[seed - 5]!);
    }, seeds);
    expect(opened).toEqual(seeds.toReversed());
    return said;
  };
  const sound = counted([80, 10, 10], [8, 1, 9]);

  it("is nothing where each part has both labels", async () =>
    expect(await why([sound, sound])).toBeUndefined());

  it.each([
    [[8, 1, 0], 'of the 10 rows of "clicks.csv" to test on at seed 6 each is labeled 0.'],
    [[8, 1, 10], 'of the 10 rows of "clicks.csv" to test on at seed 6 each is labeled 1.'],
    [[8, 0, 9], 'of the 10 rows of "clicks.csv" to choose by at seed 6 each is labeled 0.'],
    [[8, 10, 9], 'of the 10 rows of "clicks.csv" to choose by at seed 6 each is labeled 1.'],
  ])("is said of %j ones", async (ones, sentence) => {
    expect(await why([sound, counted([80, 10, 10], ones), sound])).toBe(
      `AUC is undefined: ${sentence} Methods are judged by log loss; for AUC give more rows, other --seeds, or a file for each part.`,
    );
  });
});

describe("the rows of a study in words", () => {
  const parts = counted([8000, 1000, 1001], [800, 90, 110]);

  it("are those of each part, how many are labeled 1, and the tables", () => {
    expect(dataInWords(sourceOf("clicks.csv", [3000, 40], parts))).toBe(
      "clicks.csv: 8,000 + 1,000 + 1,001 rows to train on, choose by and test on, 800 + 90 + 110 of them labeled 1; 2 tables, 3,040 rows of them",
    );
  });

  it("say how many more the hashed tables have, where there is a vocabulary", () => {
    const exact = { train: { tables: [500, 10] } } as unknown as NonNullable<Source["exact"]>;
    expect(dataInWords({ ...sourceOf("clicks.csv", [2000, 40], parts), exact })).toBe(
      "clicks.csv: 8,000 + 1,000 + 1,001 rows to train on, choose by and test on, 800 + 90 + 110 of them labeled 1; 2 tables, 510 rows of them, one for each id that occurs to train on; the others hash ids into 2,040, beside which each compression is 4 times as much",
    );
  });
});
