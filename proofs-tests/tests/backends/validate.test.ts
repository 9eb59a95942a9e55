import { describe, expect, it, vi } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { type Agreement, validate } from "../../../backends/validate.ts";
import type { Backend, FloatArray, Rounding, Update, UpdateGradient } from "../../../core/backend.ts";
import { scalar } from "../../../core/scalar.ts";

/** The reference, but each result of a form is `off` by this much at its element 1. */
const formsOff = (off: number): Backend => ({
  ...cpu,
  run(form, inputs) {
    const out = cpu.run(form, inputs) as FloatArray;
    out[1]! += off;
    return out;
  },
});

/** The reference, but each optimizer step leaves weight or state number `index` `off` by this much. */
const stepsOff = (off: number, index = 0): Backend => ({
  ...cpu,
  update(step, weights, state, gradient) {
    const made = cpu.update(step, weights, state, gradient);
    const arrays = [made.weights, ...made.state] as FloatArray[];
    const [array, at] = index < arrays[0]!.length ? [0, index] : [1, index - arrays[0]!.length];
    arrays[array]![at]! += off;
    return made;
  },
});

/** Runs x · y for a row [1, 2] and the columns of [[3, 5], [4, −6]]: 11, and −7 of 5 − 12. */
function multiply(backend: Backend): void {
  const [a, b] = [backend.upload([1, 2]), backend.upload([3, 5, 4, -6])];
  const plain = { transposeA: false, transposeB: false, bias: false };
  backend.run({ kind: "matmul", n: 1, k: 2, m: 2, ...plain }, [a, b]);
}

/** What `agree` says of some work on a backend. */
async function agreementOf(backend: Backend, work: (watched: Backend) => void): Promise<Agreement> {
  const watched = validate(backend);
  work(watched.backend);
  return watched.agreement();
}

describe("agree, of a form", () => {
  // k = 2 products: γ₄ · (|1 · 5| + |2 · −6|) of u = 2⁻²⁴, that is 17 · 4u/(1 − 4u).
  const allowed = (17 * 4 * 2 ** -24) / (1 - 4 * 2 ** -24);

  it("allows what rounding explains and says what share of it was used", async () => {
    const off = -(2 ** -19); // near −7 floats are 2⁻²¹ apart
    const { first, worst } = await agreementOf(formsOff(off), multiply);
    expect(first).toBeUndefined();
    expect(worst).toBeCloseTo(2 ** -19 / allowed, 9);
  });

  it("refuses a little more than that, and says where and by how much", async () => {
    const off = 10 * 2 ** -21; // 4.77 · 10⁻⁶; allowed are 4.05 · 10⁻⁶
    const { first, worst } = await agreementOf(formsOff(off), multiply);
    expect(first).toMatchObject({ call: 0, form: "matmul", index: 1, expected: -7, actual: -7 + off });
    expect(first!.allowed).toBeCloseTo(allowed, 12);
    expect(worst).toBeCloseTo(off / allowed, 9);
  });

  it("keeps the first of several faults, and the worst share of all", async () => {
    let call = 0;
    const offs = [0, 1e-3, 10, 1e-2];
    const faulty: Backend = { ...cpu, run: (form, inputs) => formsOff(offs[call++]!).run(form, inputs) };
    const { calls, worst, first } = await agreementOf(faulty, (watched) => {
      for (const _ of offs) multiply(watched);
    });
    expect(calls).toBe(4);
    expect(first).toMatchObject({ call: 1, index: 1 });
    expect(worst).toBeGreaterThan(9.9 / allowed);
  });

  it("refuses a result that is no number, and an infinite one", async () => {
    for (const off of [Number.NaN, Infinity]) {
      const { first, worst } = await agreementOf(formsOff(off), multiply);
      expect(first).toMatchObject({ index: 1 });
      expect(worst).toBe(Infinity);
    }
  });

  it("has nothing against a result that is no number where none can be", async () => {
    const root = scalar("x", "Math.sqrt(x)");
    const { first, worst } = await agreementOf(cpu, (watched) => {
      watched.run({ kind: "map", f: root, shape: [2], inputs: [[2]] }, [watched.upload([-1, 4])]);
    });
    expect({ first, worst }).toEqual({ first: undefined, worst: 0 });
  });
});

const plain: Update = {
  name: "sgd",
  steps: [{ target: "w", expression: "w - rate * g" }],
  state: [],
  hyper: { rate: 0.5 },
  zeroGradient: "nothing",
  width: 1,
};
const summing: Update = {
  ...plain,
  steps: [{ target: "s", expression: "s + g * g" }, ...plain.steps],
  state: ["s"],
};

