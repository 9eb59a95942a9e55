import fc from "fast-check";
import { expect, it } from "vitest";
import { random } from "../core/random.ts";

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
