import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { random } from "../../../../core/numeric/random.ts";
import { robeScheme } from "../../../../models/embeddings/families/robe.ts";
import { type Instance, loadsOf, type Sketch } from "../../../../theory/theorem.ts";
import { drawsOf } from "../../../experiments/prove/draws.ts";
import {
  anyFamilies,
  type SketchFamily,
  shapeOf,
  soundFamilies,
} from "../../../experiments/prove/families.ts";
import { brokenFamilies } from "../../../mutants/sketches.ts";
import { applied } from "../../theory/all-draws.ts";

const zeros = new Float64Array(24);
const sizes = { rows: 6, tables: [2, 4], dim: 4, block: 2, memory: 9 };
const drawn: Instance = { ...sizes, x: zeros, y: zeros, epsilon: 0.5 };

const familyOf = (name: string): SketchFamily =>
  [...soundFamilies, ...brokenFamilies].find((family) => family.name === name)!;

/** Draws of a scheme, in what it makes of the instance above. */
async function drawsIn(
  family: SketchFamily,
  count = 100,
): Promise<{ instance: Instance; sketches: Sketch[] }> {
  const instance = family.fit?.(drawn) ?? drawn;
  const draws = await drawsOf(family, instance, cpu, 1, count);
  return { instance, sketches: Array.from({ length: count }, (_, i) => draws.sketch(i)) };
}

/** What can be seen in draws with one slot a weight: where blocks start, whether they wrap, and what their signs are. */
function seenIn({ instance, sketches }: { instance: Instance; sketches: Sketch[] }) {
  const { rows, dim, block, memory } = instance;
  const blocks = Array.from({ length: (rows * dim) / block }, (_, b) =>
    Array.from({ length: block }, (_, k) => b * block + k),
  );
  const pairs = sketches.flatMap((sketch) => blocks.map((own) => ({ sketch, own })));
  const startOf = ({ sketch, own }: (typeof pairs)[number]) => sketch.slots[own[0]!]!;
  const signsOf = ({ sketch, own }: (typeof pairs)[number]) => own.map((k) => sketch.signs[k]!);
  const torn = pairs.filter((pair) =>
    pair.own.some((k, i) => pair.sketch.slots[k] !== (startOf(pair) + i) % memory),
  );
  expect(torn).toEqual([]);
  return {
    starts: [...new Set(pairs.map(startOf))].toSorted((a, b) => a - b),
    wraps: pairs.some((pair) => startOf(pair) + block > memory),
    shares: sketches.some((sketch) => loadsOf(sketch).some((load) => load > 1)),
    signs: pairs.every((pair) => signsOf(pair).every((sign) => sign === 1))
      ? "none"
      : pairs.every((pair) => new Set(signsOf(pair)).size === 1)
        ? "one a block"
        : "one a weight",
  };
}

const upTo = (end: number, step = 1) => Array.from({ length: Math.ceil(end / step) }, (_, i) => i * step);
const circular = { starts: upTo(9), wraps: true, shares: true };

describe("a scheme's draws are as it says", () => {
  it.each([
    ["robe:mersenne61", { ...circular, signs: "one a weight" }],
    ["robe:polynomial4", { ...circular, signs: "one a weight" }],
    ["robe:mixer", { ...circular, signs: "one a weight" }],
    ["rowHash, rows of one float", { ...circular, wraps: false, signs: "one a block" }], // blocks of one weight
    ["rowHash, signed", { starts: [0, 4], wraps: false, shares: true, signs: "one a block" }],
    ["rowHash", { starts: [0, 4], wraps: false, shares: true, signs: "none" }],
    ["unsigned", { ...circular, signs: "none" }],
    ["one sign a block", { ...circular, signs: "one a block" }],
    ["starts do not wrap", { starts: upTo(8), wraps: false, shares: true, signs: "one a weight" }],
    ["aligned", { starts: upTo(8, 2), wraps: false, shares: true, signs: "one a weight" }],
    ["balanced", { starts: upTo(8, 2), wraps: false, shares: true, signs: "one a weight" }],
    ["full", { starts: upTo(24, 4), wraps: false, shares: false, signs: "none" }],
    ["broken:unsigned", { ...circular, signs: "none" }],
    ["broken:one-sign-a-block", { ...circular, signs: "one a block" }],
    ["broken:no-wrap", { starts: upTo(8), wraps: false, shares: true, signs: "one a weight" }],
    ["broken:aligned", { starts: upTo(8, 2), wraps: false, shares: true, signs: "one a weight" }],
  ])("%s", async (name, seen) => {
    const { instance, sketches } = await drawsIn(familyOf(name));
    expect(sketches[0]!.places).toBe(1);
    expect(seenIn({ instance, sketches })).toEqual(seen);
    const { has, fault } = familyOf(name);
    expect(has).toContain("one slot a weight");
    if (fault !== undefined) return;
    const said = (hypothesis: SketchFamily["has"][number]) => has.includes(hypothesis);
    expect(said("no signs")).toBe(seen.signs === "none" && seen.shares);
    expect(said("no slot is shared")).toBe(!seen.shares);
    expect(said("pairwise circular starts")).toBe(seen.starts.length === 9);
    expect(said("starts do not wrap")).toBe(seen.starts.length === 8);
    expect(said("aligned starts") || said("balanced starts")).toBe(seen.shares && seen.starts.length < 8);
  });

  it("multiHash, rows of one float: two slots a weight, with signs", async () => {
    const family = familyOf("multiHash, rows of one float");
    const { sketches } = await drawsIn(family);
    expect(family.has).toEqual(["two signed hashes, summed"]);
    expect(sketches[0]!.places).toBe(2);
    expect(new Set(sketches.flatMap(({ signs }) => [...signs]))).toEqual(new Set([-1, 1]));
  });
});

