import { describe, expect, it } from "vitest";
import type { Judge } from "../../../../models/dlrm/early-stopping.ts";
import type { Row } from "../../../experiments/tradeoff/summary.ts";
import {
  columnsBy,
  compressionsOf,
  describe as described,
  inOrder,
} from "../../../experiments/tradeoff/table.ts";
import { madeRow, summaryWith } from "./made.ts";

const cells = (row: Row, judge: Judge = "auc") =>
  Object.fromEntries(columnsBy(judge).map(([head, cell]) => [head, cell(row)]));

/** Full tables, and two methods at two compressions; the better of 10× is not named first. */
const full: Row = { ...madeRow, method: "full", compression: 1 };
const at = (method: string, compression: number, mean: number): Row => ({
  ...madeRow,
  ...{ method, compression },
  auc: { mean, values: [mean - 0.001, mean, mean + 0.001] },
  quality: { mean, values: [mean - 0.001, mean, mean + 0.001] },
});
const floor: Row = { ...madeRow, method: "floor", compression: 1, bytes: 128 };
const summary = summaryWith(
  [
    floor,
    at("robe", 100, 0.7),
    at("robe", 10, 0.71),
    full,
    at("rowHash", 100, 0.69),
    at("rowHash", 10, 0.73),
  ],
  [{ method: "dhe", compression: 10, reason: "left out of this study" }],
);

describe("the table of a study", () => {
  it("has under each head what it says", () =>
    expect(cells(madeRow)).toEqual({
      compression: "1,000×",
      method: "robe",
      embedding: "12.3 KB",
      model: "67.9 KB",
      AUC: "0.7500 (0.7400 … 0.7700)",
      "AUC − full": "−0.0200 (−0.0300 … −0.0100)",
      "ids' signal kept": "91.2 % (88.8 … 93.3)",
      "steps to full's AUC": "900 (1.9×, 1 of 3 seeds)",
      "to 99.9 % of it": "800 (1.8×, 2 of 3 seeds)",
      "to 99 %": "700 (1.7×)",
      "a step": "13.4 ms (0.758× full's)",
      "time to 99.9 %": "10.7 s",
      "rows/s predicted": "4,322",
      rate: "adagrad 0.0150",
    }));

  it("has log loss, and a dash for AUC, where methods are judged by it; what is worse is positive", () => {
    const { auc: _, ...row } = madeRow;
    expect(cells(row, "logLoss")).toEqual({
      ...Object.fromEntries(Object.entries(cells(madeRow)).filter(([head]) => !/AUC|^to |^time /.test(head))),
      AUC: "–",
      "log loss": "0.4500 (0.4400 … 0.4700)",
      "log loss − full": "+0.0200 (+0.0100 … +0.0300)",
      "steps to full's log loss": "900 (1.9×, 1 of 3 seeds)",
      "to 0.1 % above it": "800 (1.8×, 2 of 3 seeds)",
      "to 1 % above": "700 (1.7×)",
      "time to 0.1 % above": "10.7 s",
    });
    const lines = described({ ...summary, judge: "logLoss" }).split("\n");
    expect(lines[0]).not.toContain("to 1 % above");
    expect(lines).toContain("By log loss; methods that share a number are not told apart:");
  });

  it("has dashes for what was not measured, and for full tables beside themselves", () => {
    const { latency: _, ...unmeasured } = {
      ...madeRow,
      iterations: [0, 1, 2].map(() => ({ share: 1, reached: 0 })),
    };
    expect(cells(unmeasured)).toMatchObject({
      "to 99 %": "not reached",
      "a step": "–",
      "time to 99.9 %": "–",
      "rows/s predicted": "–",
    });
    expect(cells(full)).toMatchObject({ compression: "1×", "AUC − full": "–", "ids' signal kept": "100 %" });
    expect(cells(floor)).toMatchObject({ compression: "–", embedding: "128 B", "ids' signal kept": "0 %" });
    const { kept: _kept, ...unshown } = madeRow;
    expect(cells(unshown)["ids' signal kept"]).toBe("–");
  });

  it("is by compression, least first, and then by AUC, best first, the floor last", () => {
    const order = inOrder(summary).map(({ method, compression }) => `${method} ${compression}`);
    expect(order).toEqual(["full 1", "rowHash 10", "robe 10", "robe 100", "rowHash 100", "floor 1"]);
    expect(compressionsOf(summary)).toEqual([10, 100]);
  });

  it("stands on a terminal with what is missing and the places at each compression", () => {
    const lines = described(summary).split("\n");
    expect(lines).toHaveLength(1 + 6 + 1 + 1 + 2 + 2);
    // Ten columns, each as wide as its widest cell.
    const shared = "12.3 KB";
    const rest =
      "−0.0200 (−0.0300 … −0.0100)  91.2 % (88.8 … 93.3)  900 (1.9×, 1 of 3 seeds)  800 (1.8×, 2 of 3 seeds)  13.4 ms (0.758× full's)  10.7 s";
    expect(lines[0]).toBe(
      "compression  method   embedding  AUC                       AUC − full                   ids' signal kept      steps to full's AUC       to 99.9 % of it           a step                   time to 99.9 %",
    );
    expect(lines[2]).toBe(`10×          rowHash  ${shared}    0.7300                    ${rest}`);
    expect(lines[5]).toBe(`100×         rowHash  ${shared}    0.6900                    ${rest}`);
    // 0.02 and 0.01 at each of three seeds: no doubt.
    expect(lines.slice(7)).toEqual([
      "dhe at 10×: left out of this study",
      "By AUC; methods that share a number are not told apart:",
      "     10×  1 rowHash, 2 robe",
      "    100×  1 robe, 2 rowHash",
      "The ids' signal is not measured: full tables or the floor did not train.",
      "No smaller tables are shown to lose less than 0.001 AUC: no method trained at every seed.",
    ]);
  });
});
