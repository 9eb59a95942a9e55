import type { Form } from "../../../core/form.ts";
import type { Lookup } from "../../../core/lookup.ts";
import { random } from "../../../core/numeric/random.ts";
import { positivePart } from "../../../core/ops/functions.ts";
import { scalar } from "../../../core/scalar.ts";
import { type Shape, sizeOf } from "../../../core/shape.ts";

/** A form and the floats of each input. */
export type SmallForm = readonly [form: Form, lengths: readonly number[]];

/** Whole numbers from −4 to 4, each divided by a power of two: every order of additions gives the same bits. */
export function wholes(length: number, seed = 1, by = 1): Float32Array {
  const stream = random(seed, "wholes");
  return Float32Array.from({ length }, () => (stream.integer(9) - 4) / by);
}

const choices = [false, true];
const double = scalar("y", "2.0 * y + 1.0");

const products = (n: number, k: number, m: number): SmallForm[] =>
  choices.flatMap((transposeA) =>
    choices.flatMap((transposeB) =>
      choices.flatMap((bias) =>
        [undefined, positivePart, double].map((f): SmallForm => {
          const form = { kind: "matmul", n, k, m, transposeA, transposeB, bias, ...(f && { f }) } as const;
          return [form, [n * k, k * m, ...(bias ? [m] : [])]];
        }),
      ),
    ),
  );

function map(expression: string, shape: Shape, ...inputs: Shape[]): SmallForm {
  const f = scalar(["x", "y", "z"].slice(0, inputs.length).join(), expression);
  return [{ kind: "map", f, shape, inputs }, inputs.map(sizeOf)];
}

const sum = (outer: number, summed: number, inner: number): SmallForm => [
  { kind: "reduce", outer, summed, inner },
  [outer * summed * inner],
];

const pairing = (samples: number, vectors: number, dim: number): SmallForm[] =>
  choices.flatMap((itself) => {
    const [each, shape] = [samples * vectors * dim, { samples, vectors, dim, itself }];
    const pairs = (vectors * (vectors + (itself ? 1 : -1))) / 2;
    return [
      [{ kind: "pairs", ...shape }, [each]],
      [{ kind: "pairs", ...shape }, [each, each]],
      [{ kind: "mix", ...shape }, [samples * pairs, each]],
    ];
  });

const box = (offset: number, strides: number[], start: number[], extent: number[]) => ({
  offset,
  strides,
  start,
  extent,
});

/** `items` items a bag, of blocks of `block` floats, some of which wrap around the end of memory. */
function lookupOf(dim: number, block: number, memory: number, items: number, signed: boolean): Lookup {
  const bags = 5;
  const stream = random(dim, `lookup ${block} ${memory}`);
  const blocks = bags * items * Math.ceil(dim / block);
  const starts = Uint32Array.from({ length: blocks }, (_, i) =>
    i === 0 ? memory - 1 : stream.integer(memory),
  );
  const signs = Uint32Array.from({ length: blocks * Math.ceil(block / 32) }, () => stream.bits());
  const ends = Uint32Array.from({ length: bags + 1 }, (_, bag) => bag * items);
  return { dim, block, memorySize: memory, starts, bags: ends, ...(signed && { signs }) };
}

export const lookups: readonly Lookup[] = [
  lookupOf(4, 4, 4, 1, false),
  lookupOf(7, 3, 50, 2, true),
  lookupOf(40, 40, 45, 3, true),
  lookupOf(3, 1, 200, 2, false),
  lookupOf(5, 2, 9, 0, false),
];

/** Forms of small and ragged sizes, by what they are. */
export const smallForms: readonly (readonly [name: string, cases: readonly SmallForm[]])[] = [
  ...(
    [
      [1, 1, 1],
      [1, 3, 1],
      [1, 5, 7],
      [6, 5, 1],
      [2, 3, 4],
      [5, 7, 9],
      [13, 33, 21],
    ] as const
  ).map(([n, k, m]) => [`products of ${n} × ${k} × ${m}`, products(n, k, m)] as const),
  ["a function of each number", [map("x * x - x", [1300], [1300])]],
  ["a function of rows and one row", [map("x * 2.0 - y", [3, 500], [3, 500], [500])]],
  [
    "functions of stretched arrays",
    [
      map("x < y ? x + 1.0 : y * z", [6, 4, 5], [6, 1, 5], [4, 1], [1]),
      map("x - y * z", [7, 3, 3, 3], [], [7, 3, 1, 3], [3, 1, 1]),
    ],
  ],
  ["sums", [sum(1, 1, 1), sum(3, 7, 1), sum(1, 40, 6), sum(5, 2, 9)]],
  ["pairs and mixtures", [...pairing(1, 1, 1), ...pairing(3, 4, 5), ...pairing(2, 9, 17)]],
  [
    "arrangements: none, one number, every other, turned, a part, side by side",
    [
      [{ kind: "arrange", shape: [4], parts: [] }, []],
      [{ kind: "arrange", shape: [], parts: [box(2, [], [], [])] }, [3]],
      [{ kind: "arrange", shape: [5], parts: [box(1, [2], [0], [5])] }, [10]],
      [{ kind: "arrange", shape: [4, 3], parts: [box(0, [1, 4], [0, 0], [4, 3])] }, [12]],
      [{ kind: "arrange", shape: [2, 3, 4], parts: [box(5, [12, 1, 3], [1, 0, 2], [1, 2, 2])] }, [40]],
      [
        {
          kind: "arrange",
          shape: [3, 5],
          parts: [box(0, [2, 1], [0, 0], [3, 2]), box(1, [3, 1], [0, 2], [3, 3])],
        },
        [6, 10],
      ],
    ],
  ],
  ...lookups.map((lookup) => {
    const { dim, block, memorySize, bags } = lookup;
    const cases: readonly SmallForm[] = [
      [{ kind: "gather", lookup }, [memorySize]],
      [{ kind: "scatter", lookup }, [(bags.length - 1) * dim]],
    ];
    return [`lookups of ${dim} floats in blocks of ${block} of ${memorySize}`, cases] as const;
  }),
];
