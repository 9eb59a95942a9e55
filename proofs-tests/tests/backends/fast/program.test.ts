import { afterAll, describe, expect, it } from "vitest";
import * as job from "../../../../backends/fast/kernels/job.ts";
import {
  type Program,
  programOf,
  programOfScalar,
  result,
  runProgram,
} from "../../../../backends/fast/program.ts";
import type { Step } from "../../../../core/optimizers/steps.ts";
import { parse } from "../../../../core/parse.ts";
import { compile, scalar } from "../../../../core/scalar.ts";
import { walledMachine } from "./walled-machine.ts";

/** Where what is not written reads as 0: an array at address 0, if it is an operand's. */
const machine = await walledMachine(1, false, 0);
afterAll(() => machine.close());

/** What a program makes of one element for each place of these arrays. */
function outOf(
  program: Program,
  arrays: Readonly<Record<string, readonly number[]>>,
): Record<string, readonly number[]> {
  const places = Object.entries(arrays).map(
    ([name, values]) => [name, machine.put(Float32Array.from(values))] as const,
  );
  const count = Object.values(arrays)[0]!.length;
  runProgram(machine, program, count, Object.fromEntries(places.map(([name, array]) => [name, { array }])));
  const made = places.map(([name, place]) => [name, [...machine.floats(place, count)]] as const);
  for (const [, place] of places) machine.heap.give(place);
  expect(machine.held()).toBe(0);
  return Object.fromEntries(made);
}

/** Pairs of small numbers, which every operation below makes exact numbers of. */
const x = [-2, -0.5, 0, 0.5, 1, 3, 4, 3];
const y = [1, -0.5, 2, 4, 1, 2, -4, 3];

function valuesOf(expression: string): readonly number[] {
  const f = scalar("x, y", expression);
  return outOf(programOfScalar(f), { x, y, [result]: x })[result]!;
}

describe("an expression means what it does in JavaScript:", () => {
  it.each([
    "x",
    "7",
    "x + y",
    "x - y - 1.0",
    "x - (y - 1.0)",
    "x * y + 3.0",
    "3.0 + x * y",
    "(3.0 + x) * y",
    "x / 2.0 / 4.0",
    "x / (2.0 / 4.0)",
    "x * 6.0 / 2.0",
    "-x + y",
    "-(x + y)",
    "- -x",
    "+x - +y",
    "x - -y",
    "2.0 * -x",
    "x < y ? 1.0 : 2.0",
    "x > y ? 1.0 : 2.0",
    "x <= y ? 1.0 : 2.0",
    "x >= y ? 1.0 : 2.0",
    "x == y ? 1.0 : 2.0",
    "x === y ? 1.0 : 2.0",
    "x != y ? 1.0 : 2.0",
    "x !== y ? 1.0 : 2.0",
    "x < 0.0 && y < 0.0 ? 1.0 : 2.0",
    "x < 0.0 || y < 0.0 ? 1.0 : 2.0",
    "x < 0.0 || y > 1.0 && x > 2.0 ? 1.0 : 2.0",
    "x > 2.0 && y > 1.0 || x < 0.0 ? 1.0 : 2.0",
    "(x < 0.0 || y > 1.0) && x > 2.0 ? 1.0 : 2.0",
    "!(x < y) ? 1.0 : 2.0",
    "!(x < y) && y < 3.0 ? 1.0 : 2.0",
    "x + 1.0 < y * 2.0 ? x - 1.0 : y - 1.0",
    "x < 0.0 ? 1.0 : y < 0.0 ? 2.0 : 3.0",
    "x < 0.0 ? y < 0.0 ? 1.0 : 2.0 : 3.0",
    "(x < 0.0 ? 1.0 : 2.0) * y",
    "1.0 + (x < y ? x : y) * 2.0",
    "Math.abs(x)",
    "Math.abs(x - y) + 1.0",
    "Math.sqrt(x * x)",
    "Math.min(x, y)",
    "Math.max(x, y)",
    "Math.max(Math.min(x, 1.0), y - 2.0)",
    "Math.floor(x)",
    "Math.ceil(x)",
    "Math.pow(x, 2.0)",
    "Math.min(x < y ? 1.0 : 5.0, y)",
    "(x + y) * (x - y) + (x + 1.0) * (y + 1.0) * (x + 2.0)",
    "1e2 + .5 * x + 2.5e-1 + 1. * y",
  ])("%s", (expression) => {
    const f = compile(scalar("x, y", expression));
    expect(valuesOf(expression)).toEqual(x.map((own, i) => f([own, y[i]!])));
  });

  it.each(["exp", "log1p", "expm1", "tanh", "sin", "cos", "log"])("Math.%s", (name) => {
    const f = compile(scalar("x, y", `Math.${name}(x + 3.5)`));
    for (const [i, value] of valuesOf(`Math.${name}(x + 3.5)`).entries())
      expect(value / f([x[i]!])).toBeCloseTo(1, 6);
  });
});

