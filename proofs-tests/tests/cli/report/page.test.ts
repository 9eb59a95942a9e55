import { parseHTML } from "linkedom";
import { describe, expect, it } from "vitest";
import { escapeHtml, facts, figure, mark, page, section, tableOf } from "../../../../cli/report/page.ts";
import { type Frame, type Palette, palettes } from "../../../../cli/report/plot.ts";

const texts = (html: string, selector: string) =>
  [...parseHTML(html).document.querySelectorAll(selector)].map((element) => element.textContent);

describe("a table", () => {
  const html = tableOf(
    ["Model", "AUC", "Time"],
    [
      ["full", "0.8", "2 s"],
      ["robe", "0.7", "1 s"],
    ],
    "a note",
  );

  it("has each cell in its row, under its head", () => {
    expect(texts(html, "thead th")).toEqual(["Model", "AUC", "Time"]);
    expect(texts(html, "tbody tr")).toEqual(["full0.82 s", "robe0.71 s"]);
    expect(texts(html, "tbody th")).toEqual(["full", "robe"]);
    expect(texts(html, ".note")).toEqual(["a note"]);
    expect(tableOf(["Model"], [["full"]])).not.toContain("note");
  });
});

describe("a figure", () => {
  it("is drawn for wide and for narrow windows, with a legend in the order of the marks", () => {
    const sizes: string[] = [];
    const html = figure("Loss", ({ width, height }) => `<svg>${sizes.push(`${width}×${height}`)}</svg>`, {
      legend: ["a", "<b>"],
      caption: "what it shows",
    });
    expect(sizes).toEqual(["928×440", "368×340"]);
    expect(texts(html, ".wide svg")).toEqual(["1"]);
    expect(texts(html, ".narrow svg")).toEqual(["2"]);
    expect(texts(html, ".legend li")).toEqual(["● a", "■ <b>"]);
    expect(texts(html, "figcaption")).toEqual(["what it shows"]);
    expect(mark(1)).toContain("var(--series-1)");
  });

  it("has a legend where there are names, in narrow windows alone if so asked", () => {
    const about = { legend: ["a"], caption: "what it shows" };
    const classes = (html: string) => /class="(legend[^"]*)"/.exec(html)?.[1];
    const plot = () => "<svg></svg>";
    expect(classes(figure("Loss", plot, about))).toBe("legend");
    expect(classes(figure("Loss", plot, { ...about, narrowLegend: true }))).toBe("legend narrow");
    expect(classes(figure("Loss", plot, { caption: "what it shows" }))).toBeUndefined();
  });
});

describe("a page", () => {
  const value = { auc: 0.8123, text: "</script><b>" };
  const html = page({
    title: "A & B",
    headline: "x < y",
    sections: [section("How it was made", facts({ Seed: "7", Machine: "one" }))],
    data: { id: "study", value },
  });

  it("has its words as they are", () => {
    expect(texts(html, "h1")).toEqual(["A & B"]);
    expect(texts(html, ".headline")).toEqual(["x < y"]);
    expect(texts(html, "dt")).toEqual(["Seed", "Machine"]);
    expect(texts(html, "dd")).toEqual(["7", "one"]);
    expect(html).toContain('<section aria-labelledby="how-it-was-made">\n<h2 id="how-it-was-made">');
    expect(escapeHtml('<a href="x">&')).toBe("&lt;a href=&quot;x&quot;&gt;&amp;");
  });

  it("has every number in it, as JSON that cannot end the script", () => {
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(JSON.parse(/id="study">(.*)<\/script>/.exec(html)![1]!)).toEqual(value);
    expect(html).toContain("<code>script#study</code>");
  });

  it("declares every color that it names, those of the light palette, and in the dark those of the dark one", () => {
    const declared = (block: string) =>
      Object.fromEntries(
        [...block.matchAll(/--([\w-]+):(#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
      );
    const blocks = [...html.matchAll(/:root \{ ([^}]*) \}/g)].map(([, block]) => declared(block!));
    const variablesOf = ({ series, ...names }: Palette) => ({
      ...names,
      ...Object.fromEntries(series.map((color, i) => [`series-${i}`, color])),
    });
    const [light, dark] = [variablesOf(palettes.light), variablesOf(palettes.dark)];
    expect(blocks).toEqual([light, dark, light]); // on the screen by its scheme, on paper always light
    const plot = ({ palette }: Frame) => Object.values(palette).flat().join(" ");
    const used = [...`${html} ${figure("Loss", plot, { caption: "" })}`.matchAll(/var\(--([\w-]+)\)/g)];
    expect(new Set(used.map(([, name]) => name))).toEqual(new Set(Object.keys(light)));
  });

  it("takes nothing from elsewhere", () => {
    expect(html).not.toMatch(/<link|src=|url\(|https?:/);
  });
});
