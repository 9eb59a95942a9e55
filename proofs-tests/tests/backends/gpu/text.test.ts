import { describe, expect, it } from "vitest";
import { arrangeKernel, mapKernel } from "../../../../backends/gpu/forms.ts";
import { prepareGather, prepareScatter } from "../../../../backends/gpu/lookup.ts";
import {
  applied,
  axes,
  countedLoop,
  divide,
  loop,
  position,
  printed,
  roundsOf,
} from "../../../../backends/gpu/text.ts";
import { assignments } from "../../../../backends/gpu/update.ts";
import type { Update } from "../../../../core/backend.ts";
import type { Lookup } from "../../../../core/lookup.ts";
import { parse } from "../../../../core/parse.ts";
import { scalar } from "../../../../core/scalar.ts";

/** What statements leave in `result`, which starts as 0. */
function run(text: string, given: Readonly<Record<string, number>> = {}, result = "seen"): unknown {
  return new Function(...Object.keys(given), `let rounds = 0, sum = 0;\n${text}\nreturn ${result};`)(
    ...Object.values(given),
  );
}

const loops = (text: string): number => text.split("for (").length - 1;

describe("a loop of a kernel's text", () => {
  it.each([0, 1, 5, 4095, 4096, 4097, 9000])("goes through all rounds: %i", (count) => {
    const wanted = [count, (count * count - count) / 2];
    const body = "rounds += 1; sum += l;";
    expect(run(loop("l", count, body), {}, "[rounds, sum]")).toEqual(wanted);
    for (const limit of [count, count + 5000])
      expect(run(countedLoop("l", "count", limit, body), { count }, "[rounds, sum]")).toEqual(wanted);
  });

  it("is one up to 4,096 rounds, beyond which drivers want two", () => {
    expect([0, 4096, 4097].map((count) => loops(loop("l", count, "")))).toEqual([1, 1, 2]);
    expect([0, 4096, 4097].map((count) => loops(countedLoop("l", "count", count, "")))).toEqual([1, 1, 2]);
  });

  it("says to gpu.js what rounds it may need, no fewer than gpu.js allows by itself", () => {
    expect([1, 1000, 1001, 4096, 4097, 1e6].map(roundsOf)).toEqual([1000, 1000, 1001, 4096, 4096, 4096]);
  });
});

describe("an index of a kernel's text", () => {
  it.each([
    [0, 7],
    [6, 7],
    [7, 7],
    [50, 7],
    [50, 1],
  ])("%i is split by %i", (value, by) => {
    expect(run(divide("value", by, "above", "rest"), { value }, "[above, rest]")).toEqual([
      Math.floor(value / by),
      value % by,
    ]);
  });

  it("is one along each axis", () => {
    expect(run(axes([2, 3, 4]), { cell: 23 }, "[axis0, axis1, axis2]")).toEqual([1, 2, 3]);
    expect(run(axes([2, 1, 4]), { cell: 6 }, "[axis0, axis1, axis2]")).toEqual([1, 0, 2]);
    expect(run(axes([9]), { cell: 6 }, "axis0")).toBe(6);
    expect(axes([])).toBe("");
  });

  it("is found again by strides", () => {
    const given = { axis0: 2, axis1: 3, axis2: 5 };
    const of = (strides: number[], offset?: number) => run("", given, position(strides, offset));
    expect(of([100, 10, 1])).toBe(235);
    expect(of([100, 0, 1], 7)).toBe(212);
    expect(of([0, 0, 0])).toBe(0);
    expect(of([0, 0, 0], -4)).toBe(-4);
    expect(of([1, 1, 1], -4)).toBe(6);
    expect(position([1, 0, 0])).toBe("axis0");
  });
});

describe("an expression in a kernel's text", () => {
  it("is in parentheses wherever it could be read otherwise, its numbers are floats, and its names are the kernel's own", () => {
    const print = (text: string) => printed(parse(text, ["exp", "x"], "It"), (name) => `my_${name}`);
    expect(print("exp * Math.exp(x) + -2")).toBe("((my_exp * Math.exp(my_x)) + (-2.0))");
    expect(print("x - (x - 1e-8)")).toBe("(my_x - (my_x - 1e-8))");
    expect(print("x - x - 1e21")).toBe("((my_x - my_x) - 1e+21)");
    expect(print("!(x < 1 || x === 2 && x !== 3) ? Math.max(x, 1) : x")).toBe(
      "((!((my_x < 1.0) || ((my_x == 2.0) && (my_x != 3.0)))) ? Math.max(my_x, 1.0) : my_x)",
    );
  });

  it("hides no number that is none", () => {
    const positive = scalar("x", "Math.max(x, 0.0)");
    const first = scalar("x, y", "x");
    expect([-1, 0, 2].map((v) => run("", { v }, applied(positive, ["v"])))).toEqual([0, 0, 2]);
    expect(run("", { v: Number.NaN }, applied(positive, ["v"]))).toBeNaN();
    expect(run("", { v: 3, u: Number.NaN }, applied(first, ["v", "u"]))).toBeNaN();
    expect(run("", { v: 3, u: Infinity }, applied(first, ["v", "u"]))).toBe(3);
  });
});

