import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { evaluate } from "../../../../backends/fast/forms.ts";
import * as job from "../../../../backends/fast/kernels/job.ts";
import { type Form, outputSize } from "../../../../core/form.ts";
import type { Lookup } from "../../../../core/lookup.ts";
import { toHalves } from "../../../../core/numeric/half.ts";
import { positivePart } from "../../../../core/ops/functions.ts";
import { scalar } from "../../../../core/scalar.ts";
import { lookups, smallForms, wholes } from "../small-forms.ts";
import { type Walled, walledMachine } from "./walled-machine.ts";

/** One that shares all there is among its threads, and one that decides for itself. */
const [sharing, deciding] = [await walledMachine(2, true), await walledMachine(2)];
afterAll(() => Promise.all([sharing.close(), deciding.close()]));
beforeEach(() => {
  for (const { taken, launched } of [sharing, deciding]) taken.length = launched.length = 0;
});

/** The result of `form`, after which nothing else is held. */
function made(machine: Walled, form: Form, inputs: readonly Float32Array[]): number[] {
  const places = inputs.map((values) => machine.put(values));
  const out = machine.heap.take(4 * outputSize(form));
  machine.taken.length = 0;
  evaluate(machine, form, places, out);
  const result = [...machine.floats(out, outputSize(form))];
  for (const place of [...places, out]) machine.heap.give(place);
  expect(machine.held()).toBe(0);
  return result;
}

function agrees(form: Form, lengths: readonly number[]): void {
  const inputs = lengths.map((length, i) => wholes(length, i));
  expect(made(sharing, form, inputs)).toEqual([...(cpu.run(form, inputs) as Float32Array)]);
}

describe("a kernel makes what it should, in its own arrays only:", () => {
  it.each(smallForms)("%s", (_, cases) => {
    for (const [form, lengths] of cases) agrees(form, lengths);
  });

  it("parts of an arrangement that have no cell", () => {
    const part = { offset: 0, strides: [2, 1], start: [0, 0], extent: [3, 2] };
    const none = { offset: 0, strides: [0, 1], start: [0, 2], extent: [3, 0] };
    agrees({ kind: "arrange", shape: [3, 5], parts: [part, none] }, [6, 1]);
  });

  it("lookups of halves, and of arrays outside", () => {
    for (const lookup of lookups) {
      const [values, batch] = [wholes(lookup.memorySize), wholes((lookup.bags.length - 1) * lookup.dim)];
      const gather: Form = { kind: "gather", lookup };
      const expected = [...(cpu.run(gather, [values]) as Float32Array)];
      const halves = { halves: sharing.put(toHalves(values)) };
      for (const home of [halves, values]) {
        const out = sharing.heap.take(4 * expected.length);
        evaluate(sharing, gather, [home], out);
        expect([...sharing.floats(out, expected.length)]).toEqual(expected);
        sharing.heap.give(out);
      }
      sharing.heap.give(halves.halves);
      const place = sharing.put(batch);
      const outside = new Float32Array(lookup.memorySize);
      evaluate(sharing, { kind: "scatter", lookup }, [place], outside);
      expect(outside).toEqual(cpu.run({ kind: "scatter", lookup }, [batch]));
      sharing.heap.give(place);
      expect(sharing.held()).toBe(0);
    }
  });
});

describe("a form is shared by threads", () => {
  const plain = { transposeA: false, transposeB: false, bias: false };
  const pairing = { vectors: 8, dim: 64, itself: true };
  const lookup = (bags: number, memory: number): Lookup => ({
    dim: 128,
    block: 64,
    memorySize: memory,
    starts: new Uint32Array(2 * bags),
    bags: Uint32Array.from({ length: bags + 1 }, (_, i) => i),
  });
  const add = scalar("x, y", "x + y");
  const addTwice = scalar("x, y", "x + y + y");
  /** By kernel: floats of the inputs, and a form of 2¹⁵ elementary steps or, of one size less, of fewer. */
  const forms: readonly [name: string, kernel: number, (less: number) => readonly [Form, ...number[]]][] = [
    ["sums", job.REDUCE, (less) => [{ kind: "reduce", outer: 32, summed: 32, inner: 32 - less }, 2 ** 15]],
    [
      "products",
      job.MATMUL,
      (less) => [{ kind: "matmul", n: 32, k: 32, m: 32 - less, ...plain }, 1024, 1024],
    ],
    [
      "the packing of a product",
      job.PACK,
      (less) => [{ kind: "matmul", n: 2, k: 128, m: 256 - less, ...plain }, 256, 2 ** 15],
    ],
    [
      "products with a column",
      job.MATVEC,
      (less) => [{ kind: "matmul", n: 256, k: 128 - less, m: 1, ...plain }, 2 ** 15, 128],
    ],
    [
      "products with a row",
      job.VECMAT,
      (less) => [{ kind: "matmul", n: 1, k: 128, m: 256 - less, ...plain }, 128, 2 ** 15],
    ],
    ["pairs", job.PAIRS, (less) => [{ kind: "pairs", ...pairing, samples: 8 - less }, 8 * 8 * 64]],
    ["mixtures", job.MIX, (less) => [{ kind: "mix", ...pairing, samples: 8 - less }, 8 * 36, 8 * 8 * 64]],
    [
      "functions",
      job.PROGRAM,
      (less) => [
        { kind: "map", f: add, shape: [2 ** 15 - less], inputs: [[2 ** 15 - less], [1]] },
        2 ** 15,
        1,
      ],
    ],
    [
      "longer functions",
      job.PROGRAM,
      (less) => [
        { kind: "map", f: addTwice, shape: [2 ** 14 - less], inputs: [[2 ** 14 - less], [1]] },
        2 ** 14,
        1,
      ],
    ],
    [
      "arrangements",
      job.ARRANGE,
      (less) => [
        {
          kind: "arrange",
          shape: [128, 256],
          parts: [{ offset: 0, strides: [256, 1], start: [0, 0], extent: [128, 256 - less] }],
        },
        2 ** 15,
      ],
    ],
    ["gathers", job.GATHER, (less) => [{ kind: "gather", lookup: lookup(256 - less, 64) }, 64]],
    ["scatters", job.SCATTER, (less) => [{ kind: "scatter", lookup: lookup(128, 2 ** 14 - less) }, 2 ** 14]],
  ];

  it.each(forms)("where it takes 2¹⁵ steps, and else is done by one: %s", (_, kernel, of) => {
    for (const [less, threads] of [
      [0, 2],
      [1, 1],
    ] as const) {
      const [form, ...inputs] = of(less);
      made(
        deciding,
        form,
        inputs.map((length) => wholes(length)),
      );
      expect(deciding.launched.findLast((launch) => launch.kernel === kernel)?.used).toBe(threads);
    }
  });
});

