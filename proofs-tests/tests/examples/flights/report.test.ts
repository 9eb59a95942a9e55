import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import type { Run } from "../../../../examples/flights/plots.ts";
import { pageOf, type Study, writeReport } from "../../../../examples/flights/report.ts";
import { gains, keeps, loses, runOf } from "./made.ts";

const studyOf = (runs: readonly Run[]): Study => ({
  title: "Memory & <quality>",
  data: "some rows",
  machine: "a machine",
  command: "npm start",
  seed: 7,
  versions: { node: "v20", "pss-dlrm": "0.1.0" },
  runs,
});
const documentOf = (runs: readonly Run[]) => parseHTML(pageOf(studyOf(runs))).document;
const headlineOf = (runs: readonly Run[]) => documentOf(runs).querySelector(".headline")!.textContent;

const full = runOf({ name: "full tables" });
const compressed = (compression: number, difference: NonNullable<Run["difference"]>): Run =>
  runOf({ name: `robe ${compression}`, compression, difference });

describe("the headline", () => {
  it("is the smallest memory whose AUC is not shown to be lower", () => {
    const runs = [full, compressed(10, keeps), compressed(1000, loses), compressed(100, keeps)];
    expect(headlineOf(runs)).toBe(
      "At 100× compression, robe 100 cannot be told from the full tables on these rows: AUC difference −0.0010 (95 % interval −0.0030 to +0.0010).",
    );
  });

  it("says that a model scores above the full tables only where its whole interval does", () => {
    expect(headlineOf([full, compressed(10, gains), compressed(100, loses)])).toBe(
      "At 10× compression, robe 10 scores above the full tables on these rows: AUC difference +0.0200 (95 % interval +0.0100 to +0.0300).",
    );
    const touching = { value: 0.01, interval: [0, 0.02] } as const;
    expect(headlineOf([full, compressed(10, touching)])).toContain("cannot be told from");
  });

  it("keeps a model whose interval reaches up to nothing, and says nothing with no sign", () => {
    const reaching = { value: -0.01, interval: [-0.02, 0] } as const;
    expect(headlineOf([full, compressed(10, reaching)])).toContain(
      "robe 10 cannot be told from the full tables on these rows: AUC difference −0.0100 (95 % interval −0.0200 to 0.0000).",
    );
  });

  it("says which model loses least where all lose", () => {
    const little = { value: -0.01, interval: [-0.02, -0.005] } as const;
    expect(headlineOf([full, compressed(100, loses), compressed(10, little), compressed(1000, loses)])).toBe(
      "Every compressed model loses AUC on these rows; robe 10 loses least: difference −0.0100 (95 % interval −0.0200 to −0.0050).",
    );
  });

  it("names the best model where none is compared with the full tables", () => {
    const better = runOf({
      name: "better",
      auc: { value: 0.85, standardError: 0.01, interval: [0.83, 0.87] },
    });
    const words = "better reaches an AUC of 0.8500 (95 % interval 0.8300 to 0.8700).";
    expect(headlineOf([full, better])).toBe(words);
    // Neither a second model without compression nor one that was not compared is a smaller memory.
    expect(headlineOf([full, { ...better, difference: gains }])).toBe(words);
    expect(headlineOf([full, { ...better, compression: 10 }])).toBe(words);
  });
});

