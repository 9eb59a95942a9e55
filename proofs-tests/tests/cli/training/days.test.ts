import { describe, expect, it } from "vitest";
import { pageOf } from "../../../../cli/report/days.ts";
import { type Day, dayByDay, describeDays } from "../../../../cli/training/days.ts";
import { adam } from "../../../../core/optimizers/adam.ts";
import { cutBy, type Source } from "../../../../models/data/source.ts";
import { calibrate } from "../../../../models/dlrm/calibrate.ts";
import { predictions } from "../../../../models/dlrm/evaluate.ts";
import { train } from "../../../../models/dlrm/train.ts";
import { rocAuc } from "../../../../models/metrics/auc.ts";
import { data, model } from "../../models/dlrm/tiny-model.ts";
import { clicks, columns, fileOf } from "../clicks/clicks.ts";
import { run } from "../command.ts";
import { figuresOf } from "../report/figures.ts";

const training = { optimizer: adam(0.01), batch: 50, epochs: 1, seed: 4 };

/** Two days: the rows of the even and of the odd places. */
const rowsOf = (odd: number) => data.train.select((row) => row % 2 === odd);
const days = (): Promise<Source[]> => Promise.all([0, 1].map((odd) => cutBy(rowsOf(odd))(0)));

async function* given(sources: readonly Source[]) {
  yield* sources;
}

describe("training day by day", () => {
  it("measures all rows of a day by the model of the days before, and the test rows again after", async () => {
    const sources = await days();
    const found: Day[] = [];
    const made = async () => [
      { name: "full", model: model({}) },
      { name: "other", model: model({ seed: 5 }) },
    ];
    for await (const day of dayByDay(given(sources), made, training)) found.push(day);
    const [first, second] = found;
    expect(first!.models).toEqual([{ name: "full" }, { name: "other" }]);
    expect([first!.rows, second!.rows]).toEqual([800, 800]);
    for (const [i, { model: own }] of (await made()).entries()) {
      let steps = 0;
      for await (const step of train(own, sources[0]!.train, { ...training, shuffle: 4 })) steps = step.step;
      await calibrate(own, sources[0]!.validation);
      const whole = await predictions(own, rowsOf(1));
      const { before, gain } = second!.models[i]!;
      expect(before!.auc.value).toBeCloseTo(rocAuc(whole.labels, whole.probabilities).value, 9);
      const then = await predictions(own, sources[1]!.test);
      for await (const _ of train(own, sources[1]!.train, { ...training, shuffle: 4, priorSteps: steps }));
      const now = await predictions(own, sources[1]!.test);
      const auc = (told: typeof now) => rocAuc(told.labels, told.probabilities).value;
      expect(gain!.value).toBeCloseTo(auc(now) - auc(then), 9);
    }
    const [full, other] = second!.models;
    expect(full).not.toHaveProperty("cost");
    expect(other!.cost!.value).toBeCloseTo(other!.before!.auc.value - full!.before!.auc.value, 9);
  });

  it("counts lookups of rows that no earlier day had looked up", async () => {
    const [one, two] = await days();
    const seen = async (source: Source) => {
      const all: string[] = [];
      for (const part of [source.train, source.validation, source.test])
        for await (const { bags, size } of part.batches(64))
          for (let bag = 0; bag < 3 * size; bag++)
            for (let i = bags.offsets[bag]!; i < bags.offsets[bag + 1]!; i++)
              all.push(`${bag % 3}/${bags.ids[i]}`);
      return all;
    };
    const before = new Set(await seen(one!));
    const later = await seen(two!);
    const found: Day[] = [];
    for await (const day of dayByDay(
      given([one!, two!]),
      async () => [{ name: "full", model: model({}) }],
      training,
    ))
      found.push(day);
    expect(found.map(({ newRows }) => newRows)).toEqual([
      1,
      later.filter((id) => !before.has(id)).length / later.length,
    ]);
  });
});

describe("days", () => {
  const files = [1, 2, 3].map((seed) => fileOf(clicks(600, seed)));

  it("reads each file by what the first one's columns suggest, and shows a line a day", async () => {
    const words = ["days", "--data", `csv:${files}`, ...columns, "--embedding", "robe", "--compression", "4"];
    const { code, out } = await run(...words, "--json");
    expect(code).toBe(0);
    const { days: found } = JSON.parse(out) as { days: Day[] };
    expect(found.map(({ rows }) => rows)).toEqual([600, 600, 600]);
    expect(found[2]!.models.map(({ name }) => name)).toEqual(["full", "robe"]);
    const lines = describeDays(found).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[1]).toMatch(/ {2}600 {3}.* 100.0 % .* – /);
    expect(lines[3]).toContain(found[2]!.models[1]!.before!.auc.value.toFixed(4));
    expect(lines[3]).toMatch(/ [+−]0\.\d{4} \([+−]0\.\d{4} … [+−]0\.\d{4}\)/);
    const page = pageOf(found);
    expect(page).toContain(found[2]!.models[1]!.before!.auc.value.toFixed(4));
    const [figure] = figuresOf(page);
    expect(figure!.legend).toEqual(["full", "robe"]);
    expect(figure!.caption).toBe("Bars: 95 % intervals over rows. On the first day no model knows anything.");
    expect(figure!.about).toBe("AUC of each day's rows before training on them, by day");
    // Of each model days 2 and 3, on whole days' ticks; the second model's marks stand beside the first's.
    expect(figure!.texts.filter((text) => !/^0/.test(text))).toEqual(["↑ AUC", "2", "3", "Day →"]);
    const [full, robe] = [figure!.dots.slice(0, 2), figure!.dots.slice(2)];
    expect(robe.map(({ x }, day) => x - full[day]!.x)).toEqual([6, 6]);
    const above = (of: typeof robe) => Math.sign(of[0]!.y - of[1]!.y);
    const grows = (i: number) =>
      Math.sign(found[2]!.models[i]!.before!.auc.value - found[1]!.models[i]!.before!.auc.value);
    expect([full, robe].map(above)).toEqual([grows(0), grows(1)]);
    expect(figure!.lines.filter(({ from, to }) => from[0] === to[0])).toHaveLength(4);
  });

  it("needs several files, of columns with names", async () => {
    for (const [data, sentence] of [
      [`csv:${files[0]}`, "days needs a file for each of several days, but was given 1"],
      ["flights", "--data flights has no files of days with named columns"],
    ]) {
      const { code, err } = await run("days", "--data", data!, ...(data === "flights" ? [] : columns));
      expect([code, err]).toEqual([2, expect.stringContaining(sentence!)]);
    }
  });
});
