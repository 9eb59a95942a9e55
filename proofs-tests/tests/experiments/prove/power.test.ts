import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { logBinomialTail } from "../../../../core/numeric/distributions.ts";
import { theorems } from "../../../../theory/index.ts";
import type { Check, EventCheck, Instance, Sketch } from "../../../../theory/theorem.ts";
import { type Draws, drawsOf } from "../../../experiments/prove/draws.ts";
import { type InstanceSpec, instanceOf } from "../../../experiments/prove/instances.ts";
import { drawsFor, judge } from "../../../experiments/prove/judge.ts";
import { allFamilies } from "../../../experiments/prove/prove.ts";
import { brokenFamilies } from "../../../mutants/sketches.ts";
import { stuck } from "../../theory/all-draws.ts";

/** Instances in which every effect is large: equal weights, few slots. */
const tiny: InstanceSpec = {
  rows: 8,
  tables: 1,
  dim: 4,
  block: 2,
  memory: 12,
  x: "ones",
  y: "ones",
  epsilon: 0.9,
  seed: 1,
};
const instance = (block: number, changes: Partial<InstanceSpec> = {}): Instance =>
  instanceOf({ ...tiny, block, ...changes });

/** Draws in an instance. */
type Source = (instance: Instance, count: number) => Promise<Draws>;

const from =
  (name: string): Source =>
  (where, count) =>
    drawsOf([...allFamilies, ...brokenFamilies].find((f) => f.name === name)!, where, cpu, 5, count);

/** The mixer's draws, changed. */
const changed =
  (change: (sketch: Sketch) => Sketch): Source =>
  async (where, count) => {
    const draws = await from("robe:mixer")(where, count);
    return { ...draws, sketch: (i) => change(draws.sketch(i)) };
  };

/** A fault, and the instance in which the check must see it. */
interface Fault {
  readonly fault: string;
  readonly scheme: Source;
  readonly instance?: Instance;
}

const crowded = changed(({ slots, ...rest }) => ({
  ...rest,
  slots: slots.map((slot) => slot % 2),
}));
const enlarged = changed(({ signs, ...rest }) => ({
  ...rest,
  signs: signs.map((sign) => 8 * sign),
}));
const boastful = changed((sketch) => ({ ...sketch, memory: sketch.memory / 4 }));
const shifted = changed(({ slots, ...rest }) => ({
  ...rest,
  slots: slots.map((slot, k) => (slot + k) % rest.memory),
}));
const unsigned = { fault: "no signs", scheme: from("broken:unsigned") };
const blind = { fault: "a hash blind to every other row", scheme: from("broken:blind-hash") };
const averaged = {
  fault: "the mean of the readers' gradients in place of their sum",
  scheme: from("broken:averaged-backward"),
};
const rowsOfOne = instanceOf({ ...tiny, rows: 32, dim: 1, block: 1 });
const two = instanceOf({ ...tiny, rows: 2, dim: 1, block: 1 });
/** The first weight of each block alone: aligned blocks meet in it four times as often as others. */
const firstOfBlock = Float64Array.from({ length: 32 }, (_, k) => (k % 4 === 0 ? 1 : 0));
const firsts: Instance = { ...instance(4), x: firstOfBlock, y: firstOfBlock };
/** Three places for each four blocks: permuted, they meet a third as often as hashed ones. */
const roomy = instance(2, { memory: 24 });
const gaussian = instanceOf({ ...tiny, block: 1, x: "gaussian", y: "gaussian", epsilon: 0.5 });

/** By theorem and check: what it must see. Checks without a scheme have faults of their own, below. */
const faults: Readonly<Record<string, readonly Fault[]>> = {
  R1: [
    {
      fault: "starts that do not wrap",
      scheme: from("broken:no-wrap"),
      instance: instance(4, { rows: 2, memory: 6 }),
    },
    { fault: "blocks torn apart", scheme: shifted },
    { fault: "two slots for all", scheme: crowded },
  ],
  R2: [unsigned, unsigned],
  R3: [unsigned, { ...blind, instance: two }],
  R4: [unsigned],
  R5: [unsigned],
  R6: [unsigned, { fault: "shared slots", scheme: from("robe:mixer") }],
  R7: [
    { ...blind, instance: instance(1) },
    { ...unsigned, instance: instance(1) },
  ],
  R8: [
    { ...blind, instance: instance(1) },
    { ...unsigned, instance: instance(1) },
  ],
  R12: [{ ...blind, instance: instance(1) }],
  R13: [
    { fault: "signs after all", scheme: from("robe:mixer") },
    { fault: "a sign for each element after all", scheme: from("robe:mixer"), instance: instance(4) },
    {
      fault: "wrapping after all",
      scheme: from("robe:mixer"),
      instance: instance(4, { rows: 2, memory: 6 }),
    },
    { fault: "starts everywhere after all", scheme: from("robe:mixer"), instance: firsts },
    { fault: "a sign for each element", scheme: from("aligned"), instance: instance(4) },
    { fault: "signs after all", scheme: from("rowHash, signed"), instance: instance(4) },
    { fault: "one hash only", scheme: from("rowHash, rows of one float"), instance: rowsOfOne },
  ],
  R14: [averaged, averaged],
  R15: [{ fault: "two slots for all", scheme: crowded }],
  R16: [
    { fault: "signs of size 8", scheme: enlarged },
    { fault: "signs of size 8", scheme: enlarged },
  ],
  R17: [unsigned],
  R18: [
    { fault: "places by a hash", scheme: from("aligned"), instance: roomy },
    { fault: "places by a hash", scheme: from("aligned"), instance: roomy },
    { fault: "places by a hash", scheme: from("aligned"), instance: roomy },
  ],
  R19: [{ fault: "more slots than it says", scheme: boastful }],
};

const ofSchemes = theorems.flatMap(({ id, checks }) =>
  (faults[id] ?? []).map((fault, i) => {
    const own = checks.filter(({ needs }) => needs !== undefined);
    return [id, own[i]!.name, fault.fault, own[i]!, fault] as const;
  }),
);

describe("a check sees a fault in the scheme", () => {
  it.each(ofSchemes)("%s %s: %s", async (_, __, ___, check, { scheme, instance: where = instance(2) }) => {
    const trial = { draws: 4000, seed: 5, alpha: 1e-8 };
    const draws = await scheme(where, drawsFor(check, trial.draws));
    expect((await judge(check, where, draws, trial)).map(({ notRejected }) => notRejected)).toContain(false);
  });
});

describe("a check whose codes are all the same sees it", () => {
  it.each(["R9", "R10", "R11"])("%s", async (id) => {
    const { event, probability } = checkOf(id) as EventCheck;
    const where = gaussian;
    const sketch = (await from("robe:mixer")(where, 1)).sketch(0);
    const draws = Array.from({ length: 50 }, () => event(where, { sketch, stream: stuck }));
    const count = draws.filter(Boolean).length;
    expect(logBinomialTail(count, 50, probability(where))).toBeLessThan(Math.log(1e-8));
  });
});

const checkOf = (id: string): Check => theorems.find((s) => s.id === id)!.checks[0]!;

it("every theorem is shown to see something", () => {
  const shown = [...Object.keys(faults), "R9", "R10", "R11"];
  expect(theorems.map(({ id }) => id).filter((id) => !shown.includes(id))).toEqual([]);
});