describe("a kernel's text is no longer than it must be", () => {
  const map = (shape: number[], ...inputs: number[][]) =>
    mapKernel({ kind: "map", f: scalar("x, y", "x + y"), shape, inputs }).body;
  const lookup = (bags: number[], starts: number[], memory: number): Lookup => ({
    dim: 1,
    block: 1,
    memorySize: memory,
    starts: Uint32Array.from(starts),
    bags: Uint32Array.from(bags),
  });

  it("where all arrays are walked alike, it finds no index along an axis", () => {
    expect(map([2, 3], [2, 3], [2, 3])).not.toContain("axis");
    expect(map([2, 3], [2, 3], [1])).toContain("axis");
  });

  it("axes that are walked as one are one, and those of one place none", () => {
    const axesOf = (body: string) => new Set(body.match(/axis\d/g)).size;
    expect(axesOf(map([2, 3, 4], [2, 3, 4], [4]))).toBe(2);
    expect(axesOf(map([2, 1, 4], [2, 1, 4], [1]))).toBe(1);
    expect(axesOf(map([2, 3, 4], [2, 1, 4], [3, 1]))).toBe(3);
  });

  it("a part of an arrangement is asked for only where others may be", () => {
    const body = (start: number[], extent: number[]) =>
      arrangeKernel(
        { kind: "arrange", shape: [4, 5], parts: [{ offset: 0, strides: [5, 1], start, extent }] },
        0,
        false,
      ).body;
    const conditions = (text: string) => /if \((.*)\) \{ value =/.exec(text)?.[1]?.split(" && ") ?? [];
    expect(conditions(body([0, 0], [4, 5]))).toEqual([]);
    expect(conditions(body([1, 0], [3, 5]))).toEqual(["axis0 >= 1"]);
    expect(conditions(body([0, 2], [4, 2]))).toEqual(["axis1 >= 2", "axis1 < 4"]);
  });

  it("bags of one item each need no list of bags", () => {
    expect(prepareGather(lookup([0, 1, 2], [3, 4], 9)).kernel.arrays).toEqual(["memory", "starts"]);
    expect(prepareGather(lookup([0, 2, 2], [3, 4], 9)).kernel.arrays).toEqual(["memory", "starts", "bags"]);
    expect(prepareGather(lookup([0, 1, 1], [3], 9)).kernel.arrays).toContain("bags");
  });

  it("lists have an eighth more room than they need at most, and at least one place", () => {
    const roomOf = (length: number) => {
      const starts = new Array<number>(length).fill(0);
      return prepareGather(lookup([0, length], starts, 9)).arrays[0]!.length;
    };
    expect([0, 1, 7, 8, 9, 16, 17, 18, 33].map(roomOf)).toEqual([1, 1, 7, 8, 9, 16, 18, 18, 36]);
  });

  it("the slots of a memory lie in about as many buckets as blocks are looked up", () => {
    const bucketsOf = (memory: number) =>
      prepareScatter(lookup([0, 4], [0, 5, 8, 8], memory)).arrays[2]!.length - 1;
    expect([1000, 16, 9].map(bucketsOf)).toEqual([4, 4, 3]);
  });

  it("blocks that are all whole are not asked how long they are", () => {
    const own = (dim: number) =>
      prepareScatter({ ...lookup([0, 2], [0, 5, 8, 8], 16), dim, block: 2 }).kernel.body;
    expect(own(4)).not.toContain("columnOfBlock");
    expect(own(3)).toContain("columnOfBlock");
  });

  it("a step reads the arrays and numbers that it names, what it leaves alone, and who was looked up", () => {
    const update: Update = {
      name: "some",
      steps: [
        { target: "s", expression: "decay * s" },
        { target: "t", expression: "t + meanSquare" },
        { target: "w", expression: "rate * g" },
      ],
      state: ["s", "t"],
      hyper: { rate: 1, decay: 2 },
      zeroGradient: "skip",
      width: 2,
    };
    const of = (masked: boolean) =>
      assignments(update, 8, masked).map(({ target, reads, numbers, kernel: { size, arrays } }) => {
        expect(arrays).toHaveLength(reads.length);
        return { target, reads, numbers, size };
      });
    expect(of(false)).toEqual([
      { target: "s", reads: ["s"], numbers: ["decay"], size: 4 },
      { target: "t", reads: ["t", "g"], numbers: [], size: 4 },
      { target: "w", reads: ["g"], numbers: ["rate"], size: 8 },
    ]);
    expect(of(true).map(({ reads }) => reads)).toEqual([
      ["s", "touched"],
      ["t", "g", "touched"],
      ["g", "w", "touched"],
    ]);
  });
});
