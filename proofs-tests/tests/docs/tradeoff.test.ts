import { describe, expect, it } from "vitest";
import {
  besideTable,
  paperTable,
  rankingTable,
  studyTable,
  sweepTable,
} from "../../../config/docs/tradeoff.ts";
import type { Outcome, Trial } from "../../experiments/tradeoff/protocol.ts";
import type { Study } from "../../experiments/tradeoff/study.ts";
import { protocolOf, trained } from "../experiments/tradeoff/made.ts";
import { cellsOf } from "./cells.ts";

/** What came of one method at one compression, seed by seed, at rate 1. */
const trialsOf = (method: string, compression: number, outcomes: readonly Outcome[]) =>
  outcomes.map((outcome, seed) => ({ trial: { method, compression, rate: 1, seed } as Trial, outcome }));

/** A curve that ends at step 10 · `arrives` with AUC 0.8, and this AUC on the test rows. */
const arriving = (arrives: number, test: number) =>
  trained(
    Array.from({ length: arrives }, (_, i) => [10 * (i + 1), i + 1 === arrives ? 0.8 : 0.6] as const),
    test,
  );

const seeds = [0, 1, 2];
const study: Study = {
  protocol: protocolOf({ methods: ["full", "robe", "rowHash", "memcom"], compressions: [10], seeds }),
  provenance: {
    machine: "a machine",
    backend: "fast",
    data: "some rows",
    command: "npx pss-dlrm tradeoff",
    version: "0.1.0",
  },
  trials: [
    // Tests 0.75 at each seed; each other method differs from that by 0.01 more or less from seed to seed.
    ...trialsOf("full", 1, [arriving(2, 0.75), arriving(2, 0.75), arriving(2, 0.75)]),
    ...trialsOf("floor", 1, [arriving(2, 0.65), arriving(2, 0.65), arriving(2, 0.65)]),
    ...trialsOf("robe", 10, [arriving(4, 0.74), arriving(5, 0.75), arriving(6, 0.76)]),
    ...trialsOf("rowHash", 10, [arriving(3, 0.7), arriving(3, 0.7001), arriving(3, 0.6999)]),
    ...trialsOf("memcom", 10, [arriving(2, 0.8), arriving(2, 0.81), arriving(2, 0.82)]),
  ],
  latencies: [
    { method: "full", compression: 1, step: 4, quartiles: [3, 5], speedup: 1, predicted: 1000 },
    { method: "robe", compression: 10, step: 2, quartiles: [1, 3], speedup: 2, predicted: 3000 },
  ],
};

// Student's t at 2 degrees of freedom is 4.302653; numbers 0.01 apart have deviation 0.01: ± 4.302653 · 0.01/√3.
const half = (0.01 * 4.302653) / Math.sqrt(3); // 0.02484
const words = (mean: number, away: number) => {
  const signed = (x: number) => `${x > 0 ? "+" : x < 0 ? "−" : ""}${Math.abs(x).toFixed(4)}`;
  return `${signed(mean)} (${signed(mean - away)} … ${signed(mean + away)})`;
};

describe("the paper's numbers beside a study's", () => {
  const cells = cellsOf(paperTable(study, "robe", 10));

  it("are memory, quality, iterations and the time of a step of one method at one compression", () => {
    expect(cells).toEqual([
      ["", "the paper, Criteo-TB on GPUs", "here, synthetic clicks"],
      ["memory", "10,000× less", "10× less"],
      ["quality", "no loss", `AUC − full ${words(0, half)}`],
      // 40, 50 and 60 steps to the AUC that full tables reach after 20.
      ["steps to 100 % of full tables' AUC (times theirs)", "4.5×", "50 (2.5×)"],
      ["steps to 99.9 % of full tables' AUC (times theirs)", "–", "50 (2.5×)"],
      ["steps to 99 % of full tables' AUC (times theirs)", "–", "50 (2.5×)"],
      ["time of a step (times faster), GPUs there, two CPU cores here", "4.3×", "2.00 ms (2.00×)"],
    ]);
  });

  it("are not there for what was not studied", () => {
    expect(() => paperTable(study, "robe", 100)).toThrow("The study has no robe at 100×.");
  });
});

describe("a study's table", () => {
  const markdown = studyTable(study);
  const [heads, ...rows] = cellsOf(markdown);
  const cellOf = (method: string, head: string) =>
    rows.find((cells) => cells[heads!.indexOf("method")] === method)![heads!.indexOf(head)];

  it("has each number under its head, and the headline above", () => {
    expect(cellOf("robe", "compression")).toBe("10×");
    expect(cellOf("robe", "embedding")).toBe("400 B");
    expect(cellOf("robe", "model")).toBeUndefined();
    expect(cellOf("robe", "AUC − full")).toBe(words(0, half));
    expect(cellOf("robe", "steps to full's AUC")).toBe("50 (2.5×)");
    expect(cellOf("full", "AUC − full")).toBe("–");
    expect(cellOf("robe", "a step")).toBe("2.00 ms (0.5× full's)");
    expect(cellOf("robe", "ids' signal kept")).toBe("100.0 % (75.2 … 124.8)"); // ± half/0.1
    expect(cellOf("rowHash", "a step")).toBe("–");
    expect(markdown).toMatch(
      /^\*\*Small enough: memcom at 10× .* gains 0\.0600 AUC; its loss is at most −0\.0.*\*\*\n\n/,
    );
  });

  it("says how it was made", () => {
    expect(markdown).toContain("Data: some rows.\nModel: dim 4, bottom 8-4, top 8-1.");
    expect(markdown).toContain(
      "Rates: 1 times the usual, all at seed 0, the best by validation AUC at seeds 1, 2.",
    );
    expect(markdown).toContain(
      "Machine: a machine, fast, pss-dlrm 0.1.0.\nMeasured by `npx pss-dlrm tradeoff`.",
    );
  });

  it("says how far full tables are above the floor, under all numbers", () => {
    expect(rows.at(-1)!.slice(0, 2)).toEqual(["–", "floor"]);
    expect(markdown).toContain(
      "\n\nThe ids' signal: full tables are 0.1000 (0.1000 … 0.1000) AUC above the floor, which is the same model without ids.\n",
    );
  });

  it("lists what is missing", () => {
    const refused = trialsOf("dhe", 10, [{ kind: "refused", reason: "too slow" }]);
    const more = { ...study.protocol, methods: [...study.protocol.methods, "dhe"] };
    expect(studyTable({ ...study, protocol: more, trials: [...study.trials, ...refused] })).toContain(
      "\n\n- dhe at 10×: too slow\n\nThe ids' signal",
    );
    expect(markdown).not.toContain("- dhe");
  });
});

