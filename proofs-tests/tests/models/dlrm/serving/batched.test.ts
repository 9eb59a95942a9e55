import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../../backends/cpu/index.ts";
import { InputError } from "../../../../../core/errors.ts";
import type { RawRow } from "../../../../../models/data/formats/raw-rows.ts";
import type { Scorer } from "../../../../../models/dlrm/saved/filled.ts";
import { scorer } from "../../../../../models/dlrm/saved/scorer.ts";
import { batched } from "../../../../../models/dlrm/serving/batched.ts";
import { upTo } from "../../data/rows.ts";
import { models, rows } from "./rows.ts";

let path: string;
let scores: readonly number[];
beforeAll(async () => {
  ({ path, scores } = (await models(1))[0]!);
});

/** A scorer whose scores are the fields `p`; it notes how many rows came together, and that it was closed. */
function noting(log: unknown[]): Scorer {
  return {
    about: {} as Scorer["about"],
    async *score(some) {
      log.push([...(some as RawRow[])].length);
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (const { p } of some as { p: number }[]) {
        if (p < 0) throw new InputError(`A score of ${p}.`);
        yield p;
      }
    },
    close: async () => void log.push("closed"),
  };
}
const of = (...all: number[]) => all.map((p) => ({ p }));

describe("lists that are batched", () => {
  it("have the scores of a scorer, to the last bit, however they come and go together", async () => {
    const saved = await scorer(path, { backend: cpu });
    const lists = fc.array(fc.array(fc.nat(rows.length - 1), { maxLength: 9 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        lists,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        async (...given) => {
          const [asked, most, pause] = given;
          const model = batched(saved, { most });
          const found: Promise<number[]>[] = [];
          for (const [i, list] of asked.entries()) {
            if (i % pause === 0) await new Promise(setImmediate);
            found.push(model.score(list.map((row) => rows[row]!)));
          }
          expect(await Promise.all(found)).toEqual(asked.map((list) => list.map((row) => scores[row]!)));
        },
      ),
      { numRuns: 30 },
    );
    await saved.close();
  });

  it("go together if they come while others are scored, as many as may; a longer one alone", async () => {
    const log: unknown[] = [];
    const model = batched(noting(log), { most: 5 });
    const first = model.score(of(1));
    await expect.poll(() => log).toEqual([1]);
    const others = [of(2, 3), of(4), of(5, 6), of(7), of(8), of(9, 10, 11, 12, 13, 14), of(15)];
    const found = await Promise.all([first, ...others.map((list) => model.score(list))]);
    expect(found.flat()).toEqual(upTo(15).map((i) => i + 1));
    expect(log).toEqual([1, 5, 2, 6, 1]);
  });

  it("are refused alone, with the row's own number, wherever in a batch they are", async () => {
    const saved = await scorer(path, { backend: cpu });
    const model = batched(saved);
    const [{ v: _, ...lacking }, good] = rows as [Record<string, unknown>, RawRow];
    for (const places of [[0], [3], [6], [0, 1, 5], upTo(7)]) {
      const found = await Promise.allSettled(
        upTo(7).map((i) => model.score(places.includes(i) ? [good, lacking] : [rows[i]!, good])),
      );
      for (const [i, one] of found.entries())
        if (one.status === "fulfilled") expect([i, ...one.value]).toEqual([i, scores[i], scores[1]]);
        else expect(one.reason.message).toContain('Row 2 has no column "v"');
      expect(found.flatMap(({ status }, i) => (status === "rejected" ? [i] : []))).toEqual(places);
    }
    await model.close();
  });

  it("of one that is refused late are not mixed up with what was scored before", async () => {
    const model = batched(noting([]));
    const asked = [model.score(of(1, 2)), model.score(of(3, -1)), model.score(of(4))];
    expect((await Promise.allSettled(asked)).map((one) => "value" in one && one.value)).toEqual([
      [1, 2],
      false,
      [4],
    ]);
  });

  it("are scored if they are asked for at the very end of others", async () => {
    const model = batched(noting([]));
    let last = await model.score(of(0));
    for (const i of upTo(20)) last = await model.score(of(i, last[0]!));
    expect(last).toEqual([19, 18]);
    expect(await model.score([])).toEqual([]);
  });
});

describe("a batched scorer that is closed", () => {
  it("answers all that it was asked, closes once, and then says that it is closed", async () => {
    const log: unknown[] = [];
    const model = batched(noting(log), { most: 2 });
    const asked = upTo(5).map((i) => model.score(of(i)));
    await Promise.all([model.close(), model.close()]);
    expect(log).toEqual([2, 2, 1, "closed"]);
    expect(await Promise.all(asked)).toEqual([[0], [1], [2], [3], [4]]);
    await expect(model.score(of(1))).rejects.toThrow(
      "The model is closed, and scores no more rows; load it again.",
    );
  });
});

it("the rows that go together at most are a whole number", () =>
  expect(() => batched(noting([]), { most: 0 })).toThrow(
    "The rows that are scored together must be a whole number from 1 up, but it is 0.",
  ));
