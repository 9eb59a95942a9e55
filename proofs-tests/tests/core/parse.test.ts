import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../core/errors.ts";
import { evaluator, namesIn } from "../../../core/expression.ts";
import { checkNames, parse } from "../../../core/parse.ts";
import { compile, scalar } from "../../../core/scalar.ts";
import { said } from "../models/dlrm/tiny-model.ts";

const names = ["x", "y"];
const refusal = (text: string) => said(() => parse(text, names, "It"));
const functions = "abs, sqrt, min, max, floor, ceil, exp, log, log1p, expm1, tanh, sin, cos, pow of Math";
const holds = `an expression has numbers, names, operators and calls of ${functions} only`;
const operators =
  "is no operator known here, where there are ? : + - * / < > <= >= == != === !== && || and !";
const constant = "a constant is a finite number in decimals, such as 1.5 or 1e-8";

describe("an expression is refused, with its text, the place, and what is known:", () => {
  it.each([
    ["Math.cosh(x)", 1, `stands "Math.cosh", but the functions known are ${functions}`],
    ["1.0 + Math.constructor(x)", 7, `stands "Math.constructor", but the functions known are ${functions}`],
    ["Math.", 1, `stands "Math.", but the functions known are ${functions}`],
    ["exp(x)", 1, `stands "exp", but the functions known are ${functions}`],
    ["x(y)", 1, `stands "x", but the functions known are ${functions}`],
    ["x + z", 5, 'stands "z", but the names known here are x, y'],
    ["Infinity", 1, 'stands "Infinity", but the names known here are x, y'],
    ["Math", 1, 'stands "Math", but the names known here are x, y'],
    ["Math['abs'](x)", 1, 'stands "Math", but the names known here are x, y'],
    ["Math?.abs(x)", 1, 'stands "Math", but the names known here are x, y'],
    ["constructor", 1, 'stands "constructor", but the names known here are x, y'],
    ["this", 1, 'stands "this", but the names known here are x, y'],
    ["true ? x : y", 1, 'stands "true", but the names known here are x, y'],
    ["typeof x", 1, 'stands "typeof", but the names known here are x, y'],
    ["new Math.abs(x)", 1, 'stands "new", but the names known here are x, y'],
    ["return x", 1, 'stands "return", but the names known here are x, y'],
    ["Math.abs", 9, "it ends too early"],
    ["Math.abs?.(x)", 9, 'stands "?.(x)", where "(" should'],
    ["Math.max(x)", 1, 'stands "Math.max(x)", but Math.max takes 2 numbers, not 1'],
    ["Math.abs(x, y)", 1, 'stands "Math.abs(x, y)", but Math.abs takes 1 number, not 2'],
    ["Math.abs()", 1, 'stands "Math.abs()", but Math.abs takes 1 number, not 0'],
    ["Math.abs(x,)", 12, `stands ")", but ${holds}`],
    ["Math.abs(...x)", 10, `stands "...x)", but ${holds}`],
    ["'x'", 1, `stands "'x'", but ${holds}`],
    ["/x/", 1, `stands "/x/", but ${holds}`],
    ["`x`", 1, `stands "\`x\`", but ${holds}`],
    ["[x]", 1, `stands "[x]", but ${holds}`],
    ["{ x }", 1, `stands "{ x }", but ${holds}`],
    ["() => x", 2, `stands ") => x", but ${holds}`],
    ["x ===- y ? ~x : y", 12, `stands "~x : y", but ${holds}`],
    ["x * * y", 5, `stands "* y", but ${holds}`],
    ["x <!-- y", 5, `stands "-- y", but ${holds}`],
    ["- -- x", 3, `stands "-- x", but ${holds}`],
    ["x + 10n", 5, `stands "10n", but ${constant}`],
    ["0x10", 1, `stands "0x10", but ${constant}`],
    ["010", 1, `stands "010", but ${constant}`],
    ["1_000", 1, `stands "1_000", but ${constant}`],
    ["2x", 1, `stands "2x", but ${constant}`],
    ["x * 1e999", 5, `stands "1e999", but ${constant}`],
    ["x = 1.0", 3, `stands "= 1.0", but "=" ${operators}`],
    ["x++", 2, `stands "++", but "++" ${operators}`],
    ["x--y", 2, `stands "--y", but "--" ${operators}`],
    ["x ** 2.0", 3, `stands "** 2.0", but "**" ${operators}`],
    ["x % y", 3, `stands "% y", but "%" ${operators}`],
    ["x ?? y", 3, `stands "?? y", but "??" ${operators}`],
    ["x >> y", 3, `stands ">> y", but ">>" ${operators}`],
  ])("%s", (text, column, reason) => {
    expect(refusal(text)).toBe(`It cannot be "${text}": at column ${column} ${reason}.`);
  });

  it.each([
    ["", 1, "it ends too early"],
    ["  ", 3, "it ends too early"],
    ["x <", 4, "it ends too early"],
    ["(x + y", 7, "it ends too early"],
    ["x < y ? 2.0 ", 13, "it ends too early"],
    ["(x, y)", 3, 'stands ", y)", where ")" should'],
    ["x < y ? 2.0 , 3.0", 13, 'stands ", 3.0", where ":" should'],
    ["Math.max(x y)", 12, 'stands "y)", where "," should'],
    ["x;", 2, 'stands ";", not the end'],
    ["x + y)", 6, 'stands ")", not the end'],
    ["x y", 3, 'stands "y", not the end'],
    ["x in y", 3, 'stands "in y", not the end'],
    ["x.abs(y)", 2, 'stands ".abs(y)", not the end'],
    ["y * x[0]", 6, 'stands "[0]", not the end'],
    ["1.5.5", 4, 'stands ".5", not the end'],
    ["x @ 2.0", 3, 'stands "@ 2.0", not the end'],
  ])("not one expression: %s", (text, column, reason) => {
    expect(refusal(text)).toBe(`It cannot be "${text}": at column ${column} ${reason}.`);
  });

  it("two lines are not one expression, unless the second goes on", () => {
    expect(refusal("x\ny")).toContain('at column 3 stands "y", not the end');
    expect(parse("x\n+ y", names, "It")).toEqual(parse("x + y", names, "It"));
  });

  it.each([
    ["x < y", 1, 'the truth "x < y" stands where a number should'],
    ["!(x < y)", 1, 'the truth "!(x < y)" stands where a number should'],
    ["x < y && y < x", 1, 'the truth "x < y && y < x" stands where a number should'],
    ["x ? 1.0 : 2.0", 1, 'the number "x" stands where a truth should'],
    ["!x ? 1.0 : 2.0", 2, 'the number "x" stands where a truth should'],
    ["x < y ? x < y : 2.0", 9, 'the truth "x < y" stands where a number should'],
    ["x < y ? 2.0 : x < y", 15, 'the truth "x < y" stands where a number should'],
    ["-(x < y)", 3, 'the truth "x < y" stands where a number should'],
    ["+(x < y)", 3, 'the truth "x < y" stands where a number should'],
    ["x + (x < y)", 6, 'the truth "x < y" stands where a number should'],
    ["(x < y) + x", 2, 'the truth "x < y" stands where a number should'],
    ["x && x < y ? 1.0 : 2.0", 1, 'the number "x" stands where a truth should'],
    ["x < y || y ? 1.0 : 2.0", 10, 'the number "y" stands where a truth should'],
    ["x < y < x ? 1.0 : 2.0", 1, 'the truth "x < y" stands where a number should'],
    ["x === (x < y) ? 1.0 : 2.0", 8, 'the truth "x < y" stands where a number should'],
    ["Math.abs(x < y)", 10, 'the truth "x < y" stands where a number should'],
    ["Math.min(1.0, x < y)", 15, 'the truth "x < y" stands where a number should'],
  ])("a number and a truth are two things: %s", (text, column, reason) => {
    expect(refusal(text)).toBe(`It cannot be "${text}": at column ${column} ${reason}.`);
  });

  it("has 1,000 characters at most, however they are nested", () => {
    const nested = `${"(".repeat(497)}x + y${")".repeat(497)} `;
    expect(parse(nested, names, "It")).toEqual(parse("x + y", names, "It"));
    const signs = `${"- ".repeat(499)}x`;
    expect(compile(scalar("x", signs))([2])).toBe(-2);
    expect(refusal(`${signs}  `)).toMatch(
      /at column 1001 it goes on, but an expression has 1000 characters at most\.$/,
    );
  });

  it("shows of a long text what stands around the place, and no control characters", () => {
    const long = `${"x + ".repeat(50)}\u0007${" + x".repeat(50)}`;
    const message = refusal(long);
    expect(message).toMatch(/^It cannot be "…x \+ x.* \\u\{7\} \+ x.*…": at column 201 stands "\\u\{7\} \+/);
    expect(message.length).toBeLessThan(350);
    expect(refusal(`${"x + ".repeat(50)}z`)).toMatch(
      /^It cannot be "…x \+ .* z": at column 201 stands "z", but/,
    );
  });
});

describe("names", () => {
  it.each([
    ["1x", 'A rule cannot have the name "1x": a name is letters, digits and _, with no digit first.'],
    ["", 'A rule cannot have the name "": a name is letters, digits and _, with no digit first.'],
    ["a b", 'A rule cannot have the name "a b": a name is letters, digits and _, with no digit first.'],
    ["x", 'A rule cannot have the name "x" twice.'],
  ])("of an expression are words, each once: %s", (name, sentence) => {
    expect(said(() => checkNames(["x", "_y2", name], "A rule"))).toBe(sentence);
  });

  it("are those that stand in it, at any depth", () => {
    const all = ["a", "b", "c", "d", "e", "f", "abs", "unused"];
    const text = "!(a < -1.0 && b > 2.0) ? Math.min(c, Math.abs(d)) : e * (f - 3.0)";
    expect([...namesIn(parse(text, all, "It"))]).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect([...namesIn(parse("Math.abs(1.0)", all, "It"))]).toEqual([]);
  });
});

/** The text of an expression, with as few parentheses as chance puts there: JavaScript and the parser must both sort it. */
const { number } = fc.letrec<{ number: string; truth: string }>((tie) => {
  const [n, t] = [tie("number"), tie("truth")];
  const join = (operands: fc.Arbitrary<string>, ...between: string[]) =>
    fc.tuple(operands, fc.constantFrom(...between), operands).map(([a, by, b]) => `${a} ${by} ${b}`);
  const call = (takes: 1 | 2, ...known: string[]) =>
    fc
      .tuple(fc.constantFrom(...known), n, n)
      .map(([name, a, b]) => `Math.${name}(${takes === 1 ? a : `${a}, ${b}`})`);
  return {
    number: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      fc.constantFrom("x", "y", "1.0", "2", ".5", "3e-1", "0.25", "1."),
      join(n, "+", "-", "*", "/"),
      fc.tuple(fc.constantFrom("-", "+", "- -"), n).map(([sign, a]) => `${sign} ${a}`),
      n.map((a) => `(${a})`),
      call(1, "abs", "sqrt", "floor", "ceil", "exp", "log", "log1p", "expm1", "tanh", "sin", "cos"),
      call(2, "min", "max", "pow"),
      fc.tuple(t, n, n).map(([when, yes, no]) => `(${when} ? ${yes} : ${no})`),
    ),
    truth: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      join(n, "<", ">", "<=", ">=", "==", "!=", "===", "!=="),
      join(t, "&&", "||"),
      t.map((a) => `!(${a})`),
      t.map((a) => `(${a})`),
    ),
  };
});