describe("the page", () => {
  const robe = runOf({
    name: "robe <10>",
    compression: 10,
    embeddingFloats: 1234.4,
    modelFloats: 5678,
    auc: { value: 0.75, standardError: 0.01, interval: [0.74, 0.77] },
    difference: loses,
    logLoss: 0.45678,
    rowsPerSecond: 98_765,
    seconds: 123,
  });
  const document = documentOf([full, robe]);
  const texts = (selector: string) => [...document.querySelectorAll(selector)].map((e) => e.textContent);

  it("has each number of a model in the column that is named so", () => {
    const heads = texts("thead th");
    const rowOf = (name: string) => {
      const line = [...document.querySelectorAll("tbody tr")].find((tr) => tr.textContent!.includes(name))!;
      const cells = [...line.querySelectorAll("td")].map((td) => td.innerHTML);
      return Object.fromEntries(cells.map((cell, i) => [heads[i + 1], cell]));
    };
    expect(rowOf("full tables")).toEqual({
      Compression: "1×",
      "Embedding floats": "1,000",
      "All floats": "1,500",
      AUC: "0.8000<small>0.7800 to 0.8200</small>",
      "AUC − full": "—",
      "Log loss": "0.4000",
      "Rows/s": "12,345",
      Time: "12 s",
    });
    expect(rowOf("robe")).toEqual({
      Compression: "10×",
      "Embedding floats": "1,234",
      "All floats": "5,678",
      AUC: "0.7500<small>0.7400 to 0.7700</small>",
      "AUC − full": "−0.0300<small>−0.0400 to −0.0200</small>",
      "Log loss": "0.4568",
      "Rows/s": "98,765",
      Time: "2 min", // 123 s
    });
  });

  it("names the models of its plots in the order of their marks", () => {
    const legends = [...document.querySelectorAll(".legend")].map((list) =>
      [...list.querySelectorAll("li")].map((item) => item.textContent),
    );
    expect(legends).toEqual([
      ["● full tables", "■ robe <10>"],
      ["● full tables", "■ robe <10>"],
    ]);
    expect(texts("tbody th")).toEqual(["● full tables", "■ robe <10>"]);
  });

  it("says what its pictures show, and no more", () => {
    expect(texts("figcaption")[0]).toContain("the full tables' AUC and its 95 % interval");
    expect(texts("figcaption")[1]).toContain("Training loss, averaged");
    const without = parseHTML(pageOf(studyOf([robe]))).document;
    expect(without.querySelector("figcaption")!.textContent).toContain("Bars: 95 % intervals.");
    const plain = documentOf([full]).querySelectorAll("figcaption")[1]!;
    expect(plain.textContent).not.toContain("validation");
    const validated = runOf({ validation: [{ step: 1, logLoss: 0.5, auc: 0.6 }] });
    for (const runs of [[validated], [full, validated]]) {
      const [, curves] = [...documentOf(runs).querySelectorAll("figcaption")];
      expect(curves!.textContent).toContain("log loss on validation rows");
    }
  });

  it("has its plots, for wide and narrow windows; only where names do not fit is the first one's legend shown", () => {
    const plots = [...document.querySelectorAll("figure")].map((figure) =>
      ["wide", "narrow"].map((size) =>
        figure.querySelector(`.${size} svg`)!.getAttribute("aria-label")!.split(" ").slice(0, 4).join(" "),
      ),
    );
    expect(plots).toEqual([new Array(2).fill("AUC of each model,"), new Array(2).fill("Loss of each model")]);
    const legends = [...document.querySelectorAll(".legend")].map(({ classList }) =>
      classList.contains("narrow"),
    );
    expect(legends).toEqual([true, false]);
  });

  it("has times in two digits of seconds, and from a hundred of them in minutes", () => {
    const times = [9.87, 99, 100, 3600].map((seconds) => {
      const cells = documentOf([runOf({ seconds })]).querySelectorAll("tbody td");
      return [...cells].at(-1)!.textContent;
    });
    expect(times).toEqual(["9.9 s", "99 s", "2 min", "60 min"]);
  });

  it("has how it was made, and every number as JSON", () => {
    expect(texts("h1")).toEqual(["Memory & <quality>"]);
    expect(texts("dt").map((name, i) => `${name}: ${texts("dd")[i]}`)).toEqual([
      "Data: some rows",
      "Machine: a machine",
      "Seed: 7",
      "Command: npm start",
      "Versions: node v20, pss-dlrm 0.1.0",
    ]);
    const data = document.querySelector("script#study")!.textContent!;
    expect(JSON.parse(data)).toEqual(studyOf([full, robe]));
    expect(data).not.toContain("<");
  });

  it("is not made of nothing", async () => {
    await expect(writeReport("/nowhere/report.html", studyOf([]))).rejects.toThrow(
      "has none; train one first",
    );
  });
});
