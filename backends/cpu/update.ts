import type { FloatArray, Handle, Precision, Update, UpdateGradient } from "../../core/backend.ts";
import type { Lookup } from "../../core/lookup.ts";
import { checkRounding, halfBy, halfValues } from "../../core/numeric/half.ts";
import { addTo } from "./lookup.ts";

type Arrays = readonly FloatArray[];

/** What the bits of a weight stand for, and the bits that a number becomes as weight i; for weights that are halves. */
interface Codec {
  readonly value: (bits: number) => number;
  readonly bits: (w: number, i: number) => number;
}

/** Steps `count` groups of weights: group j of `gradient` belongs to group `groups[j]` of the weights (or j). */
type Loop = (
  weights: FloatArray | Uint16Array,
  state: Arrays,
  gradient: FloatArray,
  groups: Uint32Array | null,
  count: number,
  hyper: readonly number[],
  codec: Codec | null,
) => void;

const loops = new Map<string, Loop>();

/** One optimizer step, in place. */
export function applyUpdate(
  update: Update,
  weights: FloatArray | Uint16Array,
  state: readonly Handle[],
  gradient: UpdateGradient,
  precision: Precision,
): void {
  checkRounding(update, weights instanceof Uint16Array);
  const codec = codecOf(update, precision);
  const { steps, state: names, hyper: numbers } = update;
  const key = JSON.stringify([steps, names, Object.keys(numbers), update.width, codec !== null]);
  let loop = loops.get(key);
  if (loop === undefined) {
    loop = writeLoop(update);
    loops.set(key, loop);
  }
  const { width } = update;
  const hyper = Object.values(numbers);
  if (gradient.kind === "dense") {
    const values = gradient.values as FloatArray;
    loop(weights, state as Arrays, values, null, weights.length / width, hyper, codec);
  } else {
    const { groups, values } = touched(gradient.parts as readonly Part[], width);
    loop(weights, state as Arrays, values, groups, groups.length, hyper, codec);
  }
}

/** A new weight is rounded to the backend's precision, then to a half. */
function codecOf({ rounding }: Update, precision: Precision): Codec | null {
  if (rounding === undefined) return null;
  const [values, half] = [halfValues(), halfBy(rounding)];
  return {
    value: (bits) => values[bits]!,
    bits: precision === "f64" ? half : (w, i) => half(Math.fround(w), i),
  };
}

/** The loop as one compiled function. State is stored, and so rounded, before the next expression reads it. */
function writeLoop({ steps, state, hyper, width, rounding }: Update): Loop {
  const weight = rounding ? "codec.value(weights[i])" : "weights[i]";
  const assign = ({ target, expression }: Update["steps"][number]) =>
    target === "w"
      ? rounding
        ? `weights[i] = codec.bits(w = ${expression}, i);`
        : `w = weights[i] = ${expression};`
      : `${target} = ${target}s[group] = ${expression}; ${target} = ${target}s[group];`;
  const [perGroup, perWeight] = [
    steps.filter((s) => s.target !== "w"),
    steps.filter((s) => s.target === "w"),
  ];
  const once = width === 1 ? [`const i = group; let w = ${weight}; const g = gradient[j];`] : [];
  const lines = [
    ...state.map((name, k) => `const ${name}s = state[${k}];`),
    ...Object.keys(hyper).map((name, k) => `const ${name} = hyper[${k}];`),
    "for (let j = 0; j < count; j++) {",
    "  const group = groups === null ? j : groups[j];",
    "  let meanSquare = 0;",
    `  for (let c = 0; c < ${width}; c++) meanSquare += gradient[j * ${width} + c] ** 2 / ${width};`,
    ...state.map((name) => `  let ${name} = ${name}s[group];`),
    ...once,
    ...perGroup.map(assign),
    ...(width === 1
      ? perWeight.map(assign)
      : [
          `for (let c = 0; c < ${width}; c++) {`,
          `const i = group * ${width} + c; let w = ${weight}; const g = gradient[j * ${width} + c];`,
          ...perWeight.map(assign),
          "}",
        ]),
    "}",
  ];
  const names = ["weights", "state", "gradient", "groups", "count", "hyper", "codec"];
  return new Function(...names, lines.join("\n")) as Loop;
}

interface Part {
  readonly lookup: Lookup;
  readonly values: FloatArray;
}

/** The groups of `width` slots that any lookup touches, each once, and the summed gradient of each. */
function touched(parts: readonly Part[], width: number): { groups: Uint32Array; values: Float64Array } {
  const reads = parts.reduce(
    (n, { lookup }) => n + lookup.starts.length * Math.ceil(lookup.block / width),
    0,
  );
  const table = slotTable(reads);
  const values = new Float64Array(reads * width);
  for (const { lookup, values: cotangent } of parts) {
    addTo(lookup, cotangent, (slot, value) => {
      const column = slot % width;
      values[table.place((slot - column) / width) * width + column]! += value;
    });
  }
  const groups = table.keys();
  return { groups, values: values.subarray(0, groups.length * width) };
}

/** Numbers different keys 0, 1, 2, … in the order they are first met: a hash table with linear probing. */
function slotTable(capacity: number) {
  let size = 16;
  while (size < 2 * capacity) size *= 2;
  const places = new Int32Array(size).fill(-1);
  const keys = new Uint32Array(capacity);
  let count = 0;
  return {
    place(key: number): number {
      let at = (Math.imul(key, 0x9e3779b1) >>> 0) & (size - 1);
      for (;;) {
        const place = places[at]!;
        if (place === -1) {
          keys[count] = key;
          places[at] = count;
          return count++;
        }
        if (keys[place] === key) return place;
        at = (at + 1) & (size - 1);
      }
    },
    keys: () => keys.subarray(0, count),
  };
}