/** What `work` gives; undefined where it refuses. */
function orUndefined<Made>(work: () => Made): Made | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

describe("an expression means what it does in JavaScript", () => {
  const value = fc.oneof(fc.double(), fc.constantFrom(0, -0, 1, -1, 2));

  it("to the bit, on expressions by chance", () => {
    fc.assert(
      fc.property(number, value, value, (text, x, y) => {
        const meant = new Function(...names, `"use strict"; return ${text};`)(x, y);
        expect(evaluator(parse(text, names, "It"), names)([x, y])).toBe(meant);
      }),
      { numRuns: 2000 },
    );
  });

  it("or is refused: whatever is read is JavaScript, and means the same there", () => {
    const pieces = [
      ...[
        "x",
        "y",
        "1",
        ".5",
        "1.",
        "2e",
        "0",
        "7",
        "(",
        ")",
        ",",
        "?",
        ":",
        ".",
        "Math.abs(",
        "Math",
        " ",
        "\n",
        "_",
        "$",
      ],
      ...[
        "+",
        "-",
        "*",
        "/",
        "<",
        ">",
        "=",
        "!",
        "&",
        "|",
        "%",
        "^",
        "~",
        "//",
        "/*",
        "<!--",
        "-->",
        "=>",
        "e",
        "n",
      ],
    ];
    const damaged = fc
      .tuple(number, fc.array(fc.tuple(fc.nat(200), fc.nat(2), fc.constantFrom(...pieces)), { maxLength: 3 }))
      .map(([text, cuts]) => {
        let left = text.replaceAll(" ", "");
        for (const [at, gone, piece] of cuts) {
          const place = at % (left.length + 1);
          left = left.slice(0, place) + piece + left.slice(place + gone);
        }
        return left;
      });
    let read = 0;
    fc.assert(
      fc.property(damaged, value, value, (text, x, y) => {
        const tree = orUndefined(() => parse(text, names, "It"));
        if (tree === undefined) return;
        read++;
        const meant = new Function(...names, `"use strict"; return (${text}\n);`)(x, y);
        expect(evaluator(tree, names)([x, y])).toBe(meant);
      }),
      { numRuns: 2000 },
    );
    expect(read).toBeGreaterThan(200);
  });

  it.each([
    ["2 - x - y", -5],
    ["2 - (x - y)", 3],
    ["x / y / 2", 0.375],
    ["x + y * 2", 11],
    ["(x + y) * 2", 14],
    ["-x * y", -12],
    ["x < y ? 1 : x < 4 ? 2 : 3", 1],
    ["x > y ? 1 : x > 4 ? 2 : 3", 3],
    ["x < 1 && y < 1 || y > 1 ? 1 : 2", 1],
    ["y > 1 || x < 1 && y < 1 ? 1 : 2", 1],
    ["(y > 1 || x < 1) && y < 1 ? 1 : 2", 2],
    ["x + 1 == y ? 1 : 2", 1],
    ["Math.pow(x, y - 2)", 9],
  ])("where x is 3 and y is 4: %s", (text, meant) => {
    expect(compile(scalar("x, y", text))([3, 4])).toBe(meant);
  });
});
