import { describe, expect, it } from "vitest";
import { random } from "../../../core/numeric/random.ts";
import { theorems } from "../../../theory/index.ts";
import type { Check, EventCheck, Instance, MomentCheck, Sketch } from "../../../theory/theorem.ts";
import { entryVariance } from "../../../theory/theorems/r06-entry.ts";
import { allDraws, allPairs, applied, drawOf, inner, momentsOf, type Scheme } from "./all-draws.ts";

const worldOf = (sizes: Pick<Instance, "rows" | "dim" | "block" | "memory">, epsilon = 0.9): Instance => {
  const size = sizes.rows * sizes.dim;
  const x = Float64Array.of(3, -1, 2, 1, -2, 4).slice(0, size);
  const y = Float64Array.of(1, 2, -1, 3, 1, -2).slice(0, size);
  return { ...sizes, x, y, epsilon };
};

/** Blocks that end before the row does, that wrap, and that are whole rows. */
const blocky = [
  worldOf({ rows: 2, dim: 3, block: 2, memory: 3 }),
  worldOf({ rows: 2, dim: 2, block: 2, memory: 5 }),
  worldOf({ rows: 3, dim: 1, block: 1, memory: 4 }),
];
/** Every weight by itself, as rows of a table are for R7, R8 and R12. */
const single = [
  worldOf({ rows: 3, dim: 1, block: 1, memory: 6 }),
  worldOf({ rows: 2, dim: 2, block: 1, memory: 3 }),
];
const wide = [worldOf({ rows: 2, dim: 3, block: 3, memory: 9 }, 0.8)];

/** Two weights that fail where they meet, which is seldom. */
const pair: Instance = {
  ...worldOf({ rows: 2, dim: 1, block: 1, memory: 10 }),
  x: Float64Array.of(1, 1),
  y: Float64Array.of(1, 0.9),
};

const sound: Scheme = { starts: "anywhere", signs: "each weight" };

const checkOf = (id: string, number: number): Check =>
  theorems.find((statement) => statement.id === id)!.checks[number]!;

const near = (found: number, counted: number): void =>
  expect(Math.abs(found - counted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(counted)));

/** A number of one draw, by its definition. */
type Quantity = (instance: Instance, sketch: Sketch) => number;

const product: Quantity = ({ x, y }, sketch) => inner(applied(sketch, x), applied(sketch, y));
const size: Quantity = ({ x }, sketch) => inner(applied(sketch, x), applied(sketch, x));
const length = (v: ArrayLike<number>): number => Math.sqrt(inner(v, v));

/** ‖(RA)ᵀRB − AᵀB‖_F² over pairs of columns. */
const gap = (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[], sketch: Sketch): number =>
  a
    .flatMap((u) => b.map((v) => (inner(applied(sketch, u), applied(sketch, v)) - inner(u, v)) ** 2))
    .reduce((sum, v) => sum + v, 0);

/** x and y made orthonormal: y without what it has of x. */
function basisOf({ x, y }: Instance): number[][] {
  const u = Array.from(x, (v) => v / length(x));
  const rest = Array.from(y, (v, i) => v - inner(y, u) * u[i]!);
  return [u, rest.map((v) => v / length(rest))];
}

/** Eigenvalues of [[a, b], [b, c]], by the quadratic formula. */
const eigenvaluesOf = (a: number, b: number, c: number): [number, number] => {
  const [middle, reach] = [(a + c) / 2, Math.hypot((a - c) / 2, b)];
  return [middle - reach, middle + reach];
};
/** σ₁² of [x y]. */
const largestOf = ({ x, y }: Instance): number => eigenvaluesOf(inner(x, x), inner(x, y), inner(y, y))[1];

const reversed = (v: Float64Array): Float64Array => v.slice().reverse();
const one: Scheme = { starts: "anywhere", signs: "each block" };

