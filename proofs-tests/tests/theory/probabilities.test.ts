import { describe, expect, it } from "vitest";
import type { EventCheck, Instance, Sketch } from "../../../theory/theorem.ts";
import { allDraws, applied, drawOf, inner, momentsOf, type Scheme } from "./all-draws.ts";
import {
  basisOf,
  blocky,
  checkOf,
  crowded,
  gap,
  length,
  near,
  product,
  type Quantity,
  size,
  sound,
  worldOf,
} from "./tiny-instances.ts";

const wide = [worldOf({ rows: 2, dim: 3, block: 3, memory: 9 }, 0.8)];

/** Two weights that fail where they meet, which is seldom. */
const pair: Instance = {
  ...worldOf({ rows: 2, dim: 1, block: 1, memory: 10 }),
  x: Float64Array.of(1, 1),
  y: Float64Array.of(1, 0.9),
};

/** Eigenvalues of [[a, b], [b, c]], by the quadratic formula. */
const eigenvaluesOf = (a: number, b: number, c: number): [number, number] => {
  const [middle, reach] = [(a + c) / 2, Math.hypot((a - c) / 2, b)];
  return [middle - reach, middle + reach];
};
/** σ₁² of [x y]. */
const largestOf = ({ x, y }: Instance): number => eigenvaluesOf(inner(x, x), inner(x, y), inner(y, y))[1];

/** An event of one draw by its definition, and how probable a theorem says it is: exactly, or at most. */
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

/** x_a of R5: y moved by three places, four times, as its theorem says. */
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
  [
    "R18",
    1,
    [...blocky.slice(1), ...crowded],
    { starts: "balanced", signs: "none" },
    {
      happens: ({ block }, { slots }) => Math.floor(slots[0]! / block) === Math.floor(slots.at(-1)! / block),
    },
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
