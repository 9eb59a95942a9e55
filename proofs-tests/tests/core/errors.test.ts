import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shown, shownWord } from "../../../core/errors.ts";

describe("a user's text in a sentence", () => {
  test.each([
    ["robe", '"robe"'],
    ["", '""'],
    ["a\tb\u001b[2J", '"a\\u{9}b\\u{1b}[2J"'],
    ["\uFEFFlabel\u202Ed", '"\\u{feff}label\\u{202e}d"'],
    ["a\u2028b\ud83d", '"a\\u{2028}b\\u{d83d}"'],
    ["é漢😀", '"é漢😀"'],
    [12, "12"],
    [undefined, "undefined"],
    ["x".repeat(58), `"${"x".repeat(58)}"`],
    ["x".repeat(59), `"${"x".repeat(57)}…"`],
    ["\n".repeat(1e6), `"${"\\u{a}".repeat(11)}\\u…"`],
    [[1e9].concat(Array(1e5).fill(7)), "a list of 100001"],
  ])("%j is shown as %s", (value, text) => expect(shown(value)).toBe(text));

  test("a path has no quotes, and of a long one the end is kept", () => {
    expect(shownWord("/data/day 1\n.csv")).toBe("/data/day 1\\u{a}.csv");
    const long = `${"/folder".repeat(40)}/day_17.csv`;
    expect(shownWord(long)).toBe(`…${long.slice(-119)}`);
    expect(shownWord(long.slice(-120))).toBe(long.slice(-120));
  });

  test("whatever it is, its sentence is one line of few characters that can be seen", () =>
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        for (const [found, most] of [
          [shown(text), 60],
          [shownWord(text), 120],
        ] as const) {
          expect(found.length).toBeLessThanOrEqual(most);
          expect(found).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        }
      }),
    ));
});
