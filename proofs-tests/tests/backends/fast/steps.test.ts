import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import * as job from "../../../../backends/fast/kernels/job.ts";
import type { Home } from "../../../../backends/fast/outside.ts";
import { stepDense, stepSparse } from "../../../../backends/fast/update.ts";
import type { FloatArray, Rounding, Update } from "../../../../core/backend.ts";
import { bagCount, type Lookup } from "../../../../core/lookup.ts";
import { fromHalves, toHalves } from "../../../../core/numeric/half.ts";
import { wholes } from "../small-forms.ts";
import { lookedUp, lookup, rules } from "../small-steps.ts";
import { type Walled, walledMachine } from "./walled-machine.ts";

const [sharing, deciding] = [await walledMachine(2, true), await walledMachine(2)];
afterAll(() => Promise.all([sharing.close(), deciding.close()]));
beforeEach(() => {
  for (const { taken, launched } of [sharing, deciding]) taken.length = launched.length = 0;
});

const kernels = () => deciding.launched.map(({ kernel }) => kernel);

interface Start {
  readonly weights: Float32Array;
  readonly state: readonly Float32Array[];
}

const startOf = ({ state, width }: Update, count: number): Start => ({
  weights: wholes(count, 1),
  state: state.map((_, i) => wholes(count / width, 2 + i)),
});

/** Where arrays of a step may live. */
const homes = ["inside", "outside", "halves"] as const;
type Kept = (typeof homes)[number];

function homeOf(machine: Walled, kept: Kept, values: Float32Array): Home {
  if (kept === "outside") return values.slice();
  return kept === "halves" ? { halves: machine.put(toHalves(values)) } : machine.put(values);
}

/** Numbers of an array that is then given back. */
function takeBack(machine: Walled, home: Home, length: number): number[] {
  if (home instanceof Float32Array) return [...home];
  const address = typeof home === "number" ? home : home.halves;
  const values =
    typeof home === "number"
      ? machine.floats(home, length)
      : fromHalves(machine.halves(address, length), new Float32Array(length));
  const out = [...values];
  machine.heap.give(address);
  return out;
}

interface Places {
  readonly weights: Kept;
  readonly state: Kept;
}

/** What `work` makes of weights and state that live at `places`; no more is held after it than before. */
function stepped(
  machine: Walled,
  { weights, state }: Start,
  places: Places,
  work: (arrays: { weights: Home; state: Home[]; count: number }) => void,
): number[][] {
  const before = machine.held();
  const arrays = {
    weights: homeOf(machine, places.weights, weights),
    state: state.map((values) => homeOf(machine, places.state, values)),
    count: weights.length,
  };
  work(arrays);
  const made = [
    takeBack(machine, arrays.weights, weights.length),
    ...arrays.state.map((home, i) => takeBack(machine, home, state[i]!.length)),
  ];
  expect(machine.held()).toBe(before);
  return made;
}

/** The same by the reference. */
function expected(update: Update, { weights, state }: Start, gradient: Parameters<typeof cpu.update>[3]) {
  const own = update.rounding ? toHalves(weights) : weights.slice();
  const made = cpu.update(
    update,
    own,
    state.map((values) => values.slice()),
    gradient,
  );
  return [cpu.peek!(made.weights), ...(made.state as FloatArray[])].map((values) => [...values]);
}

const roundings: readonly Rounding[] = [{ mode: "nearest" }, { mode: "stochastic", keys: [7, 2 ** 31 + 9] }];
const rounded = (update: Update, kept: Kept, rounding: Rounding): Update =>
  kept === "halves" ? { ...update, rounding } : update;

const combinations = homes.flatMap((weights) =>
  (["inside", "outside"] as const).map((state): Places => ({ weights, state })),
);

describe.each(Object.entries(rules))("a step %s is the reference's", (_, update) => {
  it.each([8, 1100, 520])("of all of %i weights, wherever they are", (count) => {
    const start = startOf(update, count);
    const gradient = wholes(count, 9, 16);
    for (const places of combinations)
      for (const kept of ["inside", "outside"] as const)
        for (const rounding of roundings) {
          const rule = rounded(update, places.weights, rounding);
          const g = homeOf(sharing, kept, gradient);
          const made = stepped(sharing, start, places, (arrays) => {
            stepDense(sharing, rule, arrays, g);
          });
          expect(takeBack(sharing, g, count)).toEqual([...gradient]);
          expect(made).toEqual(expected(rule, start, { kind: "dense", values: gradient }));
        }
  });

  it.each(lookedUp)("of the weights that are looked up: %s", (__, lookups) => {
    const start = startOf(update, lookups[0].memorySize);
    const batches = lookups.map((own, i) => wholes(bagCount(own) * own.dim, 20 + i, 16));
    for (const places of combinations)
      for (const rounding of roundings) {
        const rule = rounded(update, places.weights, rounding);
        const made = stepped(sharing, start, places, (arrays) => {
          const parts = lookups.map((own, i) => ({ lookup: own, values: sharing.put(batches[i]!) }));
          stepSparse(sharing, rule, arrays, parts);
          for (const { values } of parts) sharing.heap.give(values);
        });
        const parts = lookups.map((own, i) => ({ lookup: own, values: batches[i]! }));
        expect(made).toEqual(expected(rule, start, { kind: "sparse", parts }));
      }
  });
});

