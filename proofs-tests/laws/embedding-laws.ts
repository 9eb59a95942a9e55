import { dense, gradients } from "../../core/backward.ts";
import type { Random } from "../../core/numeric/random.ts";
import type { Tensor } from "../../core/tensor.ts";
import { type Embedding, TooFewBytesError } from "../../models/embeddings/embedding.ts";
import type { EmbeddingFamily } from "../../models/embeddings/family.ts";
import { type TableShape, virtualFloats } from "../../models/embeddings/scheme.ts";
import { directional } from "./directional.ts";
import { type Case, type EmbeddingLaw, embeddingLaw } from "./embedding-law.ts";
import { noiseLike } from "./noise.ts";
import { fail, noScheme, slotLaws } from "./slot-laws.ts";

/** Bag sums by the definition: every term of every weight, one at a time. */
function pooledSlowly({ embedding, bags }: Case, memory: ArrayLike<number>): number[] {
  const { scheme, tables, dim } = embedding;
  const out = new Array<number>((bags.offsets.length - 1) * dim).fill(0);
  for (let bag = 0; bag + 1 < bags.offsets.length; bag++) {
    for (let i = bags.offsets[bag]!; i < bags.offsets[bag + 1]!; i++) {
      for (let column = 0; column < dim; column++) {
        for (const { slot, sign } of scheme!.slotsOf(bag % tables.length, bags.ids[i]!, column)) {
          out[bag * dim + column]! += sign * memory[slot]!;
        }
      }
    }
  }
  return out;
}

/** Element i of what a forward pass returns, [samples × (tables · dim)]. */
const outputInWords = ({ tables, dim }: Embedding, i: number): string => {
  const width = tables.length * dim;
  return `sample ${Math.floor(i / width)}, table ${Math.floor((i % width) / dim)}, column ${i % dim}`;
};

const lookupLaw = embeddingLaw({
  law: "a forward pass is the signed sum that the scheme explains",
  silent: noScheme,
  async check(example) {
    const { embedding, bags } = example;
    const memory = await embedding.parameters[0]!.tensor.data();
    const expected = pooledSlowly(example, memory);
    const actual = await embedding.forward(bags).data();
    let worst = 0;
    for (const [i, v] of expected.entries()) {
      const used = Math.abs(v - actual[i]!) / 2 ** -45;
      if (!(used <= 1)) fail(`${outputInWords(embedding, i)}: ${actual[i]}, by definition ${v}`);
      worst = Math.max(worst, used);
    }
    return worst;
  },
});

const inner = async (x: Tensor, y: Tensor): Promise<number> => {
  const [a, b] = [await x.data(), await y.data()];
  return Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);
};

/** ⟨RᵀM, G⟩ = ⟨M, RG⟩: the slot gradient is the signed sum of what its readers get, not their mean. */
const adjoint = embeddingLaw({
  law: "the gradient of memory is the adjoint of the lookup: ⟨RᵀM, G⟩ = ⟨M, RG⟩",
  silent: noScheme,
  async check({ embedding, bags, stream }) {
    const memory = embedding.parameters[0]!.tensor;
    const output = embedding.forward(bags);
    const g = noiseLike(output, stream);
    const gradient = gradients(output, [memory], g)[0];
    const left = await inner(output, g);
    const right = gradient ? await inner(memory, dense(gradient)) : 0;
    const used = Math.abs(left - right) / (2 ** -40 * (1 + Math.abs(left)));
    if (!(used <= 1)) fail(`⟨RᵀM, G⟩ = ${left}, ⟨M, RG⟩ = ${right}`);
    return used;
  },
});

const determinism = embeddingLaw({
  law: "the same options and seed give the same memory and the same output, bit for bit",
  async check({ embedding, bags, again }) {
    const other = again();
    for (const [i, { name, tensor: x }] of embedding.parameters.entries()) {
      if (`${await x.data()}` !== `${await other.parameters[i]!.tensor.data()}`)
        fail(`two makings of ${name} differ`);
    }
    const [x, y] = [await embedding.forward(bags).data(), await other.forward(bags).data()];
    if (`${x}` !== `${y}`) fail("two forward passes differ");
    return 0;
  },
});

const shape = embeddingLaw({
  law: "the memory holds as many floats as the embedding says, the output one row a bag",
  check({ embedding: { parameters, memorySize, tables, dim, forward }, bags, samples }) {
    const floats = parameters.reduce((n, p) => n + p.size, 0);
    if (floats !== memorySize) fail(`${floats} learnable floats, ${memorySize} said`);
    const output = forward(bags).shape;
    if (`${output}` !== `${[samples, tables.length * dim]}`)
      fail(`output [${output}], not [${[samples, tables.length * dim]}]`);
    return 0;
  },
});

