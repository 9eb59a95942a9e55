import { describe, expect, it, vi } from "vitest";
import { cpu, cpu64 } from "../../../backends/cpu/index.ts";
import { type FormCall, instrument } from "../../../backends/instrument.ts";
import type { Backend, Update } from "../../../core/backend.ts";
import type { Form } from "../../../core/form.ts";
import type { Lookup } from "../../../core/lookup.ts";
import { scalar } from "../../../core/scalar.ts";

/** Three items of 4 floats each, in two bags, from a memory of 100. */
const lookup: Lookup = {
  dim: 4,
  block: 4,
  memorySize: 100,
  starts: Uint32Array.of(0, 50, 98),
  bags: Uint32Array.of(0, 1, 3),
};
const pairs = { samples: 5, vectors: 4, dim: 3 };

/** A form, floats of its inputs, its additions and multiplications, and floats that it must read and write. */
const forms: readonly [Form, readonly number[], flops: number, floats: number][] = [
  [{ kind: "map", f: scalar("x, y", "x + y"), shape: [2, 3], inputs: [[2, 3], [3]] }, [6, 3], 6, 9 + 6],
  [{ kind: "reduce", outer: 2, summed: 5, inner: 3 }, [30], 30, 30 + 6],
  [
    { kind: "matmul", n: 2, k: 3, m: 5, transposeA: false, transposeB: false, bias: true },
    [6, 15, 5],
    60,
    26 + 10,
  ],
  // Each of 3 · 4 floats is read and added; of memory only those are read.
  [{ kind: "gather", lookup }, [100], 12 + 8, 12 + 8],
  [{ kind: "scatter", lookup }, [8], 12 + 8, 8 + 100],
  // Six pairs of four vectors, ten with a vector and itself; a product of 3 floats is 6 operations.
  [{ kind: "pairs", ...pairs, itself: false }, [60], 5 * 6 * 6, 60 + 30],
  [{ kind: "pairs", ...pairs, itself: true }, [60], 5 * 10 * 6, 60 + 50],
  [{ kind: "pairs", ...pairs, itself: false }, [60, 60], 2 * 5 * 6 * 6, 120 + 30],
  // Each of four vectors is made of the other three, or of all four.
  [{ kind: "mix", ...pairs, itself: false }, [30, 60], 5 * 4 * 3 * 6, 90 + 60],
  [{ kind: "mix", ...pairs, itself: true }, [50, 60], 5 * 4 * 4 * 6, 110 + 60],
  [
    { kind: "arrange", shape: [4], parts: [{ offset: 0, strides: [1], start: [1], extent: [2] }] },
    [2],
    0,
    2 + 4,
  ],
];

/** What a backend was seen to do in `work`. */
function eventsOf(backend: Backend, work: (observed: Backend) => void): FormCall[] {
  const events: FormCall[] = [];
  work(instrument(backend, (event) => void events.push(event)).backend);
  return events;
}

describe("observe counts what a form costs", () => {
  it.each(forms.map((form) => [form[0].kind, ...form] as const))(
    "%s",
    (kind, form, inputs, flops, floats) => {
      for (const [backend, bytes] of [
        [cpu, 4],
        [cpu64, 8],
      ] as const) {
        const events = eventsOf(backend, (observed) => {
          observed.run(
            form,
            inputs.map((length) => observed.upload(new Float32Array(length))),
          );
        });
        expect(events).toMatchObject([{ kind, flops, bytes: bytes * floats }]);
      }
    },
  );

  it("of a memory of halves reads two bytes a float", () => {
    const events = eventsOf(cpu, (observed) => {
      observed.run({ kind: "gather", lookup }, [observed.upload(new Float32Array(100), "f16")]);
    });
    expect(events[0]!.bytes).toBe(2 * 12 + 4 * 8);
  });
});

const step = (width: number): Update => ({
  name: "rowWiseAdagrad",
  steps: [
    { target: "s", expression: "s + meanSquare" },
    { target: "w", expression: "w - rate * g / Math.sqrt(s)" },
  ],
  state: ["s"],
  hyper: { rate: 1 },
  zeroGradient: "nothing",
  width,
});

describe("observe counts the bytes of an optimizer's step", () => {
  it.each([
    [1, 4 * (2 * 100 + 2 * 100 + 100)],
    [4, 4 * (2 * 100 + 2 * 25 + 100)],
  ])("on all weights: weights and state twice, the gradient once; a state for %i", (width, bytes) => {
    const events = eventsOf(cpu, (observed) => {
      const [w, s, g] = [100, 100 / width, 100].map((n) => observed.upload(new Float32Array(n).fill(1)));
      observed.update(step(width), w!, [s!], { kind: "dense", values: g! });
    });
    expect(events).toMatchObject([{ kind: "update", bytes }]);
  });

  it.each([0, 1, 3])("with %i states", (count) => {
    const names = ["s", "t", "u"].slice(0, count);
    const rule = { ...step(4), steps: [{ target: "w", expression: "w - g" }], state: names };
    const events = eventsOf(cpu, (observed) => {
      const [w, g, ...state] = [100, 100, ...names.map(() => 25)].map((n) =>
        observed.upload(new Float32Array(n)),
      );
      observed.update(rule, w!, state, { kind: "dense", values: g! });
    });
    expect(events[0]!.bytes).toBe(4 * (2 * 100 + 2 * 25 * count + 100));
  });

  it("where only some are touched, of those", () => {
    const events = eventsOf(cpu, (observed) => {
      const [w, s, g] = [100, 100, 8].map((n) => observed.upload(new Float32Array(n).fill(1)));
      observed.update(step(1), w!, [s!], { kind: "sparse", parts: [{ lookup, values: g! }] });
    });
    expect(events[0]!.bytes).toBe(4 * (2 + 2 + 1) * 12);
  });
});

