import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { headline, pageOf, picturesAsFiles } from "../../../../cli/report/tradeoff.ts";
import type { Study } from "../../../experiments/tradeoff/study.ts";
import type { Row } from "../../../experiments/tradeoff/summary.ts";
import { madeRow, protocolOf, rowsOf, trained } from "../../experiments/tradeoff/made.ts";

describe("the headline claims what the intervals bear", () => {
  const said = (robe: readonly number[]) => headline({ rows: rowsOf({ robe }), missing: [] });
  it.each([
    ["cannot be told from", [0.69, 0.7, 0.705]],
    ["scores above", [0.75, 0.751, 0.752]],
    ["No method is shown to keep", [0.65, 0.651, 0.652]],
  ])("%s", (words, aucs) => expect(said(aucs)).toContain(words));

  const at = (method: string, compression: number, low: number, high: number, seeds = 2): Row => {
    const interval = seeds > 1 ? { interval: [low, high] as const } : {};
    const difference = { mean: (low + high) / 2, ...interval, values: [low, high] };
    return { ...madeRow, method, compression, seeds: Array.from({ length: seeds }, (_, i) => i), difference };
  };
  const full = at("full", 1, 0, 0);
  const of = (...rows: Row[]) => headline({ rows: [full, ...rows], missing: [] });

  it("of the smallest memory that is not shown to lose, and there of the best", () => {
    const rows = [at("a", 10, 0.01, 0.03), at("b", 100, -0.01, 0.03), at("c", 100, -0.02, 0.03)];
    const said =
      "At 100× less memory b cannot be told from the full tables on these rows: AUC difference +0.0100 (−0.0100 … +0.0300), 2 seeds.";
    for (const order of [rows, rows.toReversed()])
      expect(of(...order, at("d", 1000, -0.03, -0.01))).toBe(said);
  });

  it("of the nearest where all lose, whatever its memory", () => {
    const rows = [at("a", 10, -0.06, -0.04), at("b", 100, -0.03, -0.01), at("c", 1000, -0.07, -0.05)];
    const said =
      "No method is shown to keep the full tables' AUC on these rows; nearest is b at 100×: AUC difference −0.0200 (−0.0300 … −0.0100), 2 seeds.";
    for (const order of [rows, rows.toReversed()]) expect(of(...order)).toBe(said);
  });

  it("nothing of one seed, which shows nothing", () => {
    expect(of(at("a", 10, 0.01, 0.03, 1))).toContain("No method is shown to keep");
    expect(of()).toBe("Only the full tables were trained.");
  });
});

/** Full tables at 0.75, 0.76, 0.77, robe steadily 0.01 and rowHash 0.02 below them; one method was too large. */
const study: Study = (() => {
  const protocol = protocolOf({ methods: ["full", "robe", "rowHash", "dhe"], rates: [2], seeds: [4, 5, 6] });
  const aucs = { full: [0.75, 0.76, 0.77], robe: [0.74, 0.7501, 0.7599], rowHash: [0.73, 0.7401, 0.7499] };
  const trials = Object.entries(aucs).flatMap(([method, values]) =>
    values.map((auc, i) => ({
      trial: { method, compression: method === "full" ? 1 : 4, rate: 2, seed: 4 + i },
      outcome: trained([[10, method === "robe" ? 0.8 : 0.9]], auc),
    })),
  );
  const refused = { kind: "refused", reason: "dhe <needs> more" } as const;
  return {
    protocol,
    provenance: {
      ...{ machine: "one core", backend: "cpu", data: "40 + 5 + 5 rows & no more" },
      ...{ command: "npx pss-dlrm tradeoff --rows 50", version: "9.9.9" },
    },
    trials: [...trials, { trial: { method: "dhe", compression: 4, rate: 2, seed: 4 }, outcome: refused }],
    latencies: [{ method: "robe", compression: 4, step: 2, quartiles: [1, 3], speedup: 1.5, predicted: 777 }],
  };
})();

