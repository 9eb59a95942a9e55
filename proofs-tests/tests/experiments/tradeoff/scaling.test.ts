import fc from "fast-check";
import { expect, it } from "vitest";
import { scalingLaw } from "../../../experiments/tradeoff/scaling.ts";

it("a power law is found from losses that follow it, whatever gains stand among them", () =>
  fc.assert(
    fc.property(
      fc.double({ min: 1e-3, max: 10, noNaN: true }),
      fc.double({ min: -0.5, max: 2, noNaN: true }),
      (a, b) => {
        const lossOf = (bytes: number) => a * bytes ** -b;
        const losses = [100, 3000, 10_000].map((bytes) => ({ bytes, loss: lossOf(bytes) }));
        const law = scalingLaw([...losses, { bytes: 500, loss: -0.01 }])!;
        expect(law(1e5) / lossOf(1e5)).toBeCloseTo(1, 6);
      },
    ),
  ));

it("there is none of one loss, of one size, or of gains", () => {
  expect(scalingLaw([{ bytes: 10, loss: 0.1 }])).toBeUndefined();
  expect(scalingLaw([10, 10].map((bytes) => ({ bytes, loss: 0.1 })))).toBeUndefined();
  expect(scalingLaw([10, 20].map((bytes) => ({ bytes, loss: -0.1 })))).toBeUndefined();
});

it("of losses that follow none, it goes between them", () => {
  const law = scalingLaw([
    { bytes: 1, loss: 1 },
    { bytes: 10, loss: 0.01 },
    { bytes: 100, loss: 0.01 },
  ])!;
  // Logarithms to base 10 are 0, −2, −2: a slope of −1 through −4/3 at 10.
  expect(Math.log10(law(10))).toBeCloseTo(-4 / 3, 9);
  expect(Math.log10(law(1000))).toBeCloseTo(-4 / 3 - 2, 9);
});
