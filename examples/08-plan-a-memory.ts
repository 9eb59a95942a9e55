// npx tsx examples/08-plan-a-memory.ts
// Plan the memory of a catalogue: how many floats keep an inner product with its table within ε‖x‖‖θ‖, how that compares
// with what is measured, and what cannot be had at any size below the table's.
import assert from "node:assert/strict";
import { cpu64, embeddingBagGrad, lookupOf, random, robe, tensor } from "pss-dlrm";
import { plan } from "pss-dlrm/theory";

const [rows, dim, epsilon, delta] = [10_000, 16, 0.1, 0.05];
const { memorySize, tableFloats, promised, refused } = plan({ rows, dim, epsilon, delta });
const one = promised.find(({ theorem }) => theorem === "R4")!;
console.log(`the table: ${tableFloats} floats; by ${one.theorem} ${memorySize} keep ${one.keeps}`);

// A table with a few popular, heavy rows, and a user's taste: both sketched with the same hashes.
const stream = random(1, "catalogue");
const theta = Float64Array.from(
  { length: rows * dim },
  (_, k) => stream.normal() / (1 + Math.floor(k / dim)),
);
const taste = Float64Array.from(theta, (v) => v / 3 + stream.normal() / 1000);
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);
const sizes = Math.sqrt(dot(theta, theta) * dot(taste, taste));

const shape = { tables: [rows], dim };
const ids = Uint32Array.from({ length: rows }, (_, i) => i);
const offsets = Uint32Array.from([...ids, rows]);
const errors: number[] = [];
for (let seed = 0; seed < 40; seed++) {
  const { scheme } = robe({ memorySize, block: dim, seed })({ ...shape, backend: cpu64, seed });
  const lookup = lookupOf(scheme!, shape, { ids, offsets });
  const sketch = (x: Float64Array) => embeddingBagGrad(tensor(cpu64, [rows, dim], x), { lookup }).data();
  const read = dot(await sketch(theta), await sketch(taste));
  errors.push(Math.abs(read - dot(theta, taste)) / sizes);
}
errors.sort((a, b) => a - b);
const failed = errors.filter((e) => e > epsilon).length;
console.log(`planned: error below ${epsilon} in ${100 * (1 - delta)} draws of 100`);
console.log(
  `measured: median ${errors[20]!.toFixed(4)}, largest ${errors.at(-1)!.toFixed(4)}, ${failed} of 40 above`,
);
assert.ok(failed <= 8); // P(more than 8 of 40 | 5 % each) is below 10⁻³ even if the bound were tight, which it is not
assert.ok(errors.at(-1)! > 0);
console.log(`not to be had: ${refused.map(({ what }) => what).join("; ")}`);