describe("a program", () => {
  const names = ["x", "y", "z"];
  const step = (target: string, expression: string): Step => ({
    target,
    expression,
    tree: parse(expression, [...names, "meanSquare", "other"], "A step"),
  });

  it("assigns in order, and a later assignment reads what an earlier one made", () => {
    const program = programOf(names, [step("z", "x + y"), step("x", "z * 2.0"), step("y", "x")]);
    expect(outOf(program, { x: [1, 2], y: [10, 20], z: [0, 0] })).toEqual({
      x: [22, 44],
      y: [22, 44],
      z: [11, 22],
    });
  });

  it("may assign to what it reads", () => {
    const program = programOf(names, [step("x", "y - x * x"), step("y", "y"), step("z", "3.0")]);
    expect(outOf(program, { x: [2], y: [10], z: [0] })).toEqual({ x: [6], y: [10], z: [3] });
  });

  it("keeps what it has copied", () => {
    const program = programOf(names, [step("z", "y"), step("x", "(x + 1.0) * (x + y)")]);
    expect(outOf(program, { x: [1, 2], y: [10, 20], z: [0, 0] })).toEqual({
      x: [22, 66],
      y: [10, 20],
      z: [10, 20],
    });
  });

  it("takes room for its operands, registers and instructions", () => {
    const program = programOf(names, [step("z", "(x + 1.0) * (x + y)")]);
    machine.taken.length = 0;
    outOf(program, { x: [1], y: [2], z: [3] });
    const operands = 3 + 1 + 2;
    expect(machine.taken.slice(3).toSorted((a, b) => a - b)).toEqual([
      4 * operands,
      4 * 5 * 3,
      4 * 3 * operands,
      4 * job.CHUNK * operands,
    ]);
  });

  it("takes the square of a gradient for the mean of one, unless it is given the mean", () => {
    const steps = [step("x", "x + meanSquare")];
    expect(outOf(programOf(["x", "g"], steps), { x: [1], g: [3] })).toEqual({ x: [10], g: [3] });
    expect(
      outOf(programOf(["g", "x", "meanSquare"], steps), { g: [3], x: [1], meanSquare: [5] }),
    ).toMatchObject({
      x: [6],
    });
  });

  it("is not made of a name that it was not given", () => {
    expect(() => programOf(names, [step("x", "x + other")])).toThrow(
      'A program was not given "other", only x, y, z.',
    );
  });

  it("is made once, for the same names and assignments", () => {
    const steps = [step("x", "x + y")];
    const program = programOf(names, steps);
    expect(programOf([...names], [{ ...steps[0]! }])).toBe(program);
    expect(programOf(["y", "x", "z"], steps)).not.toBe(program);
    expect(programOf(names, [step("y", "x + y")])).not.toBe(program);
    expect(programOf(names, [step("x", "x - y")])).not.toBe(program);
  });

  it.each([
    ["x + y", 4, 1],
    ["x * y + x * y", 5, 3],
    ["x * y + x * y + x * y + x * y", 5, 7],
    ["x * y - (x * y - (x * y - x * y))", 7, 7],
    ["x + 1.0 + 1.0", 6, 2],
    ["y", 3, 1],
  ])(
    "keeps no more numbers than it still needs: %s in %i, by %i instructions",
    (expression, operands, count) => {
      const program = programOf(names, [step("z", expression)]);
      expect([program.operands, program.instructions.length]).toEqual([operands, count]);
    },
  );

  it("lets a later assignment use the room of an earlier one", () => {
    const expression = "(x + 1.0) * (x + 2.0)";
    const assignments = (count: number) => Array.from({ length: count }, () => step("x", expression));
    const of = (count: number) => {
      const { operands, constants } = programOf(names, assignments(count));
      return operands - constants.length;
    };
    expect(of(3)).toBe(of(1));
  });
});
