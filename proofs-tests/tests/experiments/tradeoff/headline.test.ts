import { describe, expect, it } from "vitest";
import { headline } from "../../../experiments/tradeoff/headline.ts";
import type { Loss } from "../../../experiments/tradeoff/small-enough.ts";
import type { Row, Summary } from "../../../experiments/tradeoff/summary.ts";
import { signalInWords } from "../../../experiments/tradeoff/words.ts";
import { madeRow } from "./made.ts";

const { kept: _, ...unshown } = madeRow;
const full: Row = { ...madeRow, method: "full", compression: 1, bytes: 9_870_000 };
const robe = { method: "robe", compression: 1000 };
const limits = { mean: 0.0002, least: -0.0004, most: 0.0008, seeds: 5 };

const said = (small: Partial<Summary["small"]>, rows: readonly Row[] = [full, madeRow]) =>
  headline({
    judge: "auc",
    rows,
    missing: [],
    small: { tolerance: 0.001, level: 0.025, shown: [], ...small },
  });
const nearest = (change: Partial<Loss>) => said({ nearest: { ...robe, ...limits, ...change } });

describe("how small tables can be, in words:", () => {
  it("the smallest that is shown, its loss and the limit of that, and what it keeps of the ids' signal", () => {
    const shown = { smallest: { ...robe, ...limits } };
    const sentence =
      "Small enough: robe at 1,000× (12.3 KB in place of 9.87 MB) loses 0.0002 AUC; its loss is at most 0.0008 (by 5 seeds, with 97.5 % confidence), which is below the tolerance of 0.001.";
    expect(said(shown)).toBe(`${sentence} It keeps 91.2 % (88.8 … 93.3) of the ids' signal.`);
    expect(said(shown, [full, unshown])).toBe(sentence);
    const gains = { ...robe, mean: -0.06, least: -0.09, most: -0.03, seeds: 3 };
    expect(said({ smallest: gains })).toContain("gains 0.0600 AUC; its loss is at most −0.0300 (by 3 seeds,");
  });

  it("a limit with the digits that it needs to be on its side of the tolerance", () => {
    const at = (most: number) => said({ smallest: { ...robe, ...limits, most } });
    expect(at(0.00094)).toContain("at most 0.0009 (");
    expect(at(0.00096)).toContain("at most 0.00096 (");
    expect(at(0.000999996)).toContain("at most 0.000999996 (");
  });

  it("where none is shown the nearest, and that more seeds would not help where its loss is shown to be too large", () =>
    expect(nearest({ mean: 0.002, least: 0.00102, most: 0.003 })).toBe(
      "No smaller tables are shown to lose less than 0.001 AUC; nearest is robe at 1,000× (12.3 KB in place of 9.87 MB), which loses 0.0020 AUC; its loss is at least 0.00102 (by 5 seeds, with 97.5 % confidence): that is too much, which more seeds would not change. It keeps 91.2 % (88.8 … 93.3) of the ids' signal.",
    ));

  it("how many seeds would help where the loss seems small, and where only more rows would", () => {
    // The limit is 0.0014 away by 5 seeds: 2.776445 · √(1/5 + 1/8) deviations of 0.000884. It must be 0.0008, 0.9044 of them: by 17
    // seeds it is 2.119905 · √(1/17 + 1/8) = 0.909, by 18 0.896.
    const limit = "(by 5 seeds, with 97.5 % confidence)";
    expect(nearest({ most: 0.0016 })).toContain(
      `which loses 0.0002 AUC; its loss is at most 0.0016 ${limit}: about 18 seeds would show it to be small, if they differ as these do.`,
    );
    expect(nearest({ most: 0.0026 })).toContain(
      `at most 0.0026 ${limit}: it may be small, but more seeds would not show it; more rows would.`,
    );
    expect(nearest({ mean: 0.0011, most: 0.002 })).toContain(
      `at most 0.0020 ${limit}: it seems to be too much, which more seeds or rows would tell.`,
    );
  });

  it("that one seed shows nothing, that no method trained, or that there is none", () => {
    const one = { ...madeRow, seeds: [0] };
    expect(said({}, [{ ...full, seeds: [0] }, one])).toBe(
      "Of one seed no loss can be shown to be small: give several --seeds.",
    );
    expect(said({})).toBe(
      "No smaller tables are shown to lose less than 0.001 AUC: no method trained at every seed.",
    );
    expect(said({}, [full])).toBe("Only full tables and the floor were trained.");
  });
});

describe("where methods are judged by log loss,", () => {
  const said = (small: Partial<Summary["small"]>) =>
    headline({
      ...{ judge: "logLoss", rows: [full, unshown], missing: [] },
      small: { tolerance: 0.001, level: 0.025, shown: [], ...small },
    });
  it("the headline says that it rises or falls", () => {
    expect(said({ smallest: { ...robe, ...limits } })).toBe(
      "Small enough: robe at 1,000× (12.3 KB in place of 9.87 MB) raises log loss by 0.0002; the rise is at most 0.0008 (by 5 seeds, with 97.5 % confidence), which is below the tolerance of 0.001.",
    );
    expect(said({ smallest: { ...robe, ...limits, mean: -0.06 } })).toContain("lowers log loss by 0.0600;");
    expect(said({ nearest: { ...robe, mean: 0.002, least: 0.00102, most: 0.003, seeds: 5 } })).toMatch(
      /^No smaller tables are shown to raise log loss by less than 0.001; nearest is robe at 1,000× \(.*\), which raises log loss by 0.0020; the rise is at least /,
    );
    expect(said({})).toContain("shown to raise log loss by less than 0.001: no method");
  });

  it("so does the ids' signal", () =>
    expect(signalInWords({ judge: "logLoss", signal: { mean: 0.05, values: [0.05] } })).toBe(
      "The ids' signal: the log loss of full tables is lower by 0.0500 than that of the floor, which is the same model without ids; one seed shows no share of it.",
    ));
});

describe("the ids' signal in words", () => {
  const at = (...interval: [number, number]) =>
    signalInWords({ judge: "auc", signal: { mean: 0.05, interval, values: [] } });
  it("is what full tables are above the floor, and whether that is shown", () => {
    const said =
      "full tables are 0.0500 (0.0100 … 0.0900) AUC above the floor, which is the same model without ids";
    expect(at(0.01, 0.09)).toBe(`The ids' signal: ${said}.`);
    expect(at(0, 0.1)).toContain("; that is not shown to be above 0, so no share of it is said.");
    expect(signalInWords({ judge: "auc", signal: { mean: 0.05, values: [0.05] } })).toContain(
      "; one seed shows no share of it.",
    );
    expect(signalInWords({ judge: "auc" })).toContain("is not measured");
  });
});