describe("the ranking's table", () => {
  it("has methods by AUC, and one number for those that are not told apart", () => {
    // memcom is above robe by 0.06 at each seed; rowHash is below robe by 0.04, 0.0499 and 0.0601.
    expect(cellsOf(rankingTable(study))[1]).toEqual(["10×", "1 memcom, 2 robe, 3 rowHash"]);
    const equal = { ...study, trials: study.trials.filter(({ trial }) => trial.method !== "memcom") };
    const near = trialsOf("memcom", 10, [arriving(2, 0.75), arriving(2, 0.74), arriving(2, 0.759)]);
    expect(cellsOf(rankingTable({ ...equal, trials: [...equal.trials, ...near] }))[1]).toEqual([
      "10×",
      "1 robe, 1 memcom, 3 rowHash",
    ]);
  });
});

describe("the table beside a method", () => {
  const [heads, ...rows] = cellsOf(besideTable(study, "robe"));

  it("has each method's difference to it, best first, and what is shown", () => {
    expect(heads!.slice(0, 4)).toEqual(["compression", "method", "AUC − robe", "beside robe"]);
    const [memcom, robe, rowHash] = rows.map((cells) => cells.slice(0, 4));
    expect(robe).toEqual(["10×", "robe", "–", "–"]);
    expect(memcom!.slice(1)).toEqual(["memcom", "+0.0600 (+0.0600 … +0.0600)", "**gains**"]);
    expect(rowHash![1]).toBe("rowHash");
    expect(rowHash![2]).toMatch(/^−0\.0500 \(−0\.0\d{3} … −0\.0\d{3}\)$/);
    expect(rowHash![3]).toBe("loses");
  });

  it("says how much of the ids' signal each keeps", () => {
    // Full tables are at 0.75, the floor at 0.65.
    expect(heads![4]).toBe("ids' signal kept");
    expect(rows.map((cells) => cells[4]!.split(" (")[0])).toEqual(["160.0 %", "100.0 %", "50.0 %"]);
  });

  it("says what a method does to iterations", () => {
    expect(heads!.slice(5)).toEqual(["steps to full's AUC", "to 99.9 % of it", "to 99 %", "rate"]);
    expect(rows.map((cells) => [cells[1], cells[5]])).toEqual([
      ["memcom", "20 (1×)"],
      ["robe", "50 (2.5×)"],
      ["rowHash", "30 (1.5×)"],
    ]);
  });

  it("leaves out shares that no method reached", () => {
    // The full tables' 0.81 is beyond 0.8; 99 % of it, 0.8019, too.
    const best = trialsOf(
      "full",
      1,
      seeds.map(() => trained([[20, 0.81]])),
    );
    const others = study.trials.filter(({ trial }) => trial.method !== "full");
    const [left] = cellsOf(besideTable({ ...study, trials: [...best, ...others] }, "robe"));
    expect(left!.slice(5)).toEqual(["rate"]);
  });
});

describe("the table of rates", () => {
  it("has at each rate the best AUC, and the steps to 99 % of the best of full tables", () => {
    const protocol = protocolOf({
      methods: ["full", "robe", "rowHash"],
      compressions: [10],
      rates: [1, 4],
      seeds,
    });
    const at = (
      method: string,
      compression: number,
      rate: number,
      ...points: (readonly [number, number])[]
    ) => ({
      trial: { method, compression, rate, seed: 0 },
      outcome: trained(points),
    });
    const trials = [
      at("full", 1, 1, [10, 0.7], [20, 0.78], [30, 0.77]),
      at("full", 1, 4, [10, 0.795], [20, 0.8], [30, 0.5]), // the best: 99 % of it is 0.792
      at("robe", 10, 1, [10, 0.6], [20, 0.79]),
      at("robe", 10, 4, [10, 0.791], [20, 0.7], [30, 0.792]),
      at("rowHash", 10, 1, [10, 0.9]), // not asked for
      // At another seed:
      { trial: { method: "full", compression: 1, rate: 1, seed: 1 }, outcome: trained([[10, 0.95]]) },
      { trial: { method: "robe", compression: 10, rate: 1, seed: 1 }, outcome: trained([[10, 0.9]]) },
    ];
    const cells = cellsOf(sweepTable({ ...study, protocol, trials }, "robe"));
    expect(cells).toEqual([
      ["compression", "method", "1 × usual", "4 × usual"],
      ["1×", "full", "0.7800", "0.8000, 10 steps"],
      ["10×", "robe", "0.7900", "0.7920, 30 steps"],
    ]);
    const fewer = trials.filter(({ trial }) => trial.method === "full");
    expect(cellsOf(sweepTable({ ...study, protocol, trials: fewer }, "robe"))[2]).toEqual([
      "10×",
      "robe",
      "–",
      "–",
    ]);
  });
});
