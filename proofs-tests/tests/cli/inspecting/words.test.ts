import { describe, expect, it } from "vitest";
import { describeModel } from "../../../../cli/inspecting/words.ts";
import { told, untold } from "./told.ts";

const linesAt = (width: number, report = told): string[] => describeModel(report, width).split("\n");

describe("what inspect prints of a model", () => {
  it("has each number in its place", () =>
    expect(linesAt(80)).toMatchInlineSnapshot(`
    [
      "file        m.safetensors",
      "            123 KB, last changed 2031-02-03 04:05 UTC, written by version 0.7.1",
      "            of pss-dlrm",
      "predicts    the probability of "clicked" = 1",
      "data        days.csv",
      "            rows 8,000 (20.0 %) to train on, 1,000 (31.0 %) to choose by, 900",
      "            (43.0 %) to test on; in brackets those labeled 1",
      "            identity 00c0ffee: the same of models trained on the same rows",
      "            kept 25.0 % of the rows labeled 0; probabilities are of all",
      "columns     price: scaled by standard, mean 3.5, standard deviation 1.25; seen",
      "            from 0.5 to 77",
      "            none: scaled by no number",
      "            a missing number becomes 0 after scaling",
      "            of ids  table rows  ids seen  ids have    lists by",
      "            user         2,048       301  hashed",
      "            tags            56        55  a row each  "|"",
      "embedding   robe, memorySize 430, storage f16; seed 13",
      "            2 tables of 2,104 rows of dim 16",
      "            memory 430 floats, 860 B; floats of 16 bits in this file",
      "            compression against the tables: 156.6×",
      "            compression against a row for each of the 356 ids seen: 26.49×",
      "            guarantee norms",
      "slot load   all 33,664 reads: 78.29 a slot on average, 111 at most (independent",
      "            blocks: below 131.7 in 99 cases of 100), 4 slots unused",
      "collisions  P(two reads share a slot) 2.40e-3; 1/m is 2.30e-3",
      "layers      bottom 2-64-16, dot with itself, top 19-32-1; loss bce,",
      "            probabilities clamped by 0.01",
      "            1,905 floats, 7.62 KB",
      "optimizer   adam, rate 0.002, beta1 0.8; its state is kept: 4,670 floats, 18.7",
      "            KB",
      "whole model 2,335 floats, 8.48 KB",
      "history     steps 0 to 60, 1.5 epochs of 5,000 rows of day1.csv, batch 128, rate",
      "            0.004",
      "            one.safetensors went on: steps 60 to 200, 2.25 epochs of 8,000 rows",
      "            of days.csv, batch 129, rate 0.003 (0.004 before)",
      "            resumed: steps 200 to 270, 1 epoch of 8,000 rows of days.csv, batch",
      "            129, rate 0.002 (0.003 before)",
      "kept        step 150 of 210, after 60 steps on other rows: its validation log",
      "            loss, 0.4512, is the best",
      "            the training ended early, by --patience",
      "            calibrated: the logit moved by −0.0371",
      "quality     rows                AUC (95 % interval)       log loss  calibration",
      "            1,000 to choose by  0.7654 (0.7432 … 0.7876)    0.4512        1.002",
      "            900 to test on      0.7123 (0.6987 … 0.7265)    0.4698        1.084",
      "            when it was saved; the rows to choose by may have chosen and",
      "            calibrated it",
      "next        npx pss-dlrm predict --model m.safetensors",
    ]
  `));

  it("has a dash for what its file does not say", () =>
    expect(linesAt(80, untold)).toMatchInlineSnapshot(`
    [
      "file        m.safetensors",
      "            123 KB, last changed 2031-02-03 04:05 UTC",
      "predicts    –",
      "data        –",
      "columns     –",
      "embedding   robe, memorySize 430, storage f16; seed 13",
      "            2 tables of 2,104 rows of dim 16",
      "            memory 430 floats, 860 B; floats of 16 bits in this file",
      "            compression against the tables: 0.5×, so it takes more than these",
      "            would",
      "            compression against the ids that occur: –, they are not counted in",
      "            this file",
      "            guarantee –",
      "layers      bottom 2-64-16, dot with itself, top 19-32-1; loss bce,",
      "            probabilities clamped by 0.01",
      "            1,905 floats, 7.62 KB",
      "optimizer   –",
      "whole model 2,335 floats, 8.48 KB",
      "history     –",
      "kept        –",
      "quality     –, not kept in this file",
      "next        npx pss-dlrm predict --model m.safetensors",
    ]
  `));

  it.each([40, 56, 80, 120])("fits %i columns, but for a path and a command", (width) => {
    const lines = linesAt(width);
    expect(lines[0]).toBe("file        m.safetensors");
    expect(lines.at(-1)).toBe("next        npx pss-dlrm predict --model m.safetensors");
    for (const line of lines.slice(1, -1)) expect(line.length, line).toBeLessThanOrEqual(width);
  });

  it("says the same at 40 columns, where tables become sentences", () =>
    expect(linesAt(40).filter((line) => /user|tags|price|AUC|loss/.test(line))).toMatchInlineSnapshot(`
      [
        "columns     price: scaled by standard,",
        "            user: table rows 2,048, ids",
        "            tags: table rows 56, ids",
        "            itself, top 19-32-1; loss",
        "            validation log loss, 0.4512,",
        "quality     1,000 to choose by: AUC (95",
        "            0.7876), log loss 0.4512,",
        "            900 to test on: AUC (95 %",
        "            0.7265), log loss 0.4698,",
      ]
    `));

  it("aligns columns of many names, and leaves none out", () => {
    const categorical = Array.from({ length: 300 }, (_, i) => ({
      ...told.columns!.categorical[0]!,
      column: `c${i}`,
      rows: 10 ** (i % 7),
    }));
    const lines = linesAt(80, { ...told, columns: { dense: [], categorical } });
    const own = lines.filter((line) => /^ {12}c\d+ /.test(line));
    expect(own).toHaveLength(300);
    expect(new Set(own.map((line) => line.indexOf(" 301 "))).size).toBe(1);
  });

  it("escapes names, which may come from anywhere", () => {
    const evil = "\u001b[31mred\nnext        rm -rf";
    const report = {
      ...told,
      ...{ label: evil, version: evil, data: { ...told.data!, name: evil } },
      columns: { dense: [], categorical: [{ ...told.columns!.categorical[0]!, column: evil }] },
      embedding: { ...told.embedding, family: evil, options: { [evil]: evil } },
      optimizer: { ...told.optimizer!, name: evil, options: { [evil]: evil } },
      history: [{ ...told.history[1]!, data: evil, model: evil }],
    };
    const text = describeModel(report, 80);
    expect(text).not.toContain("\u001b");
    expect(text.split("\n").filter((line) => line.startsWith("next"))).toHaveLength(1);
  });

  it.each([
    [{ early: false, step: 150, shift: 0 }, "took all of its steps", "the logit moved"],
    [null, "had not ended", "the logit moved"],
  ])("says of a training that came to %j what is so", (ended, has, lacks) => {
    const text = describeModel({ ...told, training: { ...told.training!, ended } }, 200);
    expect(text).toContain(has);
    expect(text).not.toContain(lacks);
  });

  it("says of another step that it was the best", () => {
    const best = { step: 44, judge: "logLoss", value: 0.4444 } as const;
    const text = describeModel({ ...told, training: { ...told.training!, best } }, 200);
    expect(text).toContain("the best validation log loss, 0.4444, was that of step 44");
    expect(text).not.toContain("is the best");
  });

  it.each([
    [0, 0, "it has no state"],
    [0, 2, "its state is not kept"],
    [0, null, "its state is not kept"],
  ])("says of %i floats of state, of %s arrays, that %s", (floats, arrays, sentence) => {
    const optimizer = { ...told.optimizer!, state: { arrays, floats, bytes: 0 } };
    expect(describeModel({ ...told, optimizer }, 200)).toContain(sentence);
  });
});
