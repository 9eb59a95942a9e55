import { parseHTML } from "linkedom";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clear, fill, say } from "../../../../examples/page/view.ts";

const { document } = parseHTML('<p id="status"></p><table id="table"></table><ul id="failures"></ul>');
const texts = (selector: string) => [...document.querySelectorAll(selector)].map((e) => e.textContent);

beforeEach(() => void vi.stubGlobal("document", document));
afterEach(() => void vi.unstubAllGlobals());

describe("the page for devices", () => {
  it("has each cell in its row and column, and what failed below", () => {
    fill(
      ["case", "ms"],
      [
        ["gather", "1.0"],
        ["pairs", "2.0"],
      ],
      ["mix is wrong"],
    );
    expect(texts("#table th")).toEqual(["case", "ms"]);
    expect(texts("#table tr")).toEqual(["casems", "gather1.0", "pairs2.0"]);
    expect(texts("#table .number")).toEqual(["ms", "1.0", "2.0"]);
    expect(texts("#failures li")).toEqual(["mix is wrong"]);
    fill(["case"], [["sum"]], []);
    expect([texts("#table td"), texts("#failures li")]).toEqual([["sum"], []]);
    clear();
    expect(texts("#table tr")).toEqual([]);
  });

  it("says what goes on, and marks what failed until something does not", () => {
    const status = document.querySelector("#status")!;
    say("no adapter", true);
    expect([status.textContent, status.classList.contains("failed")]).toEqual(["no adapter", true]);
    say("done");
    expect([status.textContent, status.classList.contains("failed")]).toEqual(["done", false]);
  });
});