/** Means and variances that a statement gives in closed form, and the number of a draw that they are of. */
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

  it("for a variance too, but for those of R7, R8, R12 and of what has a bias", () => {
    const means = theorems.flatMap(({ id, checks }) =>
      checks.flatMap((check, i) => (check.kind === "moment" && !check.variance ? [`${id} ${i}`] : [])),
    );
    expect(means).toEqual(["R7 0", "R8 0", "R12 0", "R13 0", "R13 5"]);
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

/** An event of one draw by its definition, and how probable a statement says it is: exactly, or at most. */
interface Seen {
  readonly happens: (instance: Instance, sketch: Sketch) => boolean;
  /** Of all draws; the share of those where it happens, where absent. */
  readonly atMost?: (instance: Instance, draws: readonly Sketch[]) => number;
}

/** Chebyshev's bound, with the variance counted: the mean of (value − exact)² over (ε · scale)². */
const chebyshev =
  (quantity: Quantity, exact: (instance: Instance) => number, scale: (instance: Instance) => number) =>
  (instance: Instance, draws: readonly Sketch[]): number =>
    draws.reduce((sum, s) => sum + (quantity(instance, s) - exact(instance)) ** 2, 0) /
    draws.length /
    (instance.epsilon * scale(instance)) ** 2;

/** x_a of R5: y moved by three places, four times, as its statement says. */
const moved = ({ y }: Instance): Float64Array[] =>
  [0, 3, 6, 9].map((by) => y.map((_, i) => y[(i + by) % y.length]!));

const meet = (_: Instance, { slots }: Sketch): boolean => slots[0] === slots.at(-1);

const eventChecks: readonly (readonly [string, number, readonly Instance[], Scheme, Seen])[] = [
  ["R1", 0, blocky, { starts: "anywhere", signs: "none" }, { happens: meet }],
  [
    "R1",
    2,
    [worldOf({ rows: 3, dim: 2, block: 2, memory: 5 }), worldOf({ rows: 2, dim: 2, block: 1, memory: 4 })],
    { starts: "anywhere", signs: "none" },
    { happens: ({ memory }, { slots }) => !slots.includes(memory - 1) },
  ],
  [
    "R3",
    0,
    [...wide, pair],
    sound,
    {
      happens: (w, s) => Math.abs(size(w, s) - inner(w.x, w.x)) > w.epsilon * inner(w.x, w.x),
      atMost: chebyshev(
        size,
        ({ x }) => inner(x, x),
        ({ x }) => inner(x, x),
      ),
    },
  ],
  [
    "R3",
    1,
    blocky,
    sound,
    {
      happens(instance, sketch) {
        const ends = instance.x.map((_, k) => (k === 0 || k === instance.x.length - 1 ? 1 : 0));
        return size({ ...instance, x: ends }, sketch) !== 2; // then it is 0 or 4
      },
    },
  ],
  [
    "R4",
    0,
    wide,
    sound,
    {
      happens: (w, s) => Math.abs(product(w, s) - inner(w.x, w.y)) > w.epsilon * length(w.x) * length(w.y),
      atMost: chebyshev(
        product,
        ({ x, y }) => inner(x, y),
        ({ x, y }) => length(x) * length(y),
      ),
    },
  ],
  [
    "R5",
    0,
    [worldOf({ rows: 2, dim: 3, block: 3, memory: 9 }), pair],
    sound,
    {
      happens: (w, s) =>
        moved(w).some(
          (y) => Math.abs(product({ ...w, y }, s) - inner(w.x, y)) > w.epsilon * length(w.x) * length(y),
        ),
      atMost: (w, draws) =>
        moved(w).reduce(
          (sum, y) =>
            sum +
            chebyshev(
              product,
              () => inner(w.x, y),
              () => length(w.x) * length(y),
            )({ ...w, y }, draws),
          0,
        ),
    },
  ],
  [
    "R7",
    1,
    [worldOf({ rows: 3, dim: 1, block: 1, memory: 6 })],
    sound,
    {
      happens(w, s) {
        const [u, v] = basisOf(w).map((column) => applied(s, column)) as [number[], number[]];
        return eigenvaluesOf(inner(u, u), inner(u, v), inner(v, v)).some((e) => Math.abs(e - 1) > w.epsilon);
      },
      atMost: (w, draws) => momentsOf(draws.map((s) => gap(basisOf(w), basisOf(w), s))).mean / w.epsilon ** 2,
    },
  ],
  [
    "R8",
    1,
    [{ ...worldOf({ rows: 3, dim: 1, block: 1, memory: 10 }), y: Float64Array.of(3, 1, 2) }],
    sound,
    {
      happens: (w, s) => Math.sqrt(gap([w.x, w.y], [w.x, w.y], s)) > w.epsilon * largestOf(w),
      atMost: (w) =>
        (2 * ((inner(w.x, w.x) + inner(w.y, w.y)) / largestOf(w)) ** 2) / (w.memory * w.epsilon ** 2),
    },
  ],
  [
    "R13",
    2,
    [...blocky.slice(0, 2), worldOf({ rows: 1, dim: 4, block: 3, memory: 5 })],
    { starts: "unwrapped", signs: "none" },
    { happens: meet },
  ],
];

describe("a probability is the share of all draws, or the bound that the proof gives", () => {
  it.each(eventChecks)("%s, check %i", (id, number, instances, scheme, { happens, atMost }) => {
    const check = checkOf(id, number) as EventCheck;
    let happened = 0;
    for (const instance of instances) {
      const draws = [...allDraws(instance, scheme)];
      const seen = draws.filter((sketch) => happens(instance, sketch));
      const said = draws.filter((sketch) => check.event(instance, drawOf(sketch)));
      expect(said.length).toBe(seen.length);
      expect(said.every((sketch, i) => sketch === seen[i])).toBe(true);
      const probability = atMost?.(instance, draws) ?? seen.length / draws.length;
      expect(probability).toBeLessThan(1); // or it would say nothing
      expect(probability).toBeGreaterThanOrEqual(seen.length / draws.length);
      near(check.probability(instance), probability);
      happened += seen.length;
    }
    expect(happened).toBeGreaterThan(0); // or an event that is never told would pass
  });
});
