import { join } from "node:path";
import { expect, it } from "vitest";
import { seed } from "../seed.ts";
import { temporaryFolder } from "../temporary.ts";
import { kills, type Signal } from "./kills.ts";

it.each<Signal>(["SIGKILL", "SIGTERM"])(
  "trainings that %s ends at any moment go on to the bits of one that nobody stopped",
  async (signal) => {
    const { counts, faults } = await kills({
      ...{ count: 1, seed, from: Math.abs(seed) % 3, signal },
      kept: join(temporaryFolder(), "kept"),
    });
    expect(faults).toEqual([]);
    expect(counts.trainings).toBe(1);
    expect(counts.kills).toBeGreaterThanOrEqual(1);
  },
);
