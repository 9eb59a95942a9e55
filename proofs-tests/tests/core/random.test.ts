import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { permutation, random } from "../../../core/numeric/random.ts";

/** sfc32 as its author wrote it down, filled by FNV-1a of the seed and the name, in exact integers. */
function* definition(seed: number, name: string): Generator<number, never> {
  const low = (x: bigint) => x & 0xffffffffn;
  const hash = (text: string) =>
    [...text].reduce((h, letter) => low((h ^ BigInt(letter.charCodeAt(0))) * 0x01000193n), 0x811c9dc5n);
  let [a, b, c] = ["a", "b", "c"].map((part) => hash(`${seed}/${name}/${part}`)) as [bigint, bigint, bigint];
  for (let counter = 1n; ; counter++) {
    const bits = low(a + b + counter);
    a = b ^ (b >> 9n);
    b = low(b + (b << 3n));
    [b, c] = [low(c + (c << 3n)), low((low(c << 21n) | (c >> 11n)) + bits)];
    if (counter > 15n) yield Number(bits);
  }
}

const streams = fc.tuple(fc.nat(), fc.string({ unit: "grapheme-ascii", maxLength: 12 }));

describe("a stream", () => {
  it("is the generator that is documented, of seed and name", () =>
    fc.assert(
      fc.property(streams, ([seed, name]) => {
        const [stream, expected] = [random(seed, name), definition(seed, name)];
        for (let i = 0; i < 50; i++) expect(stream.bits()).toBe(expected.next().value);
      }),
    ));

  it("makes of its bits numbers of 53 bits, whole numbers without bias, and normal ones", () =>
    fc.assert(
      fc.property(streams, fc.integer({ min: 1, max: 2 ** 32 }), ([seed, name], n) => {
        const stream = random(seed, name);
        const expected = definition(seed, name);
        const bits = () => expected.next().value;
        const uniform = () => Number((BigInt(bits() >>> 5) << 26n) | BigInt(bits() >>> 6)) * 2 ** -53;
        for (let i = 0; i < 5; i++) expect(stream.uniform()).toBe(uniform());
        for (let i = 0; i < 5; i++) {
          let x = bits();
          while (x >= n * Math.floor(2 ** 32 / n)) x = bits(); // the last, unfinished round of n numbers
          expect(stream.integer(n)).toBe(x % n);
        }
        for (let i = 0; i < 5; i++) {
          let [x, y] = [1, 1];
          while (x * x + y * y >= 1 || (x === 0 && y === 0)) [x, y] = [2 * uniform() - 1, 2 * uniform() - 1];
          const length = Math.sqrt(-2 * Math.log(x * x + y * y));
          const turn = Math.hypot(x, y);
          expect(stream.normal()).toBeCloseTo((x / turn) * length, 9);
          expect(stream.normal()).toBeCloseTo((y / turn) * length, 9);
        }
      }),
    ));

  it("of normal numbers has the moments of a normal number, and each two in a row are not correlated", () => {
    const stream = random(1, "normal");
    const values = Array.from({ length: 100_000 }, () => stream.normal());
    const mean = (of: (x: number, i: number) => number) =>
      values.reduce((sum, x, i) => sum + of(x, i), 0) / values.length;
    const next = (i: number) => values[(i + 1) % values.length]!;
    // Mean and variance of x, x², x⁴ and of the product of two: six deviations.
    for (const [of, moment, spread] of [
      [(x: number) => x, 0, 1],
      [(x: number) => x ** 2, 1, 2],
      [(x: number) => x ** 4, 3, 96],
      [(x: number, i: number) => x * next(i), 0, 1],
      [(x: number, i: number) => x ** 2 * next(i) ** 2, 1, 8],
    ] as const)
      expect(Math.abs(mean(of) - moment)).toBeLessThan(6 * Math.sqrt(spread / values.length));
  });

  it("puts things into every order equally often, drawing from nothing else", () => {
    const stream = random(1, "orders");
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let i = 0; i < draws; i++) {
      const order = `${permutation(4, stream)}`;
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    for (const count of counts.values())
      expect(Math.abs(count - draws / 24)).toBeLessThan(6 * Math.sqrt(draws / 24));
    const [one, other] = [1, 2].map((seed) => permutation(50, random(seed, "orders")));
    expect(one).not.toEqual(other);
  });
});

it("passing over numbers of a stream is drawing and forgetting them", () =>
  fc.assert(
    fc.property(fc.nat(), fc.array(fc.tuple(fc.nat(100), fc.nat(5)), { maxLength: 5 }), (seed, turns) => {
      const [passing, drawing] = [random(seed, "stream"), random(seed, "stream")];
      for (const [passed, drawn] of turns) {
        passing.skip(passed);
        for (let i = 0; i < passed; i++) drawing.bits();
        for (let i = 0; i < drawn; i++) expect(passing.bits()).toBe(drawing.bits());
      }
      expect(passing.uniform()).toBe(drawing.uniform());
    }),
  ));

it("passing over one number too few shows in the next", () => {
  const [passing, drawing] = [random(1, "stream"), random(1, "stream")];
  passing.skip(99);
  for (let i = 0; i < 100; i++) drawing.bits();
  expect(passing.bits()).not.toBe(drawing.bits());
});
