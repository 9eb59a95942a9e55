import { describe, expect, it } from "vitest";
import { random } from "../../../core/numeric/random.ts";
import { theorems } from "../../../theory/index.ts";
import type {
  AppliedDraw,
  Check,
  EventCheck,
  IdentityCheck,
  Instance,
  Sketch,
} from "../../../theory/theorem.ts";
import { unwrappedCollision } from "../../../theory/theorems/r13-hypotheses.ts";
import { drawOf, stuck } from "./all-draws.ts";

const checkOf = (id: string, number: number): Check =>
  theorems.find((theorem) => theorem.id === id)!.checks[number]!;

const sized = (rows: number, dim: number, block: number, memory = 8): Instance => {
  const x = Float64Array.from({ length: rows * dim }, (_, k) => k + 1);
  return { rows, dim, block, memory, x, y: x.toReversed(), epsilon: 0.5 };
};

const sketchOf = (memory: number, slots: readonly number[], signs: readonly number[] = []): Sketch => ({
  memory,
  places: 1,
  slots: Uint32Array.from(slots),
  signs: Int8Array.from(slots, (_, k) => signs[k] ?? 1),
});

const absent = (): never => expect.fail("not needed");

const errorOf = (id: string, number: number, instance: Instance, draw: Partial<AppliedDraw>) => {
  const { error } = checkOf(id, number) as IdentityCheck;
  return error(instance, { ...drawOf(sketchOf(1, [])), recover: absent, project: absent, ...draw });
};

describe("a check speaks of the instances that its theorem is about", () => {
  const one = [sized(1, 3, 3), sized(1, 1, 1)];
  const several = [sized(2, 1, 1), sized(1, 3, 2)];
  const single = [sized(2, 3, 1), sized(1, 1, 1)];
  const long = [sized(2, 3, 2), sized(2, 3, 3)];
  it.each([
    ["R1", 0, "several blocks", several, one],
    ["R1", 2, "blocks that are all full", [sized(2, 4, 2), sized(2, 3, 3)], [sized(2, 3, 2)]],
    ["R3", 1, "several blocks", several, one],
    ["R7", 0, "weights by themselves", single, long],
    ["R7", 1, "weights by themselves", single, long],
    ["R8", 0, "weights by themselves", single, long],
    ["R8", 1, "weights by themselves", single, long],
    ["R12", 0, "weights by themselves", single, long],
    ["R13", 2, "several blocks", several, one],
    ["R16", 0, "24 slots at most", [sized(2, 1, 1, 24)], [sized(2, 1, 1, 25)]],
    ["R16", 1, "24 slots at most", [sized(2, 1, 1, 24)], [sized(2, 1, 1, 25)]],
  ])("%s, check %i: %s", (id, number, _, within, without) => {
    const { applies } = checkOf(id, number);
    expect(within.map((instance) => applies!(instance))).toEqual(within.map(() => true));
    expect(without.map((instance) => applies!(instance))).toEqual(without.map(() => false));
  });
});

it.each([
  ["R3", 0],
  ["R4", 0],
  ["R5", 0],
  ["R7", 1],
  ["R8", 1],
])("%s, check %i: no probability is above 1, however small the memory", (id, number) =>
  expect((checkOf(id, number) as EventCheck).probability(sized(2, 2, 1, 1))).toBe(1),
);