describe("no array and no pass of its own needs", () => {
  const kernels = () => deciding.launched.map(({ kernel }) => kernel);
  const plain = { kind: "matmul", transposeA: false, transposeB: false, bias: false } as const;

  it("a product with one row or one column", () => {
    made(deciding, { ...plain, n: 5, k: 6, m: 1 }, [wholes(30), wholes(6)]);
    made(deciding, { ...plain, n: 1, k: 6, m: 5 }, [wholes(6), wholes(30)]);
    made(deciding, { ...plain, n: 5, k: 6, m: 1, transposeA: true }, [wholes(30), wholes(6)]);
    made(deciding, { ...plain, n: 1, k: 6, m: 5, transposeB: true }, [wholes(6), wholes(30)]);
    expect(kernels()).toEqual([job.MATVEC, job.VECMAT, job.VECMAT, job.MATVEC]);
    expect(deciding.taken).toEqual([]);
  });

  it("the positive part of a product, or nothing done to it", () => {
    made(deciding, { ...plain, n: 5, k: 6, m: 1, f: positivePart }, [wholes(30), wholes(6)]);
    made(deciding, { ...plain, n: 5, k: 6, m: 2 }, [wholes(30), wholes(12)]);
    expect(kernels()).toEqual([job.MATVEC, job.PACK, job.MATMUL]);
  });

  it("a part of an arrangement that has no cell", () => {
    const none = { offset: 0, strides: [1, 1], start: [0, 0], extent: [2, 0] };
    made(deciding, { kind: "arrange", shape: [2, 2], parts: [none] }, [wholes(1)]);
    expect(kernels()).toEqual([]);
  });

  it("an axis that is walked as one with the next, or has one place", () => {
    const f = scalar("x", "x");
    /** Words of the first array taken: the number of axes, their sizes and their strides. */
    const words = (shape: readonly number[], input: readonly number[], size: number) => {
      made(deciding, { kind: "map", f, shape, inputs: [input] }, [wholes(size)]);
      return deciding.taken[0]! / 4;
    };
    expect(words([2, 3, 4, 5], [4, 5], 20)).toBe(1 + 2 * 2);
    expect(words([2, 1, 4, 1, 5], [2, 1, 1, 1, 5], 10)).toBe(1 + 2 * 3);
    expect(words([6, 2, 3, 1], [6, 2, 1, 1], 12)).toBe(1 + 2 * 2);
    expect(words([4, 2, 1, 3], [2, 1, 3], 6)).toBe(1 + 2 * 2);
  });

  it("an input that is as large as the result", () => {
    const arrays = (...input: number[]) => {
      const size = input.reduce((n, d) => n * d, 1);
      made(deciding, { kind: "map", f: scalar("x", "x"), shape: [2, 3], inputs: [input] }, [wholes(size)]);
      return deciding.taken.length;
    };
    expect(arrays(2, 3)).toBe(arrays(3) - 1);
  });

  it("an arrangement whose parts leave no cell out", () => {
    const halves = [0, 2].map((first) => ({ offset: 0, strides: [1], start: [first], extent: [2] }));
    const [out, inputs] = [deciding.heap.take(16), [deciding.put(wholes(2)), deciding.put(wholes(2))]];
    const floats = vi.fn(deciding.floats);
    evaluate({ ...deciding, floats }, { kind: "arrange", shape: [4], parts: halves }, inputs, out);
    expect(floats).not.toHaveBeenCalled();
    for (const place of [...inputs, out]) deciding.heap.give(place);
  });
});
