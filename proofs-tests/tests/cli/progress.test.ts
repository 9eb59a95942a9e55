import { describe, expect, it } from "vitest";
import { progressLine, standardError, studyLine } from "../../../cli/progress.ts";
import { metrics } from "../../../models/metrics/metrics.ts";
import type { Outcome } from "../../experiments/tradeoff/protocol.ts";
import { trained } from "../experiments/tradeoff/made.ts";
import { screen } from "./screen.ts";

/** The 1 is above one 0 and level with the other: an AUC of ¾. The log loss is (2 ln 2 + ln 4/3)/3 = 0.5580. */
const validation = metrics([0, 0, 1], [0.5, 0.25, 0.5]);

describe("the line of a training", () => {
  it("tells step, loss, rows a second and the seconds left, of a run from its beginning", () => {
    const { out, now, pass, look } = screen(true);
    const line = progressLine({ steps: 100, done: 0, silent: false }, { out, now });
    pass(2000);
    line.show(20, 5000, 0.51234, undefined);
    // 20 steps in 2 s: 80 more take 8 s.
    expect(look()).toEqual(["step 20 of 100, loss 0.5123, 2500 rows/s, 8 s left"]);
    pass(199);
    line.show(21, 5250, 0.5, undefined);
    expect(look()).toEqual([]);
    pass(801);
    line.show(90, 9000, 0.4, undefined);
    expect(look()).toEqual(["step 90 of 100, loss 0.4000, 3000 rows/s, 1 s left"]);
  });

  it("counts the steps of the whole run where it goes on, and judges the time by its own", () => {
    const { out, now, pass, look } = screen(true);
    const line = progressLine({ steps: 100, done: 60, silent: false }, { out, now });
    pass(1000);
    line.show(70, 640, 0.5, undefined);
    expect(look()).toEqual(["step 70 of 100, loss 0.5000, 640 rows/s, 3 s left"]);
  });

  it("says no end where none is known", () => {
    const { out, now, pass, look } = screen(true);
    const line = progressLine({ steps: Infinity, done: 0, silent: false }, { out, now });
    pass(500);
    line.show(7, 100, 0.5, undefined);
    expect(look()).toEqual(["step 7, loss 0.5000, 200 rows/s"]);
  });

  it("is there again 200 ms later, and not sooner", () => {
    const { out, now, pass, look } = screen(true);
    const line = progressLine({ steps: Infinity, done: 0, silent: false }, { out, now });
    const shown = (milliseconds: number) => {
      pass(milliseconds);
      line.show(1, 0, 0.5, undefined);
      return look().length;
    };
    expect([1000, 199, 1, 199, 200].map(shown)).toEqual([1, 0, 1, 0, 1]);
  });

  it("gives way to a validation, which stays, and is cleared at the end", () => {
    const { out, now, pass, raw } = screen(true);
    const line = progressLine({ steps: 100, done: 0, silent: false }, { out, now });
    pass(1000);
    line.show(120, 100, 0.5, validation);
    line.end();
    expect(raw()).toEqual([
      "\r\x1b[K",
      "step 120: validation log loss 0.5580, AUC 0.7500\n",
      "\r\x1b[Kstep 120 of 100, loss 0.5000, 100 rows/s, 0 s left",
      "\r\x1b[K",
    ]);
  });

  it.each([
    [12, "step 7, los"],
    [undefined, "step 7, loss 0.5000, 200 rows/s"],
    [0, "step 7, loss 0.5000, 200 rows/s"],
  ])("leaves the last of %s columns free", (columns, text) => {
    const { out, now, pass, look } = screen(true);
    const line = progressLine(
      { steps: Infinity, done: 0, silent: false },
      { out: { ...out, columns: columns! }, now },
    );
    pass(500);
    line.show(7, 100, 0.5, undefined);
    expect(look()).toEqual([text]);
  });

  it("outside a terminal tells validations and nothing else, and none where it is silent", () => {
    for (const silent of [false, true]) {
      const { out, now, pass, look } = screen(false);
      const line = progressLine({ steps: 100, done: 0, silent }, { out, now });
      pass(1000);
      line.show(10, 100, 0.5, undefined);
      line.show(20, 200, 0.5, validation);
      line.end();
      expect(look()).toEqual(silent ? [] : ["step 20: validation log loss 0.5580, AUC 0.7500\n"]);
    }
  });
});

describe("the lines of a study", () => {
  const trial = { method: "robe", compression: 50, rate: 3, seed: 2 };
  const refused: Outcome = { kind: "refused", reason: "too small" };

  it("tell each result and the seconds that are left at the pace so far", () => {
    const { out, now, pass, look } = screen(false);
    const line = studyLine(false, { out, now });
    line.tell({ kind: "begins", trial, left: 3 });
    pass(4000);
    line.tell({ kind: "ends", trial, outcome: trained([[5, 0.6]], 0.7123), left: 2 });
    pass(1000);
    line.tell({ kind: "ends", trial, outcome: refused, left: 1 });
    line.tell({ kind: "ends", trial, outcome: refused, left: 0 });
    expect(look()).toEqual([
      "robe at 50×, rate 3×, seed 2: AUC 0.7123, log loss 0.5000; at most 2 left, about 8 s\n", // 4 s each
      "robe at 50×, rate 3×, seed 2: refused; at most 1 left, about 3 s\n", // 2.5 s each
      "robe at 50×, rate 3×, seed 2: refused\n",
    ]);
  });

  it("tell what a step takes, and on a terminal what was measured last", () => {
    const { out, now, look } = screen(true);
    const line = studyLine(false, { out, now });
    line.times({
      method: "robe",
      compression: 50,
      step: 1.2345,
      quartiles: [1, 2],
      speedup: 0.8765,
      predicted: 9,
    });
    expect(look()).toEqual(["", "robe at 50×: a step takes 1.23 ms, 1.14× full's\n"]);
    line.tell({ kind: "measured", trial, point: { step: 40, auc: 0.71234, logLoss: 0.45678 } });
    expect(look()).toEqual(["robe at 50×, rate 3×, seed 2: step 40, AUC 0.7123, log loss 0.4568"]);
    const silent = studyLine(true, { out, now });
    silent.tell({ kind: "ends", trial, outcome: refused, left: 1 });
    expect(look()).toEqual([]);
  });

  it("on a terminal tell what begins and what is waited for, one over the other, and end with nothing", () => {
    const { out, now, raw } = screen(true);
    const line = studyLine(false, { out, now });
    line.tell({ kind: "begins", trial, left: 3 });
    line.tell({ kind: "waits", trial, left: 2 });
    line.end();
    expect(raw()).toEqual([
      "\r\x1b[Krobe at 50×, rate 3×, seed 2: begins",
      "\r\x1b[Kwaiting for 2 trials that other processes have begun",
      "\r\x1b[K",
    ]);
    const silent = studyLine(true, { out, now });
    silent.tell({ kind: "begins", trial, left: 3 });
    silent.end();
    expect(raw()).toEqual([]);
  });

  it.each([
    [12, "waiting for"],
    [undefined, "waiting for 2 trials that other processes have begun"],
  ])("leave the last of %s columns free", (columns, text) => {
    const { out, now, look } = screen(true);
    studyLine(false, { out: { ...out, columns: columns! }, now }).tell({ kind: "waits", trial, left: 2 });
    expect(look()).toEqual([text]);
  });
});

it("standard error shows progress by the clock of this process", () => {
  const before = performance.now();
  expect(standardError.now()).toBeGreaterThanOrEqual(before);
  expect(standardError.out).toBe(process.stderr);
});