describe("an error of ε itself is no failure, whatever its last digits are", () => {
  const instance: Instance = { ...sized(2, 1, 1, 1), x: Float64Array.of(1, 2), y: Float64Array.of(1, 1) };
  const pair = Float64Array.of(1, 0.5);
  // Rows of x and of a third of y turned: (1, 0, 2) + (1, 0, 0) and (0, 1, 0) + (0, 2, 0) differ by (2, −3, 2).
  const table: Instance = {
    ...sized(2, 3, 1),
    x: Float64Array.of(1, 0, 2, 0, 1, 0),
    y: Float64Array.of(3, 0, 0, 6, 0, 0),
  };
  // Both weights are read from one slot, which holds x₀ + x₁ = 3 and y₀ + y₁ = 2.
  it.each([
    ["R3", 0, instance, 9 / 5 - 1],
    ["R4", 0, instance, (6 - 3) / Math.sqrt(5 * 2)],
    ["R5", 0, instance, (6 - 3) / Math.sqrt(5 * 2)],
    ["R7", 1, instance, 1], // eigenvalues of [[1, 1], [1, 1]] are 0 and 2
    ["R8", 1, instance, Math.sqrt(4 ** 2 + 2 * 3 ** 2 + 2 ** 2) / ((7 + Math.sqrt(45)) / 2)],
    ["R9", 0, { ...instance, x: pair, y: pair }, 1 / Math.sqrt(1.25)],
    ["R10", 0, { ...instance, x: pair, y: pair }, 1 / Math.sqrt(1.25)],
    ["R11", 0, table, 1 - (2 - 3 + 2) ** 2 / 17],
  ])("%s, check %i", (id, number, where, error) => {
    const { event } = checkOf(id, number) as EventCheck;
    const happens = (epsilon: number): boolean =>
      event({ ...where, epsilon }, { sketch: sketchOf(1, [0, 0]), stream: stuck });
    expect([happens(error), happens(error * (1 - 1e-8))]).toEqual([false, true]);
  });
});

describe("blocks (R1)", () => {
  const error = (slots: readonly number[]) =>
    errorOf("R1", 1, sized(2, 3, 2, 5), { sketch: sketchOf(5, slots) });
  it("may start anywhere, and wrap round", () => {
    expect(error([0, 1, 0, 3, 4, 2])).toBe(0);
    expect(error([4, 0, 4, 2, 3, 2])).toBe(0);
  });
  it("are in no other order, have no gap and no slot twice", () => {
    expect(error([1, 0, 0, 3, 4, 2])).toBe(Infinity);
    expect(error([0, 1, 0, 2, 4, 2])).toBe(Infinity);
    expect(error([0, 1, 0, 3, 3, 2])).toBe(Infinity);
  });
});

it("starts that do not wrap (R13) let positions meet that are no farther apart than starts can be", () => {
  // 5 slots, blocks of 3: starts 0, 1, 2. Two slots apart, one of 9 pairs of starts; one apart, two; in place, three.
  const shares = [-2, -1, 0, 1, 2].map(
    (by) => 9 * unwrappedCollision(5, 3, Math.max(0, -by), Math.max(0, by)),
  );
  for (const [i, share] of shares.entries()) expect(share).toBeCloseTo([1, 2, 3, 2, 1][i]!, 12);
  expect(unwrappedCollision(3, 3, 0, 2)).toBe(0); // one start only
  expect(unwrappedCollision(4, 3, 2, 0)).toBe(0);
  expect(9 * unwrappedCollision(5, 3, 1, 2)).toBeCloseTo(2, 12);
  expect(9 * unwrappedCollision(5, 3, 2, 2)).toBeCloseTo(3, 12);
});

describe("θ̂ = θ where no slot is shared (R6)", () => {
  const error = (slots: readonly number[], x = Float64Array.of(3, -0.1, 7)) =>
    errorOf("R6", 1, { ...sized(3, 1, 1), x }, { sketch: sketchOf(3, slots, [1, -1, 1]) });
  it("bit for bit", () => {
    expect(error([2, 0, 1])).toBe(0);
    expect(error([2, 0, 0])).toBe(Infinity); // two of three are wrong
    expect(error([0, 0, 0])).toBe(Infinity);
  });
});

