import { afterAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { gpu } from "../../../../backends/gpu/index.ts";
import type { FloatArray, Update, UpdateGradient } from "../../../../core/backend.ts";
import { bagCount } from "../../../../core/lookup.ts";
import { wholes } from "../small-forms.ts";
import { lookedUp, rules } from "../small-steps.ts";

const backends = await Promise.all((["cpu", "webasm"] as const).map((mode) => gpu({ mode })));
afterAll(() => Promise.all(backends.map((backend) => backend.destroy())));

const numbers = (values: FloatArray): number[] => [...values].map((x) => x + 0); // −0 is 0

describe.each(backends.map((backend) => [backend.name, backend] as const))(
  "%s makes a step",
  (_, backend) => {
    /** Whether a step on `count` weights is the reference's, and nothing else is held after it. */
    async function agrees(
      update: Update,
      count: number,
      gradient: (on: (values: Float32Array) => object) => UpdateGradient,
    ): Promise<void> {
      const given = [wholes(count), ...update.state.map((__, i) => wholes(count / update.width, 2 + i))];
      const own = given.map((values) => values.slice());
      const right = cpu.update(
        update,
        own[0]!,
        own.slice(1),
        gradient((values) => values),
      );
      const uploaded: object[] = [];
      const kept = gradient((values) => {
        uploaded.push(backend.upload(values));
        return uploaded.at(-1)!;
      });
      const [weights, ...state] = given.map((values) => backend.upload(values));
      const made = backend.update(update, weights!, state, kept);
      const handles = [made.weights, ...made.state];
      const read = await Promise.all(handles.map((handle) => backend.read(handle)));
      expect(read.map(numbers)).toEqual([right.weights, ...right.state].map((x) => numbers(x as FloatArray)));
      expect(backend.statistics.arrays).toBe(handles.length + uploaded.length);
      for (const handle of [...handles, ...uploaded]) backend.free(handle);
    }

    it.each(Object.entries(rules))("%s, of all weights", async (__, update) => {
      await agrees(update, 24, (on) => ({ kind: "dense", values: on(wholes(24, 9, 16)) }));
    });

    it.each(Object.entries(rules))("%s, of what is looked up", async (__, update) => {
      for (const [, lookups] of lookedUp)
        if (lookups.every(({ starts }) => starts.length > 0))
          await agrees(update, lookups[0].memorySize, (on) => ({
            kind: "sparse",
            parts: lookups.map((lookup, i) => ({
              lookup,
              values: on(wholes(bagCount(lookup) * lookup.dim, 20 + i, 16)),
            })),
          }));
    });
  },
);