describe("a dense step on arrays that kernels cannot change in place", () => {
  const count = 2 ** 18 + 700;
  const update = rules["with a state a row"]!;

  it.each(["outside", "halves"] as const)("goes through them part by part: %s", (kept) => {
    const start = startOf(update, count);
    const gradient = wholes(count, 9, 16);
    const rule = rounded(update, kept, roundings[1]!);
    const g = sharing.put(gradient);
    const made = stepped(sharing, start, { weights: kept, state: "inside" }, (arrays) => {
      sharing.taken.length = 0;
      stepDense(sharing, rule, arrays, g);
    });
    sharing.heap.give(g);
    expect(Math.max(...sharing.taken)).toBe(4 * 2 ** 18);
    const wanted = expected(rule, start, { kind: "dense", values: gradient });
    for (const [i, values] of made.entries())
      expect(values.findIndex((value, at) => value !== wanted[i]![at])).toBe(-1);
  });

  it("never parts a row", () => {
    const thirds: Update = {
      ...update,
      steps: [
        { target: "s", expression: "s + one" },
        { target: "w", expression: "w - s * g" },
      ],
      width: 3,
    };
    const start = startOf(thirds, 3 * 87_400);
    const gradient = wholes(start.weights.length, 9);
    const made = stepped(sharing, start, { weights: "outside", state: "outside" }, (arrays) =>
      stepDense(sharing, thirds, arrays, gradient),
    );
    const right = start.weights.map((w, i) => w - (start.state[0]![Math.floor(i / 3)]! + 1) * gradient[i]!);
    expect(made[0]!.findIndex((value, at) => value !== right[at])).toBe(-1);
  });

  it("takes no more for few weights than they need, brings them in once, and only reads the gradient", () => {
    const gradient = new Float32Array(40);
    const reads = vi.spyOn(gradient, "subarray");
    stepped(deciding, startOf(update, 40), { weights: "outside", state: "outside" }, (arrays) => {
      stepDense(deciding, update, arrays, gradient);
    });
    // The gradient and the weights, the state of ten rows, and the rows' mean squares.
    expect(deciding.taken.slice(0, 4)).toEqual([160, 160, 40, 40]);
    expect(kernels().filter((kernel) => kernel === job.MEAN_SQUARES)).toHaveLength(1);
    expect(reads).toHaveBeenCalledTimes(1);
  });

  it("is one of all weights where kernels can change them", () => {
    const count = 2 ** 18 + 16;
    const g = deciding.put(new Float32Array(count));
    for (const name of ["without state", "with rows and no state"])
      stepped(deciding, startOf(rules[name]!, count), { weights: "inside", state: "inside" }, (arrays) =>
        stepDense(deciding, rules[name]!, arrays, g),
      );
    deciding.heap.give(g);
    expect(kernels()).toEqual([job.PROGRAM, job.MEAN_SQUARES, job.PROGRAM]);
  });
});