/** How memory may be stored, and how many numbers of it take the bytes of one float of 32 bits. */
const shares = { f32: 1, f16: 2, int8: 4, int4: 8 } as const;

type Storage = keyof typeof shares;

/** An embedding of this family within so many bytes; or how many it says it needs at least. */
function withinOrLeast({ family, embedding }: Case, bytes: number, shape: TableShape, storage: Storage) {
  const { backend } = embedding.parameters[0]!.tensor;
  try {
    return family.fitTo(
      bytes,
      shape,
      storesHalves(family) ? { storage } : {},
    )({ ...shape, backend, seed: 1 });
  } catch (error) {
    if (error instanceof TooFewBytesError) return error.least;
    throw error;
  }
}

const storesHalves = ({ options }: EmbeddingFamily): boolean => Object.hasOwn(options, "storage");

const smallShape = (stream: Random): TableShape => ({
  tables: Array.from({ length: 3 }, () => 1 + stream.integer(300)),
  dim: 4,
});

/** Of small tables, in a random part of their bytes, or in the fewest bytes that the family says it needs. */
const withinBytes = embeddingLaw({
  law: "an embedding within so many bytes takes no more, and says how many it needs where those are too few",
  check(example) {
    const shape = smallShape(example.stream);
    const bytes = 1 + example.stream.integer(4 * virtualFloats(shape));
    let [embedding, allowed] = [withinOrLeast(example, bytes, shape, "f32"), bytes];
    if (typeof embedding === "number") {
      if (!(embedding > bytes)) fail(`${embedding} bytes are said to be needed, of ${bytes}`);
      allowed = embedding;
      embedding = withinOrLeast(example, allowed, shape, "f32");
    }
    if (typeof embedding !== "object")
      fail(`${embedding} bytes are needed, where ${allowed} were said to be`);
    if (embedding.bytes > allowed) fail(`${embedding.bytes} bytes, of ${allowed} allowed`);
    const floats = embedding.parameters.reduce((n, p) => n + p.size, 0);
    if (embedding.bytes < 2 * floats) fail(`${embedding.bytes} bytes for ${floats} floats`);
    return embedding.bytes / allowed;
  },
});

const ofFewBits = embeddingLaw({
  law: "stored in fewer bits it takes that part of the bytes, and holds as many numbers",
  silent: (_, family) => (storesHalves(family) ? undefined : "keeps its memory in f32"),
  check(example) {
    const shape = smallShape(example.stream);
    const storage = (["f16", "int8", "int4"] as const)[example.stream.integer(3)]!;
    const share = shares[storage];
    const bytes = 1 + example.stream.integer((4 / share) * virtualFloats(shape));
    const few = withinOrLeast(example, bytes, shape, storage);
    if (typeof few !== "number") {
      if (few.parameters.every(({ halves }) => halves === undefined))
        fail(`${storage} was asked for, and is not said to be refused`);
      const taken = few.parameters.reduce((n, p) => n + Math.ceil((4 / (p.halves ? share : 1)) * p.size), 0);
      if (few.bytes !== taken) fail(`${few.bytes} bytes said, ${taken} taken`);
      if (few.bytes > bytes) fail(`${few.bytes} bytes, of ${bytes} allowed`);
    }
    // Where memory is short some families keep projections, in 32 bits all the same.
    const needed = withinOrLeast(example, 1, shape, storage);
    const smallest = typeof needed === "number" ? withinOrLeast(example, needed, shape, storage) : needed;
    if (typeof smallest === "number" || smallest.parameters.some((p) => p.halves === undefined)) return 0;
    const floats = withinOrLeast(example, share * bytes, shape, "f32");
    const least = (x: typeof few) => (typeof x === "number" ? x : 0);
    if (least(few) !== Math.ceil(least(floats) / share))
      fail(`${least(few)} bytes are needed in ${storage}, ${least(floats)} in f32`);
    if (typeof few === "number" || typeof floats === "number") return 0;
    if (few.memorySize !== floats.memorySize) fail(`${few.memorySize} numbers, not ${floats.memorySize}`);
    return 0;
  },
});

/** Every law about embeddings and their schemes. */
export const embeddingLaws: readonly EmbeddingLaw[] = [
  ...slotLaws,
  lookupLaw,
  adjoint,
  determinism,
  shape,
  withinBytes,
  directional,
  ofFewBits,
];
