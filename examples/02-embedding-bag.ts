// npx tsx examples/02-embedding-bag.ts
// What every embedding here comes down to: read a memory at some slots, with signs, and sum. Its gradient: write back.
import assert from "node:assert/strict";
import { cpu, dense, embeddingBag, gradients, type Lookup, multiply, sumAll, tensor } from "pss-dlrm";

const memory = tensor(cpu, [5], [10, 20, 30, 40, 50]); // m = 5 floats, all that is learned
const lookup: Lookup = {
  memorySize: 5,
  dim: 2, // an item is a vector of two floats …
  block: 2, // … that lie next to each other
  starts: Uint32Array.from([0, 3, 3, 4]), // first slot of each of four items; the last one wraps: slots 4 and 0
  signs: Uint32Array.from([0b00, 0b00, 0b10, 0b00]), // bit s set: element s is negated
  bags: Uint32Array.from([0, 1, 3, 3, 4]), // bag 0: item 0; bag 1: items 1 and 2; bag 2: none; bag 3: item 3
};

const bags = embeddingBag(memory, { lookup }); // [4 bags × 2]
const read = Array.from(await bags.data());
console.log("bag 0, one item      ", read.slice(0, 2)); // memory[0], memory[1]
console.log("bag 1, 3+3 and 4−4   ", read.slice(2, 4)); // the second element cancels
console.log("bag 2, empty         ", read.slice(4, 6));
console.log("bag 3, wraps 4 → 0   ", read.slice(6, 8));
assert.deepEqual(read, [10, 20, 80, 0, 0, 0, 50, 10]);

// The gradient of Σ g·bags goes to each slot that was read: signed, and summed where a slot was read more than once.
const g = tensor(cpu, [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
const [gradient] = gradients(sumAll(multiply(bags, g)), [memory]);
const atSlots = Array.from(await dense(gradient!).data());
console.log("gradient by slot     ", atSlots);

const expected = [0, 0, 0, 0, 0];
expected[0]! += 1; // bag 0
expected[1]! += 2;
expected[3]! += 3 + 3; // bag 1 read slot 3 twice: duplicates add, they are not averaged
expected[4]! += 4 - 4; // once as it is, once negated
expected[4]! += 7; // bag 3
expected[0]! += 8; // its second element wrapped to slot 0
assert.deepEqual(atSlots, expected);

// Reading and writing back are adjoint: ⟨embeddingBag(M), g⟩ = ⟨M, gradient⟩, for every M and g.
const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const sides = [dot(read, [1, 2, 3, 4, 5, 6, 7, 8]), dot([10, 20, 30, 40, 50], atSlots)];
console.log("⟨embeddingBag(M), g⟩ and ⟨M, gradient⟩:", ...sides);
assert.equal(sides[0], sides[1]);
