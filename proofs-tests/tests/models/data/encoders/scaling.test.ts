import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ColumnStatistics } from "../../../../../models/data/encoders/column.ts";
import {
  asScaling,
  encoderOf,
  fitted,
  type Scaling,
  scalingInWords,
  scalings,
} from "../../../../../models/data/encoders/scaling.ts";

const kinds = Object.keys(scalings) as Scaling["kind"][];

function fitTo(kind: Scaling["kind"], values: readonly number[]): Scaling {
  const column = new ColumnStatistics("x");
  for (const x of values) column.add(x);
  return fitted(kind, column);
}

const finite = fc.double({ min: -1e9, max: 1e9, noNaN: true });
const column = fc.array(finite, { minLength: 1, maxLength: 60 });
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe.each(kinds)("scaling %s", (kind) => {
  it("gives a finite number for any finite one, 0 for a missing one, and keeps the order", () => {
    fc.assert(
      fc.property(column, fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (values, others) => {
        const encode = encoderOf(fitTo(kind, values));
        expect(encode(Number.NaN)).toBe(0);
        const scaled = others.toSorted((a, b) => a - b).map(encode);
        for (const [i, x] of scaled.entries()) {
          expect(Number.isFinite(x)).toBe(true);
          if (i > 0) expect(x).toBeGreaterThanOrEqual(scaled[i - 1]!);
        }
      }),
    );
  });

  it("gives a number what it gave it first, whatever it scaled before", () => {
    const often = fc.oneof(fc.integer({ min: -3, max: 1100 }), fc.constantFrom(-0, 0.5), finite);
    fc.assert(
      fc.property(column, fc.array(often), (values, others) => {
        const scaling = fitTo(kind, values);
        const encode = encoderOf(scaling);
        for (const x of [...others, ...others]) expect(encode(x)).toBe(encoderOf(scaling)(x));
      }),
    );
  });

  it("is plain JSON, which reads as the same, and has words", () => {
    const scaling = fitTo(kind, [1, 2, 5, 9]);
    expect(asScaling(JSON.parse(JSON.stringify(scaling)), "here")).toEqual(scaling);
    expect(scalingInWords(scaling)).toMatch(new RegExp(`^${kind}, .`));
  });

  it("can be fitted to a column that is constant, or has no number at all", () => {
    for (const values of [[7, 7, 7], []]) {
      const encode = encoderOf(fitTo(kind, values));
      expect(Number.isFinite(encode(7))).toBe(true);
      if (kind !== "none") expect(encode(7)).toBe(0);
    }
  });
});

describe.each(["standard", "quantile"] as const)("scaling %s", (kind) => {
  it("makes units irrelevant: x and 10ᵏ·x + c become the same", () => {
    const lattice = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(
        lattice,
        fc.integer({ min: -6, max: 9 }),
        fc.integer({ min: -100, max: 100 }),
        (values, k, c) => {
          const other = (x: number) => 10 ** k * (x + c);
          const [one, two] = [encoderOf(fitTo(kind, values)), encoderOf(fitTo(kind, values.map(other)))];
          for (const x of values) expect(two(other(x))).toBeCloseTo(one(x), 6);
        },
      ),
    );
  });

  it("has mean 0 and deviation near 1 of what it is fitted to", () => {
    const values = upTo(1001).map((i) => 50 + 3 * i);
    const scaled = values.map(encoderOf(fitTo(kind, values)));
    const mean = scaled.reduce((a, b) => a + b) / scaled.length;
    expect(mean).toBeCloseTo(0, 9);
    expect(Math.sqrt(scaled.reduce((sum, z) => sum + z * z, 0) / scaled.length)).toBeCloseTo(1, 1);
  });
});

describe("the numbers of a scaling", () => {
  it("are those of its definition", () => {
    expect(encoderOf(fitTo("standard", [1, 3]))(5)).toBe(3);
    expect(encoderOf(fitTo("standard", [1, 3]))(1e9)).toBe(10); // no farther than ten deviations
    const e = Math.E - 1;
    expect(encoderOf(fitTo("log", [-e, e]))(Math.E ** 2 - 1)).toBeCloseTo(2, 12);
    expect(encoderOf(fitTo("none", [5, 6]))(7.25)).toBe(7.25);
    const middle = encoderOf(fitTo("quantile", upTo(1001)));
    expect(middle(500)).toBeCloseTo(0, 12);
    expect(middle(841.34)).toBeCloseTo(1, 2); // Φ(1) = 0.8413
    expect(middle(1e30)).toBe(middle(2000));
  });

  it("of a quantile scaling give values that occur often their middle rank", () => {
    const encode = encoderOf(
      fitTo("quantile", [...new Array<number>(600).fill(0), ...upTo(400).map((i) => i + 1)]),
    );
    expect(encode(0)).toBeCloseTo(-0.524, 1); // Φ⁻¹(0.3)
  });
});

it("numbers that lie too far apart for 64 bits are refused, by all that needs their distance", () => {
  const [near, far] = [
    [-1e150, 1e150],
    [-1.7e308, 1.7e308],
  ] as const;
  for (const kind of kinds) {
    const encode = encoderOf(fitTo(kind, near));
    for (const x of [...near, ...far]) expect(Number.isFinite(encode(x))).toBe(true);
  }
  expect(() => fitTo("standard", [-1e200, 1e200])).toThrow(
    'The numbers of column "x" lie too far apart to be scaled by "standard": from -1e+200 to 1e+200;',
  );
  expect(() => fitTo("quantile", far)).toThrow('by "quantile": from -1.7e+308 to 1.7e+308; see whether');
  expect(encoderOf(fitTo("quantile", [-1e200, 1e200]))(1e200)).toBeGreaterThan(2);
  const steps = [-1.7e308, ...new Array<number>(255).fill(0), 1.7e308]; // a knot each
  expect(Number.isFinite(encoderOf(fitTo("quantile", steps))(1e308))).toBe(true);
  expect(encoderOf(fitTo("log", far))(1.7e308)).toBeCloseTo(1, 12);
});

it("what is no scaling is refused, prototype names too", () => {
  for (const wrong of [
    null,
    "standard",
    { kind: "constructor", numbers: [] },
    { kind: "__proto__", numbers: [] },
    { kind: "standard", numbers: [1] },
    { kind: "standard", numbers: [1, -1] },
    { kind: "standard", numbers: [1, null] },
    { kind: "quantile", numbers: [1, 2] },
    { kind: "quantile", numbers: Array.from({ length: 257 }, (_, i) => -i) },
    { kind: "quantile", numbers: Array.from({ length: 257 }, (_, i) => (i < 9 ? -1.7e308 : 1.7e308)) },
    { kind: "none", numbers: [1] },
    { kind: "none" },
  ])
    expect(() => asScaling(wrong, "The column x")).toThrow("The column x is no scaling");
});
