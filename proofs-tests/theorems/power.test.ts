import { describe, expect, it } from "vitest";
import type { Random } from "../../core/random.ts";
import { statements } from "../../theory/index.ts";
import { logBinomialTail } from "../../theory/verdict.ts";
import type { Check, EventCheck, IdentityCheck, Sketch, World } from "../../theory/world.ts";
import type { SketchFamily } from "./families.ts";
import { judge } from "./judge.ts";
import { allFamilies } from "./prove.ts";
import { worldOf } from "./worlds.ts";

/** Worlds in which every effect is large: equal weights, few slots. */
const world = (block: number, changes: Partial<World> = {}): World => ({
  ...worldOf({ rows: 8, dim: 4, block, memory: 12, x: "ones", y: "ones", epsilon: 0.9, seed: 1 }),
  ...changes,
});

const family = (name: string): SketchFamily => allFamilies.find((f) => f.name === name)!;

/** The mixer's draws, changed. */
const changed = (name: string, change: (sketch: Sketch) => Sketch): SketchFamily => ({
  ...family("robe:mixer"),
  name,
  draw: (w, seed) => change(family("robe:mixer").draw(w, seed)),
});

/** A fault, and the world in which the check must see it. */
interface Fault {
  readonly fault: string;
  readonly scheme: SketchFamily;
  readonly world?: World;
}

const crowded = changed("crowded", ({ slots, ...rest }) => ({
  ...rest,
  slots: slots.map((slot) => slot % 2),
}));
const enlarged = changed("enlarged", ({ signs, ...rest }) => ({
  ...rest,
  signs: signs.map((sign) => 8 * sign),
}));
const shifted = changed("shifted", ({ slots, ...rest }) => ({
  ...rest,
  slots: slots.map((slot, k) => (slot + k) % rest.memory),
}));
const unsigned = { fault: "no signs", scheme: family("broken:unsigned") };
const blind = { fault: "a hash blind to every other row", scheme: family("broken:blind-hash") };
const two = worldOf({ rows: 2, dim: 1, block: 1, memory: 12, x: "ones", y: "ones", epsilon: 0.9, seed: 1 });
/** The first weight of each block alone: aligned blocks meet in it four times as often as others. */
const firstOfBlock = Float64Array.from({ length: 32 }, (_, k) => (k % 4 === 0 ? 1 : 0));
const firsts = world(4, { x: firstOfBlock, y: firstOfBlock });
const gaussian = worldOf({
  rows: 8,
  dim: 4,
  block: 1,
  memory: 12,
  x: "gaussian",
  y: "gaussian",
  epsilon: 0.5,
  seed: 1,
});

/** By statement and check: what it must see. Checks without a scheme have faults of their own, below. */
const faults: Readonly<Record<string, readonly Fault[]>> = {
  R1: [
    {
      fault: "starts that do not wrap",
      scheme: family("broken:no-wrap"),
      world: world(4, { rows: 2, memory: 6 }),
    },
    { fault: "blocks torn apart", scheme: shifted },
    { fault: "two slots for all", scheme: crowded },
  ],
  R2: [unsigned, unsigned],
  R3: [unsigned, { ...blind, world: two }],
  R4: [unsigned],
  R5: [unsigned],
  R6: [unsigned],
  R7: [
    { ...blind, world: world(1) },
    { ...unsigned, world: world(1) },
  ],
  R8: [
    { ...blind, world: world(1) },
    { ...unsigned, world: world(1) },
  ],
  R12: [{ ...blind, world: world(1) }],
  R13: [
    { fault: "signs after all", scheme: family("robe:mixer") },
    { fault: "a sign for each element after all", scheme: family("robe:mixer"), world: world(4) },
    { fault: "wrapping after all", scheme: family("robe:mixer"), world: world(4, { rows: 2, memory: 6 }) },
    { fault: "starts everywhere after all", scheme: family("robe:mixer"), world: firsts },
  ],
  R15: [{ fault: "two slots for all", scheme: crowded }],
  R16: [
    { fault: "signs of size 8", scheme: enlarged },
    { fault: "signs of size 8", scheme: enlarged },
  ],
  R17: [unsigned],
};

const ofSchemes = statements.flatMap(({ id, checks }) =>
  (faults[id] ?? []).map((fault, i) => {
    const own = checks.filter(({ name }) => !name.startsWith("V_Z"));
    return [id, own[i]!.name, fault.fault, own[i]!, fault] as const;
  }),
);

describe("a check sees a fault in the scheme", () => {
  it.each(ofSchemes)("%s %s: %s", (_, __, ___, check, { scheme, world: where = world(2) }) => {
    const trial = { draws: 4000, seed: 5, alpha: 1e-8 };
    expect(judge(check, scheme, where, trial).map(({ holds }) => holds)).toContain(false);
  });
});

/** Random numbers that are all the same. */
const stuck: Random = { uniform: () => 0, integer: () => 0, normal: () => 0, bits: () => 0x0f0f0f0f };

describe("a check whose codes are all the same sees it", () => {
  it.each(["R9", "R10", "R11"])("%s", (id) => {
    const { event, probability } = checkOf(id) as EventCheck;
    const where = gaussian;
    const sketch = family("robe:mixer").draw(where, 1);
    const draws = Array.from({ length: 50 }, () => event(where, { sketch, stream: stuck }));
    const count = draws.filter(Boolean).length;
    expect(logBinomialTail(count, 50, probability(where))).toBeLessThan(Math.log(1e-8));
  });
});

it("R14 sees a gradient that is a mean in place of a sum", () => {
  const where = world(2);
  const honest = family("robe:mixer");
  const averaged = (w: World, seed: number): Sketch => {
    const sketch = honest.draw(w, seed);
    const loads = new Uint32Array(w.memory);
    for (const slot of sketch.slots) loads[slot]!++;
    // Going up, each weight is divided by its slot's load; coming down, it is not.
    let calls = 0;
    const divided = Float64Array.from(sketch.signs, (sign, k) => sign / loads[sketch.slots[k]!]!);
    return {
      ...sketch,
      get signs() {
        return calls++ % 2 === 0 ? sketch.signs : (divided as unknown as Int8Array);
      },
    };
  };
  const { error } = checkOf("R14") as IdentityCheck;
  const stream = { ...stuck, normal: () => 1 };
  expect(error(where, { sketch: honest.draw(where, 1), stream })).toBeLessThan(1e-12);
  expect(error(where, { sketch: averaged(where, 1), stream })).toBeGreaterThan(1e-3);
});

const checkOf = (id: string): Check => statements.find((s) => s.id === id)!.checks[0]!;

it("every statement is shown to see something", () => {
  const shown = [...Object.keys(faults), "R9", "R10", "R11", "R14"];
  expect(statements.map(({ id }) => id).filter((id) => !shown.includes(id))).toEqual([]);
});