describe("a broken scheme claims all hypotheses", () => {
  it("and says what it lacks", () => {
    for (const { name, has, fault } of brokenFamilies) {
      const starts = has.includes("balanced starts")
        ? []
        : ["independent starts", "pairwise circular starts"];
      expect(has, name).toEqual(expect.arrayContaining([...starts, "four-wise signs", "one slot a weight"]));
      expect(fault!.length).toBeGreaterThan(5);
    }
    for (const { fault } of [...soundFamilies, ...anyFamilies]) expect(fault).toBeUndefined();
  });

  /** The slots and the signs of a row of the six: two of one table, then four of another. */
  const rowOf = ({ slots, signs }: Sketch, row: number) => ({
    slots: [...slots.subarray(4 * row, 4 * row + 4)],
    signs: [...signs.subarray(4 * row, 4 * row + 4)],
  });

  it("broken:blind-hash puts rows 2k and 2k + 1 of a table in one place, with signs of their own", async () => {
    const { sketches } = await drawsIn(familyOf("broken:blind-hash"), 20);
    const rows = sketches.map((sketch) => upTo(6).map((row) => rowOf(sketch, row)));
    for (const own of rows)
      for (const even of [0, 2, 4]) expect(own[even]!.slots).toEqual(own[even + 1]!.slots);
    expect(rows.some((own) => own[0]!.signs.join() !== own[1]!.signs.join())).toBe(true);
    expect(rows.some((own) => own[2]!.slots.join() !== own[4]!.slots.join())).toBe(true);
  });

  it("broken:blind-to-tables puts a row of one table where that row of another is, with its signs", async () => {
    const { sketches } = await drawsIn(familyOf("broken:blind-to-tables"), 20);
    for (const sketch of sketches)
      for (const row of [0, 1]) expect(rowOf(sketch, row)).toEqual(rowOf(sketch, row + 2));
    expect(sketches.some((sketch) => rowOf(sketch, 0).slots.join() !== rowOf(sketch, 1).slots.join())).toBe(
      true,
    );
    expect(sketches.some((sketch) => rowOf(sketch, 0).signs.join() !== rowOf(sketch, 1).signs.join())).toBe(
      true,
    );
  });

  it("broken:low-entropy begins again after 16 draws", async () => {
    const { sketches } = await drawsIn(familyOf("broken:low-entropy"), 40);
    const drawnOf = ({ slots, signs }: Sketch) => `${slots} ${signs}`;
    expect(new Set(sketches.map(drawnOf)).size).toBe(16);
    expect(drawnOf(sketches[20]!)).toBe(drawnOf(sketches[4]!));
  });

  it("broken:averaged-backward gives a slot the mean of its readers' gradients", async () => {
    const family = familyOf("broken:averaged-backward");
    const draws = await drawsOf(family, drawn, cpu, 1, 1);
    const gradient = Float64Array.from(zeros, (_, k) => k + 1);
    const sketch = draws.sketch(0);
    const mean = applied(sketch, gradient).map((sum, slot) => sum / Math.max(1, loadsOf(sketch)[slot]!));
    const found = Array.from(await draws.project(0, gradient));
    for (const [slot, value] of found.entries()) expect(value).toBeCloseTo(mean[slot]!, 4);
  });
});

describe("a robe has the hash functions of its name", () => {
  it.each([
    ["robe:mersenne61", { hash: "mersenne61" }],
    ["robe:polynomial4", { hash: "polynomial4" }],
    ["robe:mixer", { hash: "mixer" }],
    ["broken:low-entropy", { hash: "mixer" }],
    ["broken:averaged-backward", { hash: "mixer" }],
    ["broken:affine-sign", { hash: "affine", sign: "affine" }], // one affine family for places and signs
  ] as const)("%s", async (name, hashes) => {
    const { sketches } = await drawsIn(familyOf(name), 3);
    for (const [i, { slots, signs }] of sketches.entries()) {
      const seed = random(1 + i, "draw of R").bits();
      const { slotsOf } = robeScheme(shapeOf(drawn), { ...hashes, memorySize: 9, block: 2, seed });
      const rows = [...upTo(2).map((row) => [0, row]), ...upTo(4).map((row) => [1, row])];
      const own = rows.flatMap(([table, row]) => upTo(4).flatMap((c) => slotsOf(table!, row!, c)));
      expect([...slots]).toEqual(own.map(({ slot }) => slot));
      expect([...signs]).toEqual(own.map(({ sign }) => sign));
    }
  });

  it("of one table, where an instance names none", () => {
    const { tables: _, ...one } = drawn;
    expect(shapeOf(one)).toEqual({ tables: [6], dim: 4 });
    expect(shapeOf(drawn)).toEqual({ tables: [2, 4], dim: 4 });
  });
});

describe("an embedding with random options", () => {
  it("is tried where it sums signed parameters, and not where it multiplies them", () =>
    expect(anyFamilies.map(({ name }) => name)).toEqual([
      "any full",
      "any robe",
      "any rowHash",
      "any multiHash",
      "any quotientRemainder",
      "any cafe",
    ]));

  it("has a scheme at every seed: the same at the same one, and others at others", () => {
    for (const { name, scheme, has } of anyFamilies) {
      expect(has).toEqual([]);
      const explained = (seed: number) =>
        JSON.stringify(
          [upTo(2), upTo(4)].map((rows, table) =>
            rows.map((row) => scheme(drawn, seed).slotsOf(table, row, 1)),
          ),
        );
      const all = upTo(20).map(explained);
      expect(explained(7)).toBe(all[7]);
      if (name !== "any full") expect(new Set(all).size, name).toBeGreaterThan(3);
    }
  });
});
