import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dataInWords } from "../../../../cli/study/rows.ts";
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

  it("must have both labels among those to choose by and those to test on, or nothing can be ranked", async () => {
    const { code, err } = await run(...words(file((i) => Number(i === 0))), "--out", temporaryFolder());
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /^A study ranks methods by AUC, which is undefined: the \d+ rows .* at seed 0 are/,
      ),
    ]);
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
