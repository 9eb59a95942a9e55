import { describe, expect, it } from "vitest";
import { blockSums, blocksOf, loadsOf, project, recover, type Sketch } from "../../../theory/theorem.ts";

describe("R of weights that are read from two slots", () => {
  // Weight 0 is M₂ − M₀, weight 1 is M₂ + M₁, weight 2 is twice −M₁.
  const sketch: Sketch = {
    memory: 4,
    places: 2,
    slots: Uint32Array.of(2, 0, 2, 1, 1, 1),
    signs: Int8Array.of(1, -1, 1, 1, -1, -1),
  };
  it("gives each weight the sum of its slots", () =>
    expect(recover(sketch, [1, 10, 100, 1000])).toEqual(Float64Array.of(99, 110, -20)));
  it("gives each slot the sum of its weights", () =>
    expect(project(sketch, [1, 10, 100])).toEqual(Float64Array.of(-1, 10 - 200, 11, 0)));
  it("has the loads of its slots", () => expect([...loadsOf(sketch)]).toEqual([1, 3, 2, 0]));
});

describe("blocks", () => {
  it("begin anew with each row; the last of a row may be shorter", () => {
    const x = new Float64Array(6);
    const instance = { rows: 2, dim: 3, memory: 4, x, y: x, epsilon: 0.5 };
    expect([...blocksOf({ ...instance, block: 2 })]).toEqual([0, 0, 1, 2, 2, 3]);
    expect([...blocksOf({ ...instance, block: 3 })]).toEqual([0, 0, 0, 1, 1, 1]);
  });
  it("are added up each by itself; of none there is no sum", () => {
    expect([...blockSums(Uint32Array.of(0, 0, 1, 2), (k) => 10 ** k)]).toEqual([11, 100, 1000]);
    expect(blockSums(new Uint32Array(), () => 1)).toHaveLength(0);
  });
});
