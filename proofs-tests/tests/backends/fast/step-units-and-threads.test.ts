import { afterAll, beforeEach, describe, expect, it } from "vitest";
import * as job from "../../../../backends/fast/kernels/job.ts";
import { stepDense, stepSparse } from "../../../../backends/fast/update.ts";
import type { Update } from "../../../../core/backend.ts";
import { bagCount, type Lookup } from "../../../../core/lookup.ts";
import { wholes } from "../small-forms.ts";
import { lookup, rules } from "../small-steps.ts";
import { rounded, roundings, startOf, stepped } from "./steps-at-homes.ts";
import { walledMachine } from "./walled-machine.ts";

const deciding = await walledMachine(2);
afterAll(() => deciding.close());
beforeEach(() => {
  deciding.taken.length = deciding.launched.length = 0;
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
