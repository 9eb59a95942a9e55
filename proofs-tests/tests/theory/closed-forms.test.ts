import { describe, expect, it } from "vitest";
import { random } from "../../../core/numeric/random.ts";
import { theorems } from "../../../theory/index.ts";
import type { Instance, MomentCheck, Sketch } from "../../../theory/theorem.ts";
import { entryVariance } from "../../../theory/theorems/r06-entry.ts";
import { allDraws, allPairs, applied, drawOf, momentsOf, type Scheme } from "./all-draws.ts";
import {
  basisOf,
  blocky,
  checkOf,
  crowded,
  gap,
  near,
  product,
  type Quantity,
  size,
  sound,
  worldOf,
} from "./tiny-instances.ts";

/** Every weight by itself, as rows of a table are for R7, R8 and R12. */
const single = [
  worldOf({ rows: 3, dim: 1, block: 1, memory: 6 }),
  worldOf({ rows: 2, dim: 2, block: 1, memory: 3 }),
];

const reversed = (v: Float64Array): Float64Array => v.slice().reverse();
const one: Scheme = { starts: "anywhere", signs: "each block" };

/** Means and variances that a theorem gives in closed form, and the number of a draw that they are of. */
const momentChecks: readonly (readonly [string, number, readonly Instance[], Scheme, Quantity])[] = [
  ["R2", 0, blocky, sound, product],
  ["R2", 1, blocky, sound, size],
  ["R6", 0, blocky, sound, ({ x }, s) => s.signs[0]! * applied(s, x)[s.slots[0]!]!],
  ["R7", 0, single, sound, (w, s) => gap(basisOf(w), basisOf(w), s)],
  ["R8", 0, single, sound, ({ x, y }, s) => gap([x, y], [y, reversed(x)], s)],
  ["R13", 0, blocky, { starts: "anywhere", signs: "none" }, product],
  ["R13", 1, blocky, one, product],
  ["R13", 3, blocky, { starts: "aligned", signs: "each weight" }, product],
  ["R13", 4, blocky, { starts: "aligned", signs: "each block" }, product],
  ["R13", 5, blocky, { starts: "aligned", signs: "none" }, product],
  ["R17", 0, blocky, sound, (w, s) => -0.1 * product(w, s)],
  ["R18", 0, [...blocky, ...crowded], { starts: "balanced", signs: "each weight" }, product],
];

/** The largest distance of what `found` says of every draw from `counted`, relative where numbers are large. */
const off = (found: number, counted: number): number =>
  Math.abs(found - counted) / Math.max(1, Math.abs(counted));

describe("a closed form is what counting all draws gives", () => {
  it.each(momentChecks)("%s, check %i: mean and variance", (id, number, instances, scheme, quantity) => {
    const check = checkOf(id, number) as MomentCheck;
    for (const instance of instances) {
      const values: number[] = [];
      let worst = 0;
      for (const sketch of allDraws(instance, scheme)) {
        const value = quantity(instance, sketch);
        worst = Math.max(worst, off(check.statistic(instance, drawOf(sketch)), value));
        values.push(value);
      }
      expect(worst).toBeLessThan(1e-9);
      const { mean, variance } = momentsOf(values);
      near(check.mean(instance), mean);
      if (check.variance) near(check.variance(instance), variance);
    }
  });

  it("for a variance too, but for those of R7, R8, R12, R19 and of what has a bias", () => {
    const means = theorems.flatMap(({ id, checks }) =>
      checks.flatMap((check, i) => (check.kind === "moment" && !check.variance ? [`${id} ${i}`] : [])),
    );
    expect(means).toEqual(["R7 0", "R8 0", "R12 0", "R13 0", "R13 5", "R19 1"]);
  });

  it("R6: the variance of every entry, not of the first alone", () => {
    const [instance] = blocky as [Instance];
    for (const k of instance.x.keys()) {
      const entries = [...allDraws(instance, sound)].map(
        (s) => s.signs[k]! * applied(s, instance.x)[s.slots[k]!]!,
      );
      near(entryVariance(instance, k), momentsOf(entries).variance);
    }
  });

  it("R13: two signed hashes, summed", () => {
    const check = checkOf("R13", 6) as MomentCheck;
    for (const instance of [
      worldOf({ rows: 2, dim: 1, block: 1, memory: 3 }),
      worldOf({ rows: 3, dim: 1, block: 1, memory: 2 }),
      { ...worldOf({ rows: 2, dim: 1, block: 1, memory: 3 }), y: Float64Array.of(2, 1) },
    ]) {
      const values = [...allPairs(instance)].map((sketch) => product(instance, sketch));
      near(check.statistic(instance, drawOf([...allPairs(instance)].at(-2)!)), values.at(-2)!);
      near(check.mean(instance), momentsOf(values).mean);
      near(check.variance!(instance), momentsOf(values).variance);
    }
  });

  it("R12: the share of a square that no memory holds, by the slots that are used", () => {
    const check = checkOf("R12", 0) as MomentCheck;
    for (const instance of single) {
      // Of independent weights of variance 1, a slot with k of them leaves k − 1: N less the used slots is left.
      const shares = [...allDraws(instance, { starts: "anywhere", signs: "none" })].map(
        ({ slots }) => 1 - new Set(slots).size / instance.x.length,
      );
      near(check.mean(instance), momentsOf(shares).mean);
    }
  });

  it("R12: what is left of one draw is its distance from the signed means of the slots", () => {
    const check = checkOf("R12", 0) as MomentCheck;
    const sketch: Sketch = {
      memory: 4,
      places: 1,
      slots: Uint32Array.of(2, 0, 2, 2, 0),
      signs: Int8Array.of(1, 1, -1, 1, -1),
    };
    const drawn = random(3, "table");
    const theta = Array.from({ length: 5 }, () => drawn.normal());
    // Slot 0 has weights 1 and 4, slot 2 weights 0, 2 and 3.
    const means = [(theta[1]! - theta[4]!) / 2, 0, (theta[0]! - theta[2]! + theta[3]!) / 3];
    const left = theta.map((v, k) => (v - sketch.signs[k]! * means[sketch.slots[k]!]!) ** 2);
    const instance = worldOf({ rows: 5, dim: 1, block: 1, memory: 4 });
    near(check.statistic(instance, { sketch, stream: random(3, "table") }), left.reduce((a, b) => a + b) / 5);
  });
});
