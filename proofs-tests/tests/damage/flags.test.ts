import { join } from "node:path";
import { expect, it } from "vitest";
import { seed } from "../seed.ts";
import { temporaryFolder } from "../temporary.ts";
import { flags } from "./flags.ts";

it("whatever flags are given, a command works or is refused in a sentence, and reads what it was given", async () => {
  const { counts, faults } = await flags({ count: 24, seed, kept: join(temporaryFolder(), "kept") });
  expect(faults).toEqual([]);
  expect(counts["exit 0"]).toBeGreaterThan(0);
  expect(counts["exit 2"]).toBeGreaterThan(0);
});
