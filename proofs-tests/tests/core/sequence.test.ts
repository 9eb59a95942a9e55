import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../core/numeric/random.ts";
import { type Sequence, sequence } from "../../../core/numeric/sequence.ts";

const drawn = (from: Pick<Sequence, "uniform">, count: number) => Array.from({ length: count }, from.uniform);

describe("a sequence", () => {
  const first = 2 ** 24;
  const places = fc.oneof(
    fc.nat(5000),
    fc.integer({ min: first - 5000, max: first + 5000 }),
    fc.integer({ min: first, max: 2 ** 53 - 2 ** 13 }),
  );

  it("has the same number at a place, however it came there", () =>
    fc.assert(
      fc.property(
        fc.nat(),
        places,
        fc.array(fc.nat(4000), { minLength: 1, maxLength: 5 }),
        (seed, from, leaps) => {
          const leaping = sequence(seed, "numbers");
          const walking = sequence(seed, "numbers");
          walking.seek(from);
          const walked = drawn(walking, 4001);
          for (const leap of leaps) {
            leaping.seek(from + leap);
            expect(leaping.uniform()).toBe(walked[leap]);
            if (leap < 4000) expect(leaping.uniform()).toBe(walked[leap + 1]); // and goes on from there
          }
        },
      ),
      { numRuns: 60 },
    ));

  it("is the stream of its name for 2²⁴ numbers, then pieces of it of 2¹⁰", () => {
    const [numbers, stream] = [sequence(5, "weights"), random(5, "weights")];
    expect(drawn(numbers, 100)).toEqual(drawn(stream, 100));
    numbers.seek(first - 3);
    stream.skip(2 * (first - 103));
    const [one, two, three] = [1, 2, 3].map((piece) => random(5, "weights", piece));
    expect(drawn(numbers, 3 + 1024 + 1024 + 2)).toEqual([
      ...drawn(stream, 3),
      ...drawn(one!, 1024),
      ...drawn(two!, 1024),
      ...drawn(three!, 2),
    ]);
    numbers.seek(0);
    expect(drawn(numbers, 5)).toEqual(drawn(random(5, "weights"), 5));
  });

  it("has pieces that know nothing of their neighbors, near and 2³² away", () => {
    const count = 40_000;
    for (const apart of [1, 2 ** 32]) {
      const firsts = Array.from({ length: count }, (_, i) => random(1, "pieces", i * apart).uniform() - 0.5);
      expect(new Set(firsts).size).toBe(count);
      const sum = (of: (x: number, i: number) => number) =>
        firsts.reduce((total, x, i) => total + of(x, i), 0);
      // Six deviations of a sum of uniform numbers, and of products of two.
      expect(Math.abs(sum((x) => x))).toBeLessThan(6 * Math.sqrt(count / 12));
      expect(Math.abs(sum((x, i) => x * (firsts[i + 1] ?? 0)))).toBeLessThan((6 * Math.sqrt(count)) / 12);
    }
    expect(random(1, "pieces", 1).uniform()).not.toBe(random(1, "pieces", 2 ** 32).uniform());
  });
});