describe("V_Z ≤ V₁ (R2)", () => {
  it.each([
    ["blocks that end before the row does", sized(2, 3, 2)],
    ["whole rows", sized(2, 3, 3)],
    ["weights by themselves", sized(2, 3, 1)],
    ["blocks that fill the row", sized(3, 4, 2)],
  ])("%s", (_, instance) => {
    // Not exactly 0: the closed form is rounded, in proportion to the numbers in it.
    for (const scale of [Math.PI, Math.PI * 1e30]) {
      const error = errorOf("R2", 2, { ...instance, x: instance.x.map((v) => scale * Math.sqrt(v)) }, {});
      expect(error).toBeLessThan(1e-14);
      expect(error).toBeGreaterThanOrEqual(0);
    }
  });

  it("a single weight, which nothing meets", () => expect(errorOf("R2", 2, sized(1, 1, 1), {})).toBe(0));
});

describe("the adjoint (R14) of weights that are read from two slots", () => {
  const sketch: Sketch = { ...sketchOf(4, [0, 1, 2, 3]), places: 2 };
  const draw = (factor: number, seed = 1) => ({
    sketch,
    stream: random(seed, "numbers"),
    recover: async (M: Float64Array) => [M[0]! + M[1]!, M[2]! + M[3]!],
    async project(G: Float64Array) {
      expect(G).toHaveLength(2);
      return [G[0]!, G[0]!, G[1]!, G[1]!].map((v) => factor * v);
    },
  });
  it.each([0, 1])("check %i has a number for each weight", async (number) => {
    const instance = sized(2, 1, 1, 4);
    expect(await errorOf("R14", number, instance, draw(1))).toBe(0);
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      expect(await errorOf("R14", number, instance, draw(1, seed))).toBe(0);
      expect(await errorOf("R14", number, instance, draw(3, seed))).toBeGreaterThan(0);
      expect(await errorOf("R14", number, instance, draw(-1, seed))).toBeGreaterThan(0);
    }
  });
});

describe("eigenvalues and steps of shared memory (R16)", () => {
  const x = Float64Array.of(0.7, -0.4, 0.9);
  const instance: Instance = { ...sized(3, 1, 1, 2), x };
  const shift = 0.5 + random(3, "hessian").uniform();
  const draw = (sign: number) => ({
    sketch: sketchOf(2, [0, 1, 1], [sign, sign, sign]),
    stream: random(2, "start"),
  });
  // Slot 0 is read once and holds 0.7, slot 1 twice, and holds 0.5.
  const bound = 2 * (shift + 0.49 + 0.16 + 0.81);
  const [a, b, c] = [shift + (4 * 0.7) ** 2, 16 * 0.7 * 0.5, 2 * shift + (4 * 0.5) ** 2];

  it("are within their bounds where signs are signs", () => {
    expect(errorOf("R16", 0, instance, draw(1))).toBeLessThan(1e-12);
    expect(errorOf("R16", 1, instance, draw(1))).toBeLessThan(1e-12);
  });

  it("are down to 0 where a slot is not read", () => {
    const sketch = sketchOf(3, [0, 2, 2]);
    for (const number of [0, 1])
      expect(errorOf("R16", number, { ...instance, memory: 3 }, { ...draw(1), sketch })).toBeLessThan(1e-12);
  });

  it("are beyond them by as much as signs of size 4 make it", () => {
    const largest = (a + c) / 2 + Math.hypot((a - c) / 2, b);
    expect(errorOf("R16", 0, instance, draw(4))).toBeCloseTo(largest / bound - 1, 10);
    const stream = random(2, "start");
    const loss = ([u, v]: readonly [number, number]) => (a * u * u + 2 * b * u * v + c * v * v) / 2;
    const start = [stream.normal(), stream.normal()] as const;
    let [u, v] = start;
    const step = 2 / bound;
    for (let i = 0; i < 20; i++) [u, v] = [u - step * (a * u + b * v), v - step * (b * u + c * v)];
    const raised = loss([u, v]) / loss(start) - 1;
    expect(raised).toBeGreaterThan(1);
    expect((errorOf("R16", 1, instance, draw(4)) as number) / raised).toBeCloseTo(1, 9);
  });

  it("do not move a memory that is at its optimum", () =>
    expect(errorOf("R16", 1, instance, { ...draw(1), stream: stuck })).toBe(0));
});
