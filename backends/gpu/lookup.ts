import { bagCount, blocksPerItem, itemCount, type Lookup, wordsPerBlock } from "../../core/lookup.ts";
import { memoize } from "../../core/memoize.ts";
import { axes, countedLoop, divide, type Kernel, roundsOf } from "./text.ts";

/** What a kernel reads of a lookup: host arrays, as floats, in the order of its parameters after the first. */
export interface Prepared {
  readonly kernel: Kernel;
  readonly arrays: readonly Float32Array[];
}

/** Sign bits go up 16 a float: a float holds no 32. */
const signBits = 16;

const signWords = (block: number): number => Math.ceil(block / signBits);

/**
 * Room for a list whose length varies from batch to batch: at most 1/8 more, so that few kernels serve all lengths.
 * A kernel is for one set of sizes.
 */
function room(length: number): number {
  const step = Math.max(1, 2 ** (Math.floor(Math.log2(Math.max(length, 1))) - 3));
  return Math.max(1, Math.ceil(length / step) * step);
}

function padded(values: ArrayLike<number>, length: number): Float32Array {
  const out = new Float32Array(length);
  out.set(values);
  return out;
}

/** Signs of blocks in the order of `blocks`, 16 bits a float. */
function signsOf(lookup: Lookup, signs: Uint32Array, blocks: Uint32Array, length: number): Float32Array {
  const [own, words] = [wordsPerBlock(lookup.block), signWords(lookup.block)];
  const out = new Float32Array(length * words);
  for (const [place, block] of blocks.entries()) {
    for (let word = 0; word < words; word++) {
      const pair = signs[block * own + (word >>> 1)]!;
      out[place * words + word] = (pair >>> (signBits * (word & 1))) & 0xffff;
    }
  }
  return out;
}

/** Statements that put −1 or 1 into `sign`: bit `element` of the words of block number `block`. */
const signText = (block: string, element: string, words: number): string =>
  [
    divide(element, signBits, "word", "bit"),
    "let power = 1;",
    "if (bit >= 8) { power = power * 256; bit = bit - 8; }",
    "if (bit >= 4) { power = power * 16; bit = bit - 4; }",
    "if (bit >= 2) { power = power * 4; bit = bit - 2; }",
    "if (bit >= 1) { power = power * 2; }",
    `const shifted = Math.floor(signs[${block} * ${words} + word] / power);`,
    "const sign = 1 - 2 * (shifted - 2 * Math.floor(shifted / 2));",
  ].join("\n");

/** out[bag, column] = Σ over the bag's items of sign · memory[slot]. */
export function prepareGather(lookup: Lookup): Prepared {
  const { dim, block, starts, signs, bags, memorySize } = lookup;
  const [items, bagged] = [itemCount(lookup), !bags.every((first, bag) => first === bag)];
  const blocks = room(starts.length);
  const read = [
    divide("axis1", block, "blockOfItem", "element"),
    `const at = item * ${blocksPerItem(lookup)} + blockOfItem;`,
    // Not start + element − memory: the sum may have no exact float.
    `const untilEnd = ${memorySize} - starts[at];`,
    "const slot = element < untilEnd ? starts[at] + element : element - untilEnd;",
    signs
      ? `${signText("at", "element", signWords(block))}\nsum += sign * memory[slot];`
      : "sum += memory[slot];",
  ].join("\n");
  const walk = bagged
    ? `const first = bags[axis0];\nconst count = bags[axis0 + 1] - first;\n${countedLoop("l", "count", items, `const item = first + l;\n${read}`)}`
    : `const item = axis0;\n${read}`;
  const all = Uint32Array.from(starts, (_, i) => i);
  return {
    kernel: {
      kind: "gather",
      arrays: ["memory", "starts", ...(signs ? ["signs"] : []), ...(bagged ? ["bags"] : [])],
      size: bagCount(lookup) * dim,
      rounds: roundsOf(room(items)),
      body: `${axes([bagCount(lookup), dim])}\nlet sum = 0;\n${walk}\nreturn sum;`,
    },
    arrays: [
      padded(starts, blocks),
      ...(signs ? [signsOf(lookup, signs, all, blocks)] : []),
      ...(bagged ? [Float32Array.from(bags)] : []),
    ],
  };
}

