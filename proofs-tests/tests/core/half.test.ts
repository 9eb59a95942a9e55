import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { backendsHere } from "../../../backends/index.ts";
import type { Backend, Grid } from "../../../core/backend.ts";
import {
  halfBy,
  halfValues,
  nearestHalf,
  nearestOnGrid,
  roundingWord,
  stochasticHalf,
  stochasticOnGrid,
} from "../../../core/numeric/half.ts";
import { mix } from "../../../core/numeric/hash.ts";
import { definedHalfValue } from "../../../core/numeric/number.ts";
import { exp } from "../../../core/ops/functions.ts";
import { optimizerStep } from "../../../core/optimizers/optimizer.ts";
import { sgd } from "../../../core/optimizers/sgd.ts";
import { Parameter } from "../../../core/parameter.ts";
import { tensor } from "../../../core/tensor.ts";
import { halfLaws } from "../../laws/half-laws.ts";
import { isNearest, isNearestOnGrid, isUnbiased, isUnbiasedOnGrid } from "../../laws/half-numbers.ts";
import { claimsAsTests } from "../../laws/verify.ts";
import { said } from "../models/dlrm/tiny-model.ts";
import { seed } from "../seed.ts";

const allBits = Array.from({ length: 2 ** 16 }, (_, bits) => bits);

describe("halves", () => {
  it("are decoded as IEEE 754 says, and as its definition has it, all 65,536", () => {
    expect([0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001].map((bits) => halfValues()[bits])).toEqual([
      ...[1, -2, 65504, 2 ** -14, 2 ** -24],
    ]);
    expect(allBits.filter((bits) => !Object.is(halfValues()[bits], definedHalfValue(bits)))).toEqual([]);
  });

  it("are the halves nearest to themselves, all but those that are no number", () => {
    for (const bits of allBits)
      if (!Number.isNaN(halfValues()[bits]))
        expect([nearestHalf(halfValues()[bits]!), bits]).toEqual([bits, bits]);
  });

  it("are the definition's, of any number", () => fc.assert(isNearest(nearestHalf), { numRuns: 100_000 }));

  it("are on average the number, where they are drawn", () =>
    fc.assert(isUnbiased(stochasticHalf), { numRuns: 300 }));

  it.each([
    [Number.NaN, 0x7e00],
    [Infinity, 0x7c00],
    [-Infinity, 0xfc00],
    [-0, 0x8000],
    [65536, 0x7c00],
    [65504, 0x7bff],
  ])("%d is drawn by no word", (x, bits) => {
    for (const word of [0, 1, 2 ** 31, 2 ** 32 - 1]) expect(stochasticHalf(x, word) & 0xffff).toBe(bits);
  });
});

describe("numbers of a grid", () => {
  it("are the definition's, of any number", () =>
    fc.assert(isNearestOnGrid(nearestOnGrid), { numRuns: 20_000 }));

  it("are on average the number, where they are drawn, and the ends beyond these", () =>
    fc.assert(isUnbiasedOnGrid(stochasticOnGrid), { numRuns: 300 }));

  it.each([
    [0.3, [0.25, 0.375]],
    [-0.3, [-0.375, -0.25]],
    [5, [0.875]],
    [-Infinity, [-1]],
    [-1e-3, [-0.125, 0]],
    [Number.NaN, [Number.NaN]],
  ])("%d in four bits of 1/8 is one of %j", (x, numbers) => {
    const grid = { bits: 4, step: 1 / 8 };
    const drawn = [0, 1, 2 ** 31, 2 ** 32 - 1].map((word) => halfValues()[stochasticOnGrid(x, grid, word)]!);
    expect([...new Set(drawn)].toSorted((a, b) => a - b)).toEqual(numbers);
  });
});

describe("a law of numbers sees", () => {
  const fails = (property: fc.IProperty<unknown>) => fc.check(property, { seed: 1, numRuns: 1000 }).failed;

  it.each([
    ["cut off", (x: number) => stochasticHalf(x, 2 ** 32 - 1)],
    ["rounded to f32 first", (x: number) => nearestHalf(Math.fround(x))],
    ["rounded up where two are equally near", (x: number) => stochasticHalf(x, 2 ** 31 - 1)],
  ])("halves that are %s", (_, broken) => expect(fails(isNearest(broken))).toBe(true));

  it.each([
    ["the nearest whatever the word", (x: number) => nearestHalf(x)],
    ["rounded up by one word more", (x: number, word: number) => stochasticHalf(x, Math.max(word - 1, 0))],
    ["drawn by 12 bits", (x: number, word: number) => stochasticHalf(x, (word & 0xfff00000) >>> 0)],
  ])("halves that are %s", (_, broken) => expect(fails(isUnbiased(broken))).toBe(true));

  it.each([
    ["rounded up in the middle", (x: number, grid: Grid) => stochasticOnGrid(x, grid, 2 ** 31 - 1)],
    ["as many above 0 as below", (x: number, grid: Grid) => -nearestOnGrid(-x, grid)],
    ["a zero with a sign", (x: number, grid: Grid) => nearestOnGrid(x, grid) || (x < 0 ? 0x8000 : 0)],
  ])("numbers of a grid that are %s", (_, broken) => expect(fails(isNearestOnGrid(broken))).toBe(true));

  it.each([
    ["the nearest whatever the word", nearestOnGrid],
    [
      "drawn of every half",
      (x: number, { bits, step }: Grid, word: number) =>
        stochasticHalf(Math.min(Math.max(x, -(2 ** (bits - 1)) * step), (2 ** (bits - 1) - 1) * step), word),
    ],
  ])("numbers of a grid that are %s", (_, broken) => expect(fails(isUnbiasedOnGrid(broken))).toBe(true));
});

