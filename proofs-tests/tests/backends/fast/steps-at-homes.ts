import { expect } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import type { Home } from "../../../../backends/fast/outside.ts";
import type { FloatArray, Rounding, Update } from "../../../../core/backend.ts";
import { fromHalves, toHalves } from "../../../../core/numeric/half.ts";
import { wholes } from "../small-forms.ts";
import type { Walled } from "./walled-machine.ts";

/** Numbers that a step starts from. */
interface Start {
  readonly weights: Float32Array;
  readonly state: readonly Float32Array[];
}

/** So many weights and their state, for this rule. */
export const startOf = ({ state, width }: Update, count: number): Start => ({
  weights: wholes(count, 1),
  state: state.map((_, i) => wholes(count / width, 2 + i)),
});

/** Where arrays of a step may live. */
export const homes = ["inside", "outside", "halves"] as const;
export type Kept = (typeof homes)[number];

/** A copy of `values` where they are to live. */
export function homeOf(machine: Walled, kept: Kept, values: Float32Array): Home {
  if (kept === "outside") return values.slice();
  return kept === "halves" ? { halves: machine.put(toHalves(values)) } : machine.put(values);
}

/** Numbers of an array that is then given back. */
export function takeBack(machine: Walled, home: Home, length: number): number[] {
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

/** Where a step's weights live, and their state. */
export interface Places {
  readonly weights: Kept;
  readonly state: Kept;
}

/** What `work` makes of weights and state that live at `places`; no more is held after it than before. */
export function stepped(
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
export function expected(
  update: Update,
  { weights, state }: Start,
  gradient: Parameters<typeof cpu.update>[3],
) {
  const own = update.rounding ? toHalves(weights) : weights.slice();
  const made = cpu.update(
    update,
    own,
    state.map((values) => values.slice()),
    gradient,
  );
  return [cpu.peek!(made.weights), ...(made.state as FloatArray[])].map((values) => [...values]);
}

/** How halves are rounded. */
export const roundings: readonly Rounding[] = [
  { mode: "nearest" },
  { mode: "stochastic", keys: [7, 2 ** 31 + 9] },
];

/** A rule as it is for weights that are kept so. */
export const rounded = (update: Update, kept: Kept, rounding: Rounding): Update =>
  kept === "halves" ? { ...update, rounding } : update;
