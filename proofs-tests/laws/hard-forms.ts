import { type Agreement, validate } from "../../backends/validate.ts";
import type { Backend } from "../../core/backend.ts";
import type { Form } from "../../core/form.ts";
import type { Lookup } from "../../core/lookup.ts";
import { random } from "../../core/numeric/random.ts";
import { scalar } from "../../core/scalar.ts";
import { type FormLaw, once, unlessOracle } from "./law.ts";

/** A form of a size or shape at which kernels are known to go wrong, and why. */
interface HardForm {
  readonly name: string;
  readonly form: Form;
  /** Floats of each input. */
  readonly inputs: readonly number[];
}

const stream = random(5, "hard forms");

/** `bags` bags of `items` blocks of `dim` floats each, all in the first `among` slots of memory. */
function crowded(bags: number, items: number, dim: number, memory: number, among = memory): Lookup {
  const blocks = bags * items;
  return {
    dim,
    block: dim,
    memorySize: memory,
    starts: Uint32Array.from({ length: blocks }, () => stream.integer(among)),
    signs: Uint32Array.from({ length: blocks * Math.ceil(dim / 32) }, () => stream.bits()),
    bags: Uint32Array.from({ length: bags + 1 }, (_, bag) => bag * items),
  };
}

const lookups = {
  "a bag of 1,500 items": crowded(2, 1500, 3, 50),
  "a bag of 5,000 items": crowded(1, 5000, 2, 50),
  "a slot with 1,500 readers": crowded(1500, 1, 2, 1000, 1),
  "a slot with 5,000 readers": crowded(5000, 1, 1, 7, 1),
  "a block as long as memory": crowded(5, 2, 40, 40),
  "a memory of 100,003 slots with 10 reads": crowded(5, 2, 16, 100_003),
};

const plain = { transposeA: false, transposeB: false, bias: false };

/** Eleven boxes side by side: more arrays than one kernel can bind. */
const manyParts: Form = {
  kind: "arrange",
  shape: [3, 22],
  parts: Array.from({ length: 11 }, (_, p) => ({
    offset: 0,
    strides: [2, 1],
    start: [0, 2 * p],
    extent: [3, 2],
  })),
};

/** Forms that the small random examples of ops do not reach. */
export const hardForms: readonly HardForm[] = [
  {
    name: "1,500 terms of a product",
    form: { kind: "matmul", n: 3, k: 1500, m: 5, ...plain },
    inputs: [4500, 7500],
  },
  {
    name: "5,000 terms of a product",
    form: { kind: "matmul", n: 2, k: 5000, m: 3, ...plain },
    inputs: [10_000, 15_000],
  },
  {
    name: "70,000 terms of a product",
    form: { kind: "matmul", n: 1, k: 70_000, m: 2, ...plain, transposeA: true },
    inputs: [70_000, 140_000],
  },
  {
    name: "1,100 terms of a product of several tiles",
    form: { kind: "matmul", n: 9, k: 1100, m: 20, ...plain, bias: true },
    inputs: [9900, 22_000, 20],
  },
  {
    name: "1,100 terms of one row",
    form: { kind: "matmul", n: 1, k: 1100, m: 75, ...plain, bias: true },
    inputs: [1100, 82_500, 75],
  },
  { name: "20,000 rows", form: { kind: "matmul", n: 20_000, k: 2, m: 1, ...plain }, inputs: [40_000, 2] },
  {
    name: "70,000 terms of a sum",
    form: { kind: "reduce", outer: 1, summed: 70_000, inner: 1 },
    inputs: [70_000],
  },
  {
    name: "5,000 terms of sums",
    form: { kind: "reduce", outer: 2, summed: 5000, inner: 3 },
    inputs: [30_000],
  },
  {
    name: "300,001 cells: more than a texture has rows",
    form: {
      kind: "map",
      f: scalar("x, y", "x * y"),
      shape: [300_001, 1],
      inputs: [[300_001, 1], [1]],
    },
    inputs: [300_001, 1],
  },
  {
    name: "arrays stretched along middle and last axes, longer than what is computed at once",
    form: {
      kind: "map",
      f: scalar("x, y", "x * y"),
      shape: [30, 13, 7],
      inputs: [
        [30, 1, 7],
        [13, 1],
      ],
    },
    inputs: [210, 13],
  },
  { name: "11 boxes", form: manyParts, inputs: Array.from({ length: 11 }, () => 6) },
  {
    name: "40 vectors",
    form: { kind: "pairs", samples: 3, vectors: 40, dim: 5, itself: true },
    inputs: [600],
  },
  {
    name: "40 vectors, mixed",
    form: { kind: "mix", samples: 3, vectors: 40, dim: 5, itself: false },
    inputs: [2340, 600],
  },
  ...Object.entries(lookups).flatMap(([name, lookup]): HardForm[] => [
    { name: `gather: ${name}`, form: { kind: "gather", lookup }, inputs: [lookup.memorySize] },
    {
      name: `scatter: ${name}`,
      form: { kind: "scatter", lookup },
      inputs: [(lookup.bags.length - 1) * lookup.dim],
    },
  ]),
];

/** How much of its bound a hard form used on `backend`, and where it went beyond. */
export async function tryHardForm({ form, inputs }: HardForm, backend: Backend): Promise<Agreement> {
  const values = random(6, "hard inputs");
  const { backend: watched, agreement } = validate(backend);
  const handles = inputs.map((length) =>
    watched.upload(Float32Array.from({ length }, () => values.normal())),
  );
  const result = watched.run(form, handles);
  const found = await agreement();
  for (const handle of [...handles, result]) watched.free(handle);
  return found;
}

/**
 * Reads the last slots of the largest memory that kernels may index: there, floats are one apart, and an index that is
 * off by a rounding reads a neighbor. Slot i holds i mod 251.
 */
async function readFarEnd(backend: Backend): Promise<number> {
  const memory = 2 ** 24;
  const values = new Float32Array(memory);
  for (let i = 0; i < memory; i++) values[i] = i % 251;
  const starts = Uint32Array.from([
    memory - 1,
    memory - 2,
    memory - 3,
    memory - 4,
    memory / 2 + 1,
    4_194_303,
  ]);
  const handle = backend.upload(values);
  const lookup: Lookup = {
    dim: 3,
    block: 3,
    memorySize: memory,
    starts,
    bags: Uint32Array.from({ length: 7 }, (_, i) => i),
  };
  const out = backend.run({ kind: "gather", lookup }, [handle]);
  const read = Array.from(await backend.read(out));
  for (const h of [handle, out]) backend.free(h);
  const expected = [...starts].flatMap((start) => [0, 1, 2].map((s) => ((start + s) % memory) % 251));
  if (`${read}` !== `${expected}`) throw new Error(`${read} were read, not ${expected}`);
  return 0;
}

/** Every law about sizes that random examples do not reach. */
export const hardLaws: readonly FormLaw[] = [
  ...hardForms.map((hard) => ({
    law: "agrees at sizes where kernels go wrong",
    subject: hard.name,
    of: (backend: Backend) =>
      unlessOracle(backend, () =>
        once(async () => {
          const { worst, first } = await tryHardForm(hard, backend);
          if (first)
            throw new Error(
              `element ${first.index}: ${first.actual}, not ${first.expected} ± ${first.allowed}`,
            );
          return worst;
        }, `${hard.name}, on normal numbers`),
      ),
  })),
  {
    law: "reads the last slots of the largest memory exactly",
    subject: "gather",
    of: (backend) =>
      once(() => readFarEnd(backend), "a memory of 2²⁴ slots, slot i of which holds i mod 251"),
  },
];