/** The blocks of a lookup in the order of the slots where they start. */
interface Sorted {
  /** Signed: a block that wraps around the end of memory is there twice, once before slot 0. */
  readonly starts: Float32Array;
  /** Where each block begins in the cotangent, flat. */
  readonly from: Float32Array;
  /** Which block of the lookup each is. */
  readonly order: Uint32Array;
  readonly length: number;
  /** Slots that share one entry of `offsets`. */
  readonly bucket: number;
  /** [buckets + 1] where the blocks that start in each bucket begin; the first also has those before slot 0. */
  readonly offsets: Float32Array;
}

/** Sorts whole blocks, not floats, by counting: the same order every time, so the sums have the same bits. */
const sortedBlocks = memoize((lookup: Lookup): Sorted => {
  const { dim, block, starts, bags, memorySize } = lookup;
  const perItem = blocksPerItem(lookup);
  const wrapped = starts.reduce((n, start) => n + (start + block > memorySize ? 1 : 0), 0);
  const length = starts.length + wrapped;
  const bucket = Math.max(1, Math.ceil(memorySize / room(length)));
  const counts = new Uint32Array(Math.ceil(memorySize / bucket) + 1);
  const bucketOf = (start: number) => Math.floor(Math.max(start, 0) / bucket);
  const each = (visit: (start: number, at: number, bag: number) => void) => {
    for (let bag = 0; bag + 1 < bags.length; bag++) {
      for (let at = bags[bag]! * perItem; at < bags[bag + 1]! * perItem; at++) {
        visit(starts[at]!, at, bag);
        if (starts[at]! + block > memorySize) visit(starts[at]! - memorySize, at, bag);
      }
    }
  };
  each((start) => void counts[bucketOf(start) + 1]!++);
  for (let i = 1; i < counts.length; i++) counts[i]! += counts[i - 1]!;
  const offsets = Float32Array.from(counts);
  const sorted = new Float32Array(room(length));
  const from = new Float32Array(room(length));
  const order = new Uint32Array(length);
  each((start, at, bag) => {
    const place = counts[bucketOf(start)]!++;
    sorted[place] = start;
    from[place] = bag * dim + (at % perItem) * block;
    order[place] = at;
  });
  return { starts: sorted, from, order, length, bucket, offsets };
});

/**
 * out[slot] = Σ sign · cotangent over all that read the slot. Kernels cannot add into memory, so each slot looks for
 * its contributors: the blocks that start at most `block` − 1 slots before it, found by bucket. With `counting` it is
 * the number of contributors, and the cotangent is not read.
 */
export function prepareScatter(lookup: Lookup, counting = false): Prepared {
  const { dim, block, memorySize } = lookup;
  const signs = counting ? undefined : lookup.signs;
  const { starts, from, order, length, bucket, offsets } = sortedBlocks(lookup);
  const ragged = dim % block !== 0;
  const blockSize = ragged
    ? `${divide("from[at]", dim, "rowOfBlock", "columnOfBlock")}\nconst blockSize = Math.min(${block}, ${dim} - columnOfBlock);`
    : `const blockSize = ${block};`;
  const add = counting
    ? "sum += 1;"
    : signs
      ? `${signText("at", "element", signWords(block))}\nsum += sign * cotangent[from[at] + element];`
      : "sum += cotangent[from[at] + element];";
  const visit = `const at = first + l;\nconst element = cell - starts[at];\n${blockSize}\nif (element >= 0 && element < blockSize) {\n${add}\n}`;
  return {
    kernel: {
      kind: "scatter",
      arrays: [...(counting ? [] : ["cotangent"]), "starts", "from", "offsets", ...(signs ? ["signs"] : [])],
      size: memorySize,
      rounds: roundsOf(room(length)),
      body: [
        `const earliest = Math.max(cell - ${block - 1}, 0);`,
        divide("earliest", bucket, "firstBucket", "inFirst"),
        divide("cell", bucket, "lastBucket", "inLast"),
        "const first = offsets[firstBucket];",
        "const count = offsets[lastBucket + 1] - first;",
        `let sum = 0;\n${countedLoop("l", "count", room(length), visit)}\nreturn sum;`,
      ].join("\n"),
    },
    arrays: [starts, from, offsets, ...(signs ? [signsOf(lookup, signs, order, room(length))] : [])],
  };
}
