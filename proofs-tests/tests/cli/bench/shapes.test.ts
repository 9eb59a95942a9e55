import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { kaggleShape, smallShape } from "../../../../cli/bench/shapes.ts";
import { dlrm } from "../../../../models/dlrm/dlrm.ts";

/** Floats of each parameter. */
function sizesOf({ model, embedding }: typeof smallShape): number[] {
  const made = dlrm({ ...model, embedding, backend: cpu, seed: 1 });
  const sizes = made.parameters.map(({ size }) => size);
  made.free();
  return sizes;
}

describe("the models that are timed", () => {
  it("are a small one, with a tenth of 112,220 ids' floats", () => {
    const layers = [13 * 128, 128, 128 * 64, 64, 64 * 16, 16]; // each layer's weight and bias
    const top = [(36 + 16) * 64, 64, 64, 1]; // nine vectors meet in 36 pairs
    expect(sizesOf(smallShape)).toEqual([179_552, ...layers, ...top]);
    expect(smallShape.batch).toBe(256);
  });

  it("are the reference's for Criteo, with a thousandth of 33,762,577 ids' floats", () => {
    const layers = [13 * 512, 512, 512 * 256, 256, 256 * 64, 64, 64 * 16, 16];
    const top = [(351 + 16) * 512, 512, 512 * 256, 256, 256, 1]; // 27 vectors meet in 351 pairs
    expect(sizesOf(kaggleShape)).toEqual([540_201, ...layers, ...top]);
    expect(kaggleShape.batch).toBe(2048);
  });
});
