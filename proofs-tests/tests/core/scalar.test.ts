import { describe, expect, it } from "vitest";
import { parse } from "../../../core/parse.ts";
import { compile, scalar } from "../../../core/scalar.ts";
import { said } from "../models/dlrm/tiny-model.ts";

describe("a scalar function", () => {
  it("is parsed where it is defined, and so is its magnitude", () => {
    expect(said(() => scalar("x", "Math.cosh(x)"))).toMatch(
      /^A scalar function of x cannot be "Math\.cosh\(x\)": at column 1 stands "Math\.cosh", but/,
    );
    expect(said(() => scalar("x, y", "x * y", { magnitude: "z" }))).toBe(
      'A scalar function of x, y cannot be "z": at column 1 stands "z", but the names known here are x, y.',
    );
    expect(said(() => scalar("x, x", "x"))).toBe('A scalar function cannot have the name "x" twice.');
  });

  it("keeps its text, its tree, its accuracy, and the function of its size", () => {
    const f = scalar("x , y", "x - y", { ulps: 3, magnitude: "Math.abs(x) + Math.abs(y)" });
    expect(f).toMatchObject({ inputs: ["x", "y"], expression: "x - y", ulps: 3 });
    expect(f.tree).toEqual(parse("x - y", ["x", "y"], "It"));
    expect(compile(f.magnitude!)([-2, 3])).toBe(5);
    expect(scalar("x", "x")).not.toHaveProperty("magnitude");
  });

  it("is one value for the same words, for as long as few enough others are defined", () => {
    const f = scalar("x", "x + 0.5");
    expect(scalar("x", "x + 0.5")).toBe(f);
    expect(scalar("x", "x + 0.5", { ulps: 2 })).not.toBe(f);
    expect(scalar("x", "x + 0.5", { magnitude: "x" })).not.toBe(f);
    expect(scalar("x,y", "x + 0.5")).not.toBe(f);
    for (let i = 0; i < 4096; i++) scalar("x", `x + ${i + 1}.25`);
    expect(scalar("x", "x + 0.5")).not.toBe(f);
    expect(scalar("x", "x + 0.5")).toEqual(f);
  });
});
