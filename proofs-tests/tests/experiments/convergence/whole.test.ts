import { expect, it, vi } from "vitest";
import { iterationsToQuality } from "../../../experiments/convergence/iterations.ts";
import { interferences, linearSteps } from "../../../experiments/convergence/linear.ts";
import { quadraticSteps } from "../../../experiments/convergence/quadratic.ts";
import type { StableStep } from "../../../experiments/convergence/stable-step.ts";
import { convergenceStudy } from "../../../experiments/convergence/study.ts";

vi.mock("../../../experiments/convergence/quadratic.ts", () => ({ quadraticSteps: vi.fn() }));
vi.mock("../../../experiments/convergence/linear.ts", () => ({
  linearSteps: vi.fn(),
  interferences: vi.fn(),
}));
vi.mock("../../../experiments/convergence/iterations.ts", async (original) => ({
  ...(await original()),
  iterationsToQuality: vi.fn(),
}));

const step: StableStep = {
  memory: 4,
  load: 2,
  largestLoad: 3,
  bound: 1,
  predicted: 2,
  measured: 2,
  notRejected: true,
};

it("a study has each of its four parts, made by its seed, its draws and its options, and tells which is next", async () => {
  const parts = {
    quadratic: [step],
    linear: [{ ...step, memory: 5 }],
    interference: [{ memory: 6, measured: 1, predicted: 1, interval: [0, 2] as const, notRejected: true }],
    iterations: [{ load: 1, memory: 7, steps: [3], ratio: 1 }],
  };
  vi.mocked(quadraticSteps).mockResolvedValue(parts.quadratic);
  vi.mocked(linearSteps).mockResolvedValue(parts.linear);
  vi.mocked(interferences).mockResolvedValue(parts.interference);
  vi.mocked(iterationsToQuality).mockResolvedValue(parts.iterations);
  const options = { loads: [1], seeds: [1], target: 10, most: 20, every: 5 };
  const said: string[] = [];
  const study = await convergenceStudy({ seed: 8, draws: 400, iterations: options }, (line) =>
    said.push(line),
  );
  expect(study).toEqual({ ...parts, options, seed: 8 });
  expect(vi.mocked(quadraticSteps).mock.calls).toEqual([[8]]);
  expect(vi.mocked(linearSteps).mock.calls).toEqual([[8]]);
  expect(vi.mocked(interferences).mock.calls).toEqual([[400]]);
  expect(vi.mocked(iterationsToQuality).mock.calls).toEqual([[options]]);
  expect(new Set(said).size).toBe(4);
  expect(await convergenceStudy({ seed: 8, draws: 400, iterations: options })).toEqual(study); // in silence
});
