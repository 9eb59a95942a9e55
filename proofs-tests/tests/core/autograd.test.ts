import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../backends/cpu/index.ts";
import { dense, gradients } from "../../../core/backward.ts";
import { add, multiply, scale } from "../../../core/ops/arithmetic.ts";
import { embeddingBag } from "../../../core/ops/embedding-bag.ts";
import { matmul } from "../../../core/ops/matmul.ts";
import { sumAll } from "../../../core/ops/sum.ts";
import { liveTensors, tensor, tidy } from "../../../core/tensor.ts";
import { said } from "../models/dlrm/tiny-model.ts";

describe("the reverse sweep", () => {
  it("goes through a graph 100,000 ops deep", async () => {
    const x = tensor(cpu64, [], [1]);
    let y = x;
    for (let i = 0; i < 100_000; i++) y = add(y, x);
    expect(await dense(gradients(y, [x])[0]!).item()).toBe(100_001);
  });

  it("visits a tensor that is used twice once, after both uses", async () => {
    const x = tensor(cpu64, [], [3]);
    const square = multiply(x, x);
    const fourth = multiply(square, square);
    expect(await dense(gradients(fourth, [x])[0]!).item()).toBe(4 * 27);
  });

  it("differentiates its own result: x⁴ has the third derivative 24x", async () => {
    const x = tensor(cpu64, [], [3]);
    let y = multiply(multiply(x, x), multiply(x, x));
    for (let order = 0; order < 3; order++) y = dense(gradients(y, [x])[0]!);
    expect(await y.item()).toBe(24 * 3);
  });

  it("keeps the gradient of a gathered memory as contributions, two gathers as two", async () => {
    const memory = tensor(cpu64, [4], [1, 2, 3, 4]);
    const read = (start: number) =>
      embeddingBag(memory, {
        lookup: {
          dim: 2,
          block: 2,
          starts: Uint32Array.of(start),
          bags: Uint32Array.of(0, 1),
          memorySize: 4,
        },
      });
    const [g] = gradients(sumAll(add(read(0), scale(read(3), { by: 10 }))), [memory]);
    expect(g).toMatchObject({ kind: "contributions", parts: [{}, {}] });
    expect([...(await dense(g!).data())]).toEqual([1 + 10, 1, 0, 10]);
  });

  it("gives null for what the output does not depend on", () => {
    const [x, y] = [tensor(cpu64, [], [1]), tensor(cpu64, [], [2])];
    expect(gradients(scale(x, { by: 2 }), [y])).toEqual([null]);
  });
});

describe("errors are sentences", () => {
  const zeros = (...shape: number[]) =>
    tensor(cpu, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

  it("a shape clash names both sizes", () => {
    expect(said(() => matmul(zeros(2, 3), zeros(4, 5), {}))).toBe(
      "matmul: the inner sizes differ, 3 and 4, for shapes [2 × 3] and [4 × 5].",
    );
  });
  it("shapes that do not broadcast", () => {
    expect(said(() => add(zeros(2, 3), zeros(2, 4)))).toContain("[2 × 3] and [2 × 4] do not broadcast");
  });
  it("two backends in one op say how to mend it", () => {
    expect(said(() => add(zeros(2), tensor(cpu64, [2], [1, 2])))).toContain(
      "move one with await model.to(backend)",
    );
  });
  it("a freed tensor", () => {
    const lost = zeros(3);
    lost.free();
    expect(said(() => add(lost, lost))).toContain("used after it was freed");
  });
  it("gradients of something that is not one number", () => {
    expect(said(() => gradients(zeros(2), [zeros(2)]))).toContain("needs a seed");
  });
});

describe("scopes", () => {
  it("free all that they do not return, views and inner scopes included", () => {
    const x = tensor(cpu, [2, 2], [1, 2, 3, 4]);
    const before = liveTensors();
    const kept = tidy(() => {
      const y = tidy(() => add(x, x));
      return sumAll(multiply(y, y));
    });
    expect(liveTensors()).toBe(before + 1);
    kept.free();
    kept.free();
    expect(liveTensors()).toBe(before);
  });
});