describe("observe, of an optimizer's step,", () => {
  it("counts the bytes of the lookups that it hands over", () => {
    const { backend, observation } = instrument(cpu);
    const [w, s, g] = [100, 100, 8].map((n) => backend.upload(new Float32Array(n).fill(1)));
    const signed = { ...lookup, signs: Uint32Array.of(0, 5, 0) };
    const parts = [lookup, signed].map((lookup) => ({ lookup, values: g! }));
    backend.update(step(1), w!, [s!], { kind: "sparse", parts });
    // Twice 3 starts and 3 offsets; 3 words of signs.
    expect(observation.bytesUp).toBe(4 * 208 + 2 * 24 + 12);
  });

  it.each([
    [undefined, 4],
    ["f16", 2],
  ] as const)("keeps weights %s, of %i bytes each", async (storage, bytes) => {
    const events: FormCall[] = [];
    const { backend, observation } = instrument(cpu, (event) => void events.push(event));
    const [w, s, g] = [100, 100, 100].map((n, i) =>
      backend.upload(new Float32Array(n).fill(1), i === 0 ? storage : undefined),
    );
    const how = { ...step(1), ...(storage && { rounding: { mode: "nearest" } as const }) };
    const { weights } = backend.update(how, w!, [s!], { kind: "dense", values: g! });
    backend.run({ kind: "gather", lookup }, [weights]);
    await backend.read(weights);
    expect(events.map((event) => event.bytes)).toEqual([100 * (2 * bytes + 2 * 4 + 4), 12 * bytes + 8 * 4]);
    expect(observation.bytesDown).toBe(100 * bytes);
  });
});

describe("observe, where a step makes new arrays,", () => {
  const moving: Backend = {
    ...cpu,
    update(...given) {
      const { weights, state } = cpu.update(...given);
      return { weights: (weights as Uint16Array).slice(), state };
    },
  };

  it.each([
    [undefined, 4],
    ["f16", 2],
  ] as const)("knows them by what they were made of: %s, of %i bytes each", (storage, bytes) => {
    const events = eventsOf(moving, (observed) => {
      const [w, s, g] = [100, 100, 100].map((n, i) =>
        observed.upload(new Float32Array(n).fill(1), i === 0 ? storage : undefined),
      );
      const how = { ...step(1), ...(storage && { rounding: { mode: "nearest" } as const }) };
      const dense = { kind: "dense", values: g! } as const;
      const { weights, state } = observed.update(how, w!, [s!], dense);
      expect(weights).not.toBe(w);
      observed.update(how, weights, state, dense);
      observed.run({ kind: "gather", lookup }, [weights]);
    });
    const each = 100 * (2 * bytes + 2 * 4 + 4);
    expect(events.map((event) => event.bytes)).toEqual([each, each, 12 * bytes + 8 * 4]);
  });
});

it("observe counts the bytes of a lookup each time that it is handed over, and only then", () => {
  const { backend, observation } = instrument(cpu);
  const [memory, batch] = [backend.upload(new Float32Array(100)), backend.upload(new Float32Array(8))];
  const up = (work: () => void) => {
    const before = observation.bytesUp;
    work();
    return observation.bytesUp - before;
  };
  expect(up(() => backend.run({ kind: "gather", lookup }, [memory]))).toBe(24);
  expect(up(() => backend.run({ kind: "scatter", lookup }, [batch]))).toBe(24);
  expect(up(() => backend.run({ kind: "reduce", outer: 1, summed: 8, inner: 1 }, [batch]))).toBe(0);
});

describe("observe", () => {
  it("sums times and work by form, and counts buffers and bytes", async () => {
    let now = 0;
    vi.spyOn(performance, "now").mockImplementation(() => now);
    const slow: Backend = {
      ...cpu,
      run(form, inputs) {
        now += form.kind === "reduce" ? 3 : 10;
        return cpu.run(form, inputs);
      },
    };
    const events: FormCall[] = [];
    const { backend, observation } = instrument(slow, (event) => void events.push(event));
    const x = backend.upload(new Float32Array(30));
    const sum = { kind: "reduce", outer: 1, summed: 30, inner: 1 } as const;
    const made = [backend.run(sum, [x]), backend.run(sum, [x]), backend.run({ kind: "gather", lookup }, [x])];
    vi.restoreAllMocks();
    expect(observation.costs).toEqual({
      reduce: { calls: 2, flops: 60, milliseconds: 6 },
      gather: { calls: 1, flops: 20, milliseconds: 10 },
    });
    expect(events.map(({ from, to }) => [from, to])).toEqual([
      [0, 3],
      [3, 6],
      [6, 16],
    ]);
    expect(observation.buffers).toBe(4);
    backend.free(made[0]!);
    expect(observation.buffers).toBe(3);
    await backend.read(made[2]!);
    // Up: 30 floats, and 3 starts and 3 offsets of the lookup; down: 2 bags of 4 floats.
    expect(observation).toMatchObject({ bytesUp: 4 * (30 + 6), bytesDown: 4 * 8 });
  });
});