describe("a sparse step moves together", () => {
  /** Steps weights of which these are looked up. */
  function touch(update: Update, ...lookups: Lookup[]): void {
    deciding.launched.length = 0;
    stepped(
      deciding,
      startOf(update, lookups[0]!.memorySize),
      { weights: "inside", state: "inside" },
      (arrays) => {
        const parts = lookups.map((own) => ({
          lookup: own,
          values: deciding.put(wholes(bagCount(own) * own.dim, 1)),
        }));
        deciding.taken.length = 0;
        stepSparse(deciding, update, arrays, parts);
        for (const { values } of parts) deciding.heap.give(values);
      },
    );
  }

  /** Floats of a unit. */
  function unitOf(update: Update, ...lookups: Lookup[]): number {
    touch(update, ...lookups);
    return deciding.launched.find(({ kernel }) => kernel === job.PICK_UNITS)!.words[2]!;
  }

  const moving = rules["where no gradient is a step too"]!;

  it("a line of the cache, where no gradient is no step", () => {
    expect(unitOf(rules["without state"]!, lookup(4, 4, 64, [0, 8]))).toBe(16);
  });

  it("a row that has one state", () => {
    expect(unitOf(rules["with a state a row"]!, lookup(8, 8, 64, [0, 8]))).toBe(4);
  });

  it.each([
    [8, [lookup(8, 8, 64, [0, 8])]],
    [4, [lookup(8, 4, 64, [0, 8, 16, 24])]],
    [4, [lookup(8, 8, 64, [0, 12])]],
    [2, [lookup(6, 4, 64, [0, 8])]],
    [4, [lookup(8, 8, 60, [0, 8])]],
    [3, [lookup(6, 6, 60, [0, 6]), lookup(9, 9, 60, [9])]],
    [1, [lookup(8, 8, 64, [1, 8])]],
  ])("what is never touched apart: %i floats", (unit, lookups) => {
    expect(unitOf(moving, ...lookups)).toBe(unit);
  });

  it("as many units as it can touch at most, and no more than there are", () => {
    /** Floats of the units' numbers, of the lookup's pieces, and of the gradient, the weights and their state. */
    const roomOf = (update: Update, own: Lookup) => {
      touch(update, own);
      const [units, , , , pieces, ...arrays] = deciding.taken.map((bytes) => bytes / 4);
      return [units, pieces, ...arrays.slice(0, 3)];
    };
    // A block of four floats lies in three rows of four at most, as far as its place is not looked at.
    const byRows = rules["with a state a row"]!;
    expect(roomOf(byRows, lookup(4, 4, 4096, [0, 8]))).toEqual([6, 6, 24, 24, 6]);
    expect(roomOf(byRows, lookup(4, 4, 16, [0, 8]))).toEqual([6, 6, 16, 16, 4]);
    // Blocks of 3, 3 and 1 floats: each may go on at the start of memory.
    expect(roomOf(moving, lookup(7, 3, 44, [41, 3, 8]))).toEqual([10, 10, 10, 10, 10]);
  });
});

describe("a step is shared by threads", () => {
  const used = (kernel: number) => deciding.launched.findLast((launch) => launch.kernel === kernel)?.used;

  it.each([
    [2 ** 15, 2],
    [2 ** 15 - 4, 1],
  ])("where it is of as many weights as 2¹⁵: %i", (count, threads) => {
    const g = deciding.put(new Float32Array(count));
    stepped(
      deciding,
      startOf(rules["with a state a row"]!, count),
      { weights: "inside", state: "inside" },
      (arrays) => stepDense(deciding, rules["with a state a row"]!, arrays, g),
    );
    deciding.heap.give(g);
    expect(used(job.MEAN_SQUARES)).toBe(threads);
  });

  it.each([
    [342, 2],
    [341, 1],
  ])("where it adds up as many floats, of three units a row at most: %i rows of 32", (rows, threads) => {
    const own = lookup(
      32,
      32,
      32 * rows,
      Array.from({ length: rows }, (_, i) => 32 * i),
    );
    const rule = rules["where no gradient is a step too"]!;
    stepped(deciding, startOf(rule, 32 * rows), { weights: "inside", state: "inside" }, (arrays) => {
      const values = deciding.put(wholes(32 * rows, 1));
      stepSparse(deciding, rule, arrays, [{ lookup: own, values }]);
      deciding.heap.give(values);
    });
    expect(used(job.ADD_TO_UNITS)).toBe(threads);
  });

  it.each([
    [2 ** 10, 2],
    [2 ** 10 - 1, 1],
  ])("where it brings in and takes back as many: %i rows of 32", (rows, threads) => {
    const own = lookup(
      32,
      32,
      32 * rows,
      Array.from({ length: rows }, (_, i) => 32 * i),
    );
    for (const weights of ["inside", "halves"] as const) {
      const rule = rounded({ ...rules["without state"]!, zeroGradient: "skip" }, weights, roundings[0]!);
      stepped(deciding, startOf(rule, 32 * rows), { weights, state: "inside" }, (arrays) => {
        const values = deciding.put(wholes(32 * rows, 1));
        stepSparse(deciding, rule, arrays, [{ lookup: own, values }]);
        deciding.heap.give(values);
      });
    }
    const kernels = [job.PICK_UNITS, job.PUT_UNITS, job.PICK_HALVES, job.PUT_HALVES];
    expect(kernels.map(used)).toEqual(kernels.map(() => threads));
  });
});
