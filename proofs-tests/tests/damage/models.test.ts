import { join } from "node:path";
import { expect, it } from "vitest";
import { seed } from "../seed.ts";
import { temporaryFolder } from "../temporary.ts";
import { models } from "./models.ts";

it("damaged models are refused in a sentence, or are what was saved, or whole models of another", async () => {
  const count = 400;
  const { counts, faults } = await models({ count, seed, kept: join(temporaryFolder(), "kept") });
  expect(faults).toEqual([]);
  expect(counts.refused).toBeGreaterThan(count / 2);
  expect(counts.other).toBeGreaterThan(0); // the damages with a sum of their own come as far as the last check
});