/** What {@link mix} was made of. */
function unmixed(mixed: number): number {
  const unshifted = (h: number, by: number) => h ^ (h >>> by) ^ (2 * by < 32 ? h >>> (2 * by) : 0);
  let h = unshifted(mixed, 16);
  h = unshifted(Math.imul(h, 0x7ed1b41d), 13);
  h = unshifted(Math.imul(h, 0xa5cb9243), 16);
  return (h - 0x9e3779b9) >>> 0;
}

it("random words are one to one with indices, whatever the keys: over all, each word comes once", () => {
  const words = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(
    fc.property(words, words, words, (index, first, second) => {
      expect(unmixed(mix(index))).toBe(index);
      const word = roundingWord([first, second], index);
      expect((unmixed((unmixed(word) ^ second) >>> 0) ^ first) >>> 0).toBe(index);
    }),
  );
});

const { opened } = await backendsHere();

for (const backend of opened) {
  const claims = halfLaws.map(({ of, ...law }) => ({ ...law, backend: backend.name, said: of(backend) }));
  claimsAsTests({ describe, it }, claims, { examples: 16, seed });
}

/** Each law's subjects, law by law. */
const lawsByName = [...new Set(halfLaws.map(({ law }) => law))].map((name) =>
  halfLaws.filter(({ law }) => law === name),
);

/** Backends with a fault, each with the law that must see it. */
const faults: readonly (readonly [fault: string, law: number, broken: Backend])[] = [
  [
    "cut off what does not fit",
    0,
    {
      ...cpu,
      upload: (values, storage) =>
        storage ? Uint16Array.from(values, (x) => stochasticHalf(x, 2 ** 32 - 1)) : cpu.upload(values),
    },
  ],
  [
    "lose the last bit when they gather",
    1,
    {
      ...cpu,
      run: (form, inputs) =>
        cpu.run(
          form,
          inputs.map((x) => (x instanceof Uint16Array ? x.map((bits) => bits & ~1) : x)),
        ),
    },
  ],
  [
    "round to nearest always",
    2,
    { ...cpu, update: (step, ...rest) => cpu.update({ ...step, rounding: { mode: "nearest" } }, ...rest) },
  ],
  [
    "draw the words of another weight",
    2,
    {
      ...cpu,
      update(step, weights, state, gradient) {
        const { rounding } = step;
        if (rounding?.mode !== "stochastic") return cpu.update(step, weights, state, gradient);
        const [first, second] = rounding.keys;
        return cpu.update(
          { ...step, rounding: { ...rounding, keys: [first ^ 1, second] } },
          weights,
          state,
          gradient,
        );
      },
    },
  ],
  [
    "round a step's size, not its result",
    3,
    {
      ...cpu,
      update(step, weights, state, gradient) {
        if (!step.rounding) return cpu.update(step, weights, state, gradient);
        const before = cpu.peek!(weights).slice();
        const { rounding, ...plain } = step;
        cpu.update(plain, before, state, gradient);
        const bits = halfBy(rounding);
        const old = cpu.peek!(weights);
        const after = before.map((w, i) => halfValues()[bits(w - old[i]!, i)]! + old[i]!);
        return { weights: cpu.upload(after, "f16"), state: [...state] };
      },
    },
  ],
  [
    "draw other words where they are looked up",
    4,
    {
      ...cpu,
      update: (step, weights, state, gradient) =>
        cpu.update(
          gradient.kind === "sparse" && step.rounding?.mode === "stochastic"
            ? { ...step, rounding: { ...step.rounding, keys: [1, 2] } }
            : step,
          weights,
          state,
          gradient,
        ),
    },
  ],
];

describe("a law of halves sees backends that", () => {
  it.each(faults)("%s", async (_, law, broken) => {
    const { of } = lawsByName[law]![law === 3 ? 4 : 0]!;
    const failed = async (backend: Backend) => {
      const said = of(backend);
      if ("skip" in said) return expect.fail(said.skip);
      return (await said({ seed: 1, examples: 100 })).failure !== undefined;
    };
    expect([await failed(broken), await failed(cpu)]).toEqual([true, false]);
  });

  it("every law is shown to see something", () =>
    expect(new Set(faults.map(([, law]) => law)).size).toBe(lawsByName.length));
});

describe.each(opened.map((backend) => [backend.name, backend] as const))(
  "%s says in a sentence",
  (name, backend) => {
    const halves = () =>
      new Parameter("m", tensor(backend, [2], [1, 2], "f16"), 1, { halves: { mode: "nearest", seed: 0 } });

    if (name.startsWith("gpu"))
      it("that it has no halves", () =>
        expect(said(halves)).toBe(
          `gpu.js has no arrays of halves, so ${name} cannot store a memory as f16, int8 or int4; take the backend fast or cpu, or --storage f32.`,
        ));
    else {
      it("what cannot read halves", () => {
        expect(said(() => exp(halves().tensor))).toContain('by an optimizer, but "map" was asked to read it');
        expect(said(() => optimizerStep(sgd(1), halves(), halves().tensor, 1, 1))).toContain(
          'but "update" was asked',
        );
      });

      it("that a step must say how to round, where and only where weights are halves", () => {
        const gradient = tensor(backend, [2], [1, 1]);
        const unsaid = new Parameter("m", tensor(backend, [2], [1, 2], "f16"));
        expect(said(() => optimizerStep(sgd(1), unsaid, gradient, 1, 1))).toContain(
          "does not say how to round",
        );
        const floats = new Parameter("m", tensor(backend, [2], [1, 2]), 1, {
          halves: { mode: "nearest", seed: 0 },
        });
        expect(said(() => optimizerStep(sgd(1), floats, gradient, 1, 1))).toContain(
          "its weights are not stored so",
        );
      });
    }
  },
);
