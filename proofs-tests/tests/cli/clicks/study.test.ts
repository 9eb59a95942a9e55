import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dataFlag, openRows } from "../../../../cli/common/source.ts";
import { flagsOf } from "../../../../cli/flags.ts";
import { dataInWords, whyNoAuc } from "../../../../cli/study/rows.ts";
import type { Source } from "../../../../models/data/source.ts";
import type { Row } from "../../../experiments/tradeoff/summary.ts";
import { put } from "../../models/data/files.ts";
import { inMemoryNumbers, upTo } from "../../models/data/rows.ts";
import { temporaryFolder } from "../../temporary.ts";
import { run } from "../command.ts";

describe("the rows of a study", () => {
  const file = (ones: (row: number) => number) =>
    put(["y,x,u", ...upTo(400).map((i) => `${ones(i)},${i},u${i % 7}`)].join("\n"));
  const words = (data: string) => [
    ...[
      "tradeoff",
      "--data",
      `csv:${data}`,
      "--label",
      "y",
      "--dense",
      "x",
      "--categorical",
      "u",
      "--no-latency",
    ],
    ...[
      "--methods",
      "full",
      "--lr-multipliers",
      "1",
      "--epochs",
      "1",
      "--dim",
      "2",
      "--bottom",
      "2",
      "--top",
      "1",
    ],
  ];

  it("are counted, and known again: other rows under the same name are refused", async () => {
    const data = file((i) => i % 2);
    const args = [...words(data), "--seeds", "0", "--out", temporaryFolder()];
    const { code, out } = await run(...args);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /: 3\d\d \+ \d\d \+ \d\d rows to train on, .*, 1\d\d \+ \d\d \+ \d\d of them labeled 1/,
      ),
    ]);
    writeFileSync(
      data,
      ["y,x,u", ...upTo(400).map((i) => `${i % 3 === 0 ? 1 : 0},${i},u${i % 7}`)].join("\n"),
    );
    const again = await run(...args);
    expect([again.code, again.err]).toEqual([
      2,
      expect.stringContaining("The rows of this data are not those of the trials in"),
    ]);
  });

  it("have no AUC where the rows to choose by or to test on have one label at some seed: the first such seed is named", async () => {
    const whole = { rows: 9, ones: 4 };
    const rowsAt = (...parts: Partial<Record<"validation" | "test", typeof whole>>[]) => {
      const sources = parts.map((part) => ({
        train: { name: "some.csv" },
        survey: { parts: { train: whole, validation: whole, test: whole, ...part } },
      }));
      const seeds = parts.map((_, i) => 10 + i);
      return whyNoAuc(async (seed) => sources[seed - 10] as unknown as Source, seeds);
    };
    expect(await rowsAt({}, {}, {})).toBeUndefined();
    const none = { rows: 9, ones: 0 };
    const all = { rows: 1, ones: 1 };
    expect(await rowsAt({}, { test: all }, { validation: none })).toMatch(
      /^AUC is undefined: of the 1 row of "some.csv" to test on at seed 11 each is labeled 1\. /,
    );
    expect(await rowsAt({}, {}, { validation: none, test: none })).toContain(
      'of the 9 rows of "some.csv" to choose by at seed 12 each is labeled 0.',
    );
  });

  it("are looked at of all seeds before any is trained on: where one has no AUC, log loss judges at every seed", async () => {
    const data = file((i) => Number(i % 100 === 0)); // 4 of 400: some seeds have both labels in each part, others not
    const columns = { data: `csv:${data}`, label: "y", dense: "x", categorical: "u" };
    const open = await openRows(flagsOf({ data: dataFlag }, columns).data, undefined);
    const isWhole = async (seed: number) => {
      const { parts } = (await open(seed)).survey;
      return [parts.validation, parts.test].every(({ rows, ones }) => ones > 0 && ones < rows);
    };
    const seeds: number[] = [];
    let missing = -1;
    for (let seed = 0; seeds.length === 0 || missing < 0; seed++)
      if (!(await isWhole(seed))) missing = seed;
      else if (seeds.length === 0) seeds.push(seed);
    const out = temporaryFolder();
    const study = (...seeds: number[]) =>
      run(...words(data), "--seeds", seeds.join(), "--out", out, "--json");
    const both = await study(seeds[0]!, missing);
    expect([both.code, both.err]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(
          `^AUC is undefined: of the \\d+ rows .* at seed ${missing} each is labeled 0\\. Methods are`,
        ),
      ),
    ]);
    const { summary, protocol } = JSON.parse(both.out);
    expect([summary.judge, protocol.setting.judge]).toEqual(["logLoss", "logLoss"]);
    expect(summary.rows.map(({ method, seeds }: Row) => [method, seeds.length])).toEqual([
      ["full", 2],
      ["floor", 2],
    ]);
    const alone = await study(seeds[0]!);
    expect([alone.code, alone.err]).toEqual([2, expect.stringContaining('have judge "logLoss", but now')]);
  });
});

it("the rows of a study are said in words", () => {
  const parts = {
    train: { rows: 1600, ones: 1000 },
    validation: { rows: 9, ones: 1 },
    test: { rows: 8, ones: 2 },
  };
  expect(dataInWords({ train: inMemoryNumbers(5), survey: { parts, stretches: [] } })).toBe(
    "numbers: 1,600 + 9 + 8 rows to train on, choose by and test on, 1,000 + 1 + 2 of them labeled 1; 1 table, 4.295 billion rows of them",
  );
});
