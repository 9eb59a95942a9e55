import { expect, it } from "vitest";
import type { Dataset } from "../../../../../models/data/dataset.ts";
import { idSignal } from "../../../../../models/data/id-signal.ts";
import { lazyRows } from "../../../../../models/data/lazy-rows.ts";
import { partNames } from "../../../../../models/data/split.ts";
import { type Known, knownOf } from "../../../../../models/embeddings/known.ts";
import { byCounts, byWeights, type OwnChoice } from "../../../../../models/embeddings/own-choice.ts";
import { data } from "../../dlrm/tiny-model.ts";

/** How often each id of table t comes in some rows, by the definition. */
async function timesIn(rows: Dataset, t: number): Promise<Map<number, number>> {
  const times = new Map<number, number>();
  const { length: count } = rows.tables;
  for await (const { bags } of rows.batches(7))
    for (let bag = t; bag + 1 < bags.offsets.length; bag += count)
      for (const id of bags.ids.subarray(bags.offsets[bag], bags.offsets[bag + 1]))
        times.set(id, (times.get(id) ?? 0) + 1);
  return times;
}

/** Which ids a choice gives rows of which width, where there are few wide ones. */
function chosenBy(own: Known["own"]) {
  const { tables } = data.train;
  const fits = (sizes: readonly number[]) => sizes.every((size, c) => c === 0 || size <= 10);
  const asked = { shape: { tables, dim: 8 }, temperature: 1, sharedPart: 0.1, room: 5000, fits };
  const { rows, classes } = (own as OwnChoice)(asked);
  return { ids: rows.rows, classes };
}

it("ids are counted in the rows to train on, and in no others", async () => {
  const counts = await lazyRows(data.train);
  let at = 0;
  for (const [t, ids] of counts.rows.entries()) {
    const own = new Map(Array.from(ids, (id) => [id, counts.counts[at++]!]));
    expect(own).toEqual(new Map([...(await timesIn(data.train, t))].sort(([a], [b]) => a - b)));
  }
  expect(at).toBe(counts.count);
  const { own, rows } = await knownOf("frequency", data);
  expect(rows).toBeUndefined();
  const found = chosenBy(own);
  expect(found).toEqual(chosenBy(byCounts(counts)));
  expect(new Set(found.classes).size).toBeGreaterThan(1);
});

it("what ids tell is measured on the rows to train on, and on no others", async () => {
  const { own, rows } = await knownOf("signal", data);
  expect(rows).toBeUndefined();
  const found = chosenBy(own);
  expect(found).toEqual(chosenBy(byWeights(await idSignal(data.train))));
  expect(new Set(found.classes).size).toBeGreaterThan(1);
  expect(found).not.toEqual(chosenBy((await knownOf("frequency", data)).own));
});

it("rows are those of all parts; where nothing is needed, nothing is walked over", async () => {
  const { rows, own } = await knownOf("rows", data);
  expect(own).toBeUndefined();
  for (const [t, ids] of rows!.rows.entries()) {
    const times = await Promise.all(partNames.map((part) => timesIn(data[part], t)));
    expect(new Set(ids)).toEqual(new Set(times.flatMap((own) => [...own.keys()])));
  }
  const never = { ...data, train: { ...data.train, batches: () => expect.unreachable() } };
  expect(await knownOf(undefined, never as unknown as typeof data)).toEqual({});
});