interface Stepped {
  readonly weights: readonly number[];
  readonly state?: readonly number[];
  readonly rounding?: Rounding;
}

/** One step on the backend. */
const step =
  ({ weights, state, rounding }: Stepped, gradient: (watched: Backend) => UpdateGradient) =>
  (watched: Backend): void => {
    const how = { ...(state ? summing : plain), ...(rounding && { rounding }) };
    const handles = (state ? [state] : []).map((values) => watched.upload(values));
    watched.update(how, watched.upload(weights, rounding && "f16"), handles, gradient(watched));
  };
const denseOf =
  (...values: number[]) =>
  (watched: Backend): UpdateGradient => ({ kind: "dense", values: watched.upload(values) });

describe("agree, of an optimizer step", () => {
  // 2¹¹ · 2⁻²⁴ of |new| + |old| + |g| + g², where g is the largest gradient: for w = 1 − 0.5 · 3 that is
  // 0.5 + 1 + 3 + 9 = 13.5 times 2⁻¹³.
  const allowed = 13.5 * 2 ** -13;

  it.each([
    [0.98, undefined],
    [1.02, { call: 0, form: "update", index: 0, expected: -0.5 }],
    [-1.02, { call: 0, form: "update", index: 0, expected: -0.5 }],
  ])("%d of the bound: %j", async (share, expected) => {
    const { first, worst } = await agreementOf(stepsOff(share * allowed), step({ weights: [1] }, denseOf(3)));
    if (expected === undefined) expect(first).toBeUndefined();
    else {
      expect(first).toMatchObject(expected);
      expect(first!.allowed).toBeCloseTo(allowed, 9);
    }
    expect(worst).toBeCloseTo(Math.abs(share), 4);
  });

  it("looks at the state too, which it numbers after the weights", async () => {
    // State 2 + 9 = 11: 11 + 2 + 3 + 9 = 25 times 2⁻¹³.
    const stepped = step({ weights: [1], state: [2] }, denseOf(3));
    const [within, beyond] = [0.98, 1.02].map((share) => stepsOff(share * 25 * 2 ** -13, 1));
    expect((await agreementOf(within!, stepped)).first).toBeUndefined();
    expect((await agreementOf(beyond!, stepped)).first).toMatchObject({ index: 1, expected: 11 });
  });

  it("counts all that read a slot where the gradient is sparse", async () => {
    // Two parts of 2 and 1 items: a slot's gradient may be 3 times the largest number, 3 · 2. For the first slot,
    // which one item of the first part reads: 1 − 0.5 · 2 = 0, so 0 + 1 + 6 + 36 = 43 times 2⁻¹³.
    const lookup = (...starts: number[]) => ({
      dim: 1,
      block: 1,
      memorySize: 4,
      starts: Uint32Array.from(starts),
      bags: Uint32Array.from({ length: starts.length + 1 }, (_, i) => i),
    });
    const stepped = step({ weights: [1, 1, 1, 1] }, (watched) => ({
      kind: "sparse",
      parts: [
        { lookup: lookup(0, 1), values: watched.upload([2, 0.5]) },
        { lookup: lookup(2), values: watched.upload([-1]) },
      ],
    }));
    const [within, beyond] = [0.98, 1.02].map((share) => stepsOff(share * 43 * 2 ** -13));
    expect((await agreementOf(within!, stepped)).first).toBeUndefined();
    const { first } = await agreementOf(beyond!, stepped);
    expect(first).toMatchObject({ index: 0, expected: 0 });
    expect(first!.allowed).toBeCloseTo(43 * 2 ** -13, 9);
  });

  it("allows the state, which stays in floats, no step of halves", async () => {
    // State 2 + 4 = 6: 2⁻¹³ of 6 + 2 + 2 + 4 is 0.0017; halves near 6 are 2⁻⁸ = 0.0039 apart.
    const stepped = step({ weights: [2.5], state: [2], rounding: { mode: "nearest" } }, denseOf(2));
    const found = await Promise.all([0.0016, 0.003].map((off) => agreementOf(stepsOff(off, 1), stepped)));
    expect(found.map(({ first }) => first?.index)).toEqual([undefined, 1]);
  });

  it("allows a weight stored as a half one step of its halves more, and not three", async () => {
    // Halves near 1.5 are 2⁻¹⁰ apart; 2.5 − 0.5 · 2 = 1.5 is one of them. Rounding adds 2⁻¹³ of some 10.
    const halvesOff = (steps: number): Backend => ({
      ...cpu,
      update(how, weights, state, gradient) {
        const made = cpu.update(how, weights, state, gradient);
        (made.weights as Uint16Array)[0]! += steps; // bits of neighboring halves are neighbors
        return made;
      },
    });
    const stepped = step({ weights: [2.5], rounding: { mode: "nearest" } }, denseOf(2));
    const found = await Promise.all([0, 1, 3].map((steps) => agreementOf(halvesOff(steps), stepped)));
    expect(found.map(({ first }) => first === undefined)).toEqual([true, true, false]);
    // 2⁻¹³ · (1.5 + 2⁻¹⁰ + 2.5 + 2 + 4) + 2⁻¹⁰
    expect(found[2]!.first!.allowed).toBeCloseTo(2 ** -13 * (10 + 2 ** -10) + 2 ** -10, 9);
    expect(found[2]!.first).toMatchObject({ expected: 1.5, actual: 1.5 + 3 * 2 ** -10 });
  });

  it("allows a step of the larger halves where two of different size are compared", async () => {
    // 3 − 0.5 · (2 + 2⁻⁹) = 2 − 2⁻¹⁰. Two halves on is 2 + 2⁻⁹: above 2 they are 2⁻⁹ apart, below it 2⁻¹⁰.
    const twoOn: Backend = {
      ...cpu,
      update(how, weights, state, gradient) {
        const made = cpu.update(how, weights, state, gradient);
        (made.weights as Uint16Array)[0]! += 2;
        return made;
      },
    };
    const stepped = step({ weights: [3], rounding: { mode: "nearest" } }, denseOf(2 + 2 ** -9));
    const { first, worst } = await agreementOf(twoOn, stepped);
    expect(first).toBeUndefined();
    expect(worst).toBeGreaterThan(0.8);
  });

  it("allows of nothing at all what no normal number is smaller than, and no more", async () => {
    const stepped = step({ weights: [0] }, denseOf(0));
    const of = (off: number) => agreementOf(stepsOff(off), stepped);
    expect(await of(2 ** -126)).toMatchObject({ worst: 1, first: undefined });
    expect(await of(2 ** -126 * 1.01)).toMatchObject({
      first: { index: 0, expected: 0, allowed: 2 ** -126 },
    });
  });

  it("takes the largest gradient whatever its sign, and the size of what was and is", async () => {
    // 1 + 0.5 · 3 = 2.5: 2.5 + 1 + 3 + 9 = 15.5 times 2⁻¹³; −1 − 0.5 · 3 likewise.
    const allowed = 15.5 * 2 ** -13;
    for (const [weight, gradient] of [
      [1, -3],
      [-1, 3],
    ] as const) {
      const stepped = step({ weights: [weight] }, denseOf(gradient));
      const found = await Promise.all(
        [0.98, 1.02].map((share) => agreementOf(stepsOff(share * allowed), stepped)),
      );
      expect(found.map(({ first }) => first?.index)).toEqual([undefined, 0]);
    }
  });

  it("compares with what was there before, though a step changes it in place", async () => {
    const { calls, first, worst } = await agreementOf(cpu, (watched) => {
      const [w, s] = [watched.upload([1, 2, 3]), watched.upload([0, 0, 0])];
      const g = { kind: "dense", values: watched.upload([1, -2, 4]) } as const;
      for (const _ of [1, 2, 3]) watched.update(summing, w, [s], g);
    });
    expect({ calls, first, worst }).toEqual({ calls: 3, first: undefined, worst: 0 });
  });
});

describe("agree", () => {
  it("is the backend that it watches, by another name", async () => {
    const { backend, agreement } = validate(cpu);
    expect(backend).toMatchObject({ name: "agreed cpu", precision: "f32" });
    expect(await agreement()).toEqual({ calls: 0, worst: 0, first: undefined });
    expect([...(await backend.read(backend.upload([1, 2])))]).toEqual([1, 2]);
  });

  it("tells a failure to read to who asks, and to nobody else", async () => {
    const unheard = vi.fn();
    process.on("unhandledRejection", unheard);
    const lost: Backend = { ...cpu, read: () => Promise.reject(new Error("lost")) };
    const { backend, agreement } = validate(lost);
    multiply(backend);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(agreement()).rejects.toThrow("lost");
    process.off("unhandledRejection", unheard);
    expect(unheard).not.toHaveBeenCalled();
  });
});