describe("the page of a study", () => {
  const { document } = parseHTML(pageOf(study));
  const texts = (under: ParentNode, selector: string) =>
    [...under.querySelectorAll(selector)].map(({ textContent }) => textContent!.trim());
  const tables = [...document.querySelectorAll("table")].map((table) => ({
    heads: texts(table, "thead th"),
    rows: [...table.querySelectorAll("tbody tr")].map((row) => texts(row, "th, td")),
  }));

  it("begins with the headline and the ranking", () => {
    expect(texts(document, ".headline")).toEqual([
      expect.stringContaining("nearest is robe at 4×: AUC difference −0.0100"),
    ]);
    expect(tables[0]).toEqual({ heads: ["Compression", "By AUC"], rows: [["4×", "1 robe, 2 rowHash"]] });
  });

  it("has every number of a method in its row, under its head", () => {
    const { heads, rows } = tables[1]!;
    expect(rows.map(([name]) => name)).toEqual(["● full 1×", "■ robe 4×", "▲ rowHash 4×"]);
    const robe = Object.fromEntries(heads.map((head, i) => [head, rows[1]![i]]));
    expect(robe).toMatchObject({
      embedding: "400 B",
      model: "1.00 KB",
      AUC: expect.stringMatching(/^0\.7500 \(0\.72\d\d … 0\.77\d\d\)$/),
      "AUC − full": expect.stringMatching(/^−0\.0100 /),
      "steps to full's AUC": "not reached",
      "a step": "2.00 ms (1.50×)",
      "rows/s predicted": "777",
      rate: "adagrad 0.0500",
    });
  });

  it("says what could not be done, and how it was made", () => {
    expect(tables[2]).toEqual({ heads: ["Method", "Why"], rows: [["dhe 4×", "dhe <needs> more"]] });
    const facts = Object.fromEntries(
      texts(document, "dt").map((name, i) => [name, texts(document, "dd")[i]]),
    );
    expect(facts).toEqual({
      Data: "40 + 5 + 5 rows & no more",
      Model: "dim 4, bottom 8-4, top 8-1",
      Training:
        "adagrad, batch 64, at most 1 epochs; measured every 5 steps, ended after 8 measurements without a better AUC",
      Rates: "2 times the optimizer's usual rate, all at seed 4; the best by validation AUC at seeds 5, 6",
      Methods: "full, robe, rowHash, dhe",
      Compressions: "4×",
      Machine: "one core; cpu; pss-dlrm 9.9.9",
      Command: "npx pss-dlrm tradeoff --rows 50",
    });
  });

  it("does not speak of what is missing where nothing is", () => {
    const { protocol, trials, ...rest } = study;
    const methods = protocol.methods.slice(0, 3);
    const { document } = parseHTML(pageOf({ ...rest, protocol: { ...protocol, methods }, trials }));
    expect(texts(document, "section h2")).not.toContain("What could not be done");
  });

  it("has the pictures for which there are numbers, and all numbers in its source", () => {
    const drawn = ["Quality", "Iterations", "Latency"].map((what) => `${what} against memory`);
    expect(texts(document, "figure h2")).toEqual(drawn);
    const { summary, ...embedded } = JSON.parse(document.querySelector("#study")!.textContent!);
    expect(embedded).toEqual(study);
    expect(summary.rows).toHaveLength(3);
  });
});

describe("a picture that is a file", () => {
  it("names each method in the color of its points", () => {
    const files = picturesAsFiles(study);
    expect(Object.keys(files)).toEqual(["quality", "iterations", "latency"]);
    const { document } = parseHTML(`<html><body>${files.quality}</body></html>`);
    const fills = [...document.querySelectorAll('g[aria-label="dot"]')].map((dots) =>
      dots.getAttribute("fill"),
    );
    const names = ["● full", "■ robe", "▲ rowHash"].map((name) =>
      [...document.querySelectorAll("text")].find(({ textContent }) => textContent === name),
    );
    const colorOf = (element: Element | null | undefined): string | null =>
      element ? (element.getAttribute("fill") ?? colorOf(element.parentElement)) : null;
    expect(names.map(colorOf)).toEqual(fills);
    expect(new Set(fills).size).toBe(3);
  });
});
