// npx tsx examples/07-a-bound-and-its-hypothesis.ts
// A bound, and what happens when its hypothesis is dropped. Theorem R3: a memory of m slots keeps ‖x‖² within (1 ± ε),
// failing with probability at most 2(1 − Σ‖x_B‖⁴/‖x‖⁴)/(mε²), if signs are independent. Without signs it never holds here.
import assert from "node:assert/strict";
import { cpu64, embeddingBagGrad, lookupOf, robe, tensor } from "pss-dlrm";
import { normBound } from "pss-dlrm/theory";

const [rows, dim, block, epsilon, draws] = [40, 8, 4, 0.5, 300];
const x = new Float64Array(rows * dim).fill(1); // all ones: the vector that unsigned sums blow up
const exact = rows * dim;

/** ‖Rx‖² for one draw of the hash functions: x is added up in memory by the scheme's slots and signs. */
async function sketchedNorm(memory: number, sign: "independent" | "none", seed: number): Promise<number> {
  const shape = { tables: [rows], dim };
  const { scheme } = robe({ memorySize: memory, block, sign, seed, hash: "mixer" })({
    ...shape,
    backend: cpu64,
    seed,
  });
  const ids = Uint32Array.from({ length: rows }, (_, i) => i);
  const lookup = lookupOf(scheme!, shape, { ids, offsets: Uint32Array.from([...ids, rows]) });
  const sums = await embeddingBagGrad(tensor(cpu64, [rows, dim], x), { lookup }).data();
  return Array.from(sums).reduce((total, v) => total + v * v, 0);
}

/** How often ‖Rx‖² leaves (1 ± ε)‖x‖². */
async function failures(memory: number, sign: "independent" | "none"): Promise<number> {
  let failed = 0;
  for (let seed = 0; seed < draws; seed++) {
    if (Math.abs((await sketchedNorm(memory, sign, seed)) - exact) > epsilon * exact) failed++;
  }
  return failed / draws;
}

console.log("slots   bound   with signs   without");
for (const memory of [16, 32, 64, 128]) {
  const bound = normBound({ rows, dim, block, memory, x, y: x, epsilon });
  const [signed, unsigned] = [await failures(memory, "independent"), await failures(memory, "none")];
  console.log(
    `${String(memory).padStart(5)}   ${bound.toFixed(3)}   ${signed.toFixed(3).padStart(10)}   ${unsigned.toFixed(3).padStart(7)}`,
  );
  // Five standard deviations of 300 coin flips: a sound scheme fails this once in millions of runs.
  assert.ok(signed <= bound + 5 * Math.sqrt((bound * (1 - bound)) / draws));
  assert.ok(unsigned > bound, "without signs the bound is broken");
}
