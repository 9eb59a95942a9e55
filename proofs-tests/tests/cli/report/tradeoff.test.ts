import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { pageOf, picturesAsFiles } from "../../../../cli/report/tradeoff.ts";
import type { Study } from "../../../experiments/tradeoff/study.ts";
import { protocolOf, trained } from "../../experiments/tradeoff/made.ts";
import { figuresOf } from "./figures.ts";

/** Full tables at 0.75, 0.76, 0.77, robe steadily 0.01, rowHash 0.02 and the floor 0.1 below them; one method was too large. */
const study: Study = (() => {
  const protocol = protocolOf({ methods: ["full", "robe", "rowHash", "dhe"], rates: [2], seeds: [4, 5, 6] });
  const aucs = {
    full: [0.75, 0.76, 0.77],
    floor: [0.65, 0.66, 0.67],
    robe: [0.74, 0.7501, 0.7599],
    rowHash: [0.73, 0.7401, 0.7499],
  };
  const trials = Object.entries(aucs).flatMap(([method, values]) =>
    values.map((auc, i) => ({
      trial: { method, compression: ["full", "floor"].includes(method) ? 1 : 4, rate: 2, seed: 4 + i },
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
      expect.stringContaining(
        "nearest is robe at 4× (400 B in place of 400 B), which loses 0.0100 AUC; its loss is at least 0.00",
      ),
    ]);
    expect(tables[0]).toEqual({ heads: ["Compression", "By AUC"], rows: [["4×", "1 robe, 2 rowHash"]] });
  });

  it("has every number of a method in its row, under its head", () => {
    const { heads, rows } = tables[1]!;
    expect(rows.map(([name]) => name)).toEqual(["● full 1×", "■ robe 4×", "▲ rowHash 4×", "floor"]);
    const robe = Object.fromEntries(heads.map((head, i) => [head, rows[1]![i]]));
    expect(robe).toMatchObject({
      embedding: "400 B",
      model: "1.00 KB",
      AUC: expect.stringMatching(/^0\.7500 \(0\.72\d\d … 0\.77\d\d\)$/),
      "AUC − full": expect.stringMatching(/^−0\.0100 /),
      "ids' signal kept": expect.stringMatching(/^90\.0 % \(89\.\d … 90\.\d\)$/),
      "steps to full's AUC": "not reached",
      "a step": "2.00 ms (0.667× full's)",
      "rows/s predicted": "777",
      rate: "adagrad 0.0500",
    });
  });

  it("says what could not be done, and how it was made", () => {
    expect(tables[2]).toEqual({ heads: ["Method", "Why"], rows: [["dhe at 4×", "dhe <needs> more"]] });
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
    const drawn = ["Quality", "Signal kept", "Iterations", "Latency"].map((what) => `${what} against memory`);
    expect(texts(document, "figure h2")).toEqual(drawn);
    for (const [i, { dots, legend, caption, texts }] of figuresOf(pageOf(study)).entries()) {
      expect(dots.length).toBe([3, 3, 2, 1][i]); // of latencies one is known, of iterations one more is compared
      expect(legend).toEqual(["full", "robe", "rowHash"]);
      expect(caption).toMatch(
        /^(Dashed: full tables|\(AUC − floor\)|Median over the seeds|Median and quartiles)/,
      );
      const axes = [
        "AUC on test rows",
        "Share of the ids' signal",
        "Steps to 100 % of the full",
        "Milliseconds of a training step",
      ];
      expect(texts).toContainEqual(expect.stringContaining(`↑ ${axes[i]}`));
      expect(texts).toContain("Bytes that stand for the tables (log scale) →");
    }
    const { summary, ...embedded } = JSON.parse(document.querySelector("#study")!.textContent!);
    expect(embedded).toEqual(study);
    expect(summary.rows).toHaveLength(4);
  });
});

describe("a picture that is a file", () => {
  it("names each method in the color of its points", () => {
    const files = picturesAsFiles(study);
    expect(Object.keys(files)).toEqual(["quality", "kept", "iterations", "latency"]);
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
