import { expect, it } from "vitest";
import { interferences } from "../../../experiments/convergence/linear.ts";

it("interference of samples that share nothing is predicted as 0.05 · √3 · √3/√m", async () => {
  // A step of 0.1 on a residual of ½; two samples of three ids each.
  const found = await interferences(200);
  expect(found.map(({ memory }) => memory)).toEqual([90, 45, 22, 11]);
  expect(found[0]).toMatchObject({ measured: 0, predicted: 0, notRejected: true });
  for (const { memory, predicted, measured, interval } of found.slice(1)) {
    expect(predicted).toBeCloseTo(0.15 / Math.sqrt(memory), 12);
    expect(measured).toBeGreaterThan(interval[0]);
    expect(measured).toBeLessThan(interval[1]);
    expect(Math.abs(measured / predicted - 1)).toBeLessThan(0.5);
  }
});
