import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import * as job from "../../../../backends/fast/kernels/job.ts";
import { stepDense, stepSparse } from "../../../../backends/fast/update.ts";
import type { Update } from "../../../../core/backend.ts";
import { bagCount } from "../../../../core/lookup.ts";
import { wholes } from "../small-forms.ts";
import { lookedUp, rules } from "../small-steps.ts";
import {
  expected,
  homeOf,
  homes,
  type Places,
  rounded,
  roundings,
  startOf,
  stepped,
  takeBack,
} from "./steps-at-homes.ts";
import { walledMachine } from "./walled-machine.ts";

const [sharing, deciding] = [await walledMachine(2, true), await walledMachine(2)];
afterAll(() => Promise.all([sharing.close(), deciding.close()]));
beforeEach(() => {
  for (const { taken, launched } of [sharing, deciding]) taken.length = launched.length = 0;
});

const kernels = () => deciding.launched.map(({ kernel }) => kernel);

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
