import fc from "fast-check";
import { cpu64 } from "../../backends/cpu/index.ts";
import type { Backend } from "../../core/backend.ts";
import { dense, gradients } from "../../core/backward.ts";
import { InputError } from "../../core/errors.ts";
import { eachRead } from "../../core/lookup.ts";
import { type Random, random } from "../../core/numeric/random.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { EmbeddingFamily } from "../../models/embeddings/family.ts";
import {
  blockByBlock,
  lookupOf,
  type SharingScheme,
  type TableShape,
  virtualFloats,
} from "../../models/embeddings/scheme.ts";
import { directional } from "./directional.ts";
import { noiseLike } from "./noise.ts";
import type { Case, SchemeLaw } from "./scheme-law.ts";

/** Tables small enough to be kept whole, or (where memory is shared) of up to 2³¹ rows with as many rows before them. */
function caseOf(family: EmbeddingFamily, seed: number, backend: Backend): Case {
  const stream = random(seed, "case");
  const small = family.growsWithTables || stream.integer(2) === 0;
  const tables = Array.from(
    { length: 1 + stream.integer(3) },
    () => 1 + stream.integer(small ? 30 : 2 ** 31),
  );
  const shape = { tables, dim: 1 + stream.integer(9) };
  const maker = family.example(shape, stream);
  const again = () => maker({ ...shape, backend, seed });
  const samples = 1 + stream.integer(4);
  const sizes = Array.from({ length: samples * tables.length }, () => stream.integer(4));
  const offsets = new Uint32Array(sizes.length + 1);
  for (const [i, size] of sizes.entries()) offsets[i + 1] = offsets[i]! + size;
  const ids = sizes.flatMap((size, bag) =>
    Array.from({ length: size }, () => stream.integer(tables[bag % tables.length]!)),
  );
  return {
    family,
    embedding: again(),
    bags: { ids: Uint32Array.from(ids), offsets },
    samples,
    stream,
    again,
  };
}

/** The law on random cases of the family; fast-check shrinks and prints the seed. */
export const schemeProperty = (law: SchemeLaw, family: EmbeddingFamily, backend: Backend = cpu64) =>
  fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) =>
    law.check(caseOf(family, seed, backend)),
  );

function fail(sentence: string): never {
  throw new Error(sentence);
}

/** The fast path's (slot, sign) pairs for each column of a row, read back from a lookup of that row alone. */
function placesOf(scheme: SharingScheme, shape: TableShape, table: number, row: number): string[][] {
  const offsets = Uint32Array.from({ length: shape.tables.length + 1 }, (_, t) => (t > table ? 1 : 0));
  const places: string[][] = Array.from({ length: shape.dim }, () => []);
  const lookup = lookupOf(scheme, shape, { ids: Uint32Array.of(row), offsets });
  eachRead(lookup, (_, column, slot, sign) => places[column]!.push(`${sign}·M[${slot}]`));
  return places;
}

const bitIdentity: SchemeLaw = {
  law: "the fast path is its definition in unbounded integers, slot by slot and sign by sign",
  check({ embedding: { scheme, tables, dim }, stream }) {
    if (!scheme) return;
    for (let k = 0; k < 5; k++) {
      const table = stream.integer(tables.length);
      const row = k === 0 ? tables[table]! - 1 : stream.integer(tables[table]!);
      const fast = placesOf(scheme, { tables, dim }, table, row);
      for (let column = 0; column < dim; column++) {
        const slow = scheme.slotsOf(table, row, column).map(({ slot, sign }) => `${sign}·M[${slot}]`);
        if (`${fast[column]}` !== `${slow}`)
          fail(`(${table}, ${row}, ${column}): ${fast[column]} by the fast path, ${slow} by definition`);
      }
    }
  },
};

const atOnce: SchemeLaw = {
  law: "all blocks at once are what they are one by one",
  check({ embedding: { scheme, tables, dim }, bags }) {
    if (!scheme?.locateBatch) return;
    const shape = { tables, dim };
    const [all, each] = [scheme, blockByBlock(scheme)].map((way) => lookupOf(way, shape, bags));
    if (`${all!.starts}` !== `${each!.starts}`) fail(`starts ${all!.starts}, one by one ${each!.starts}`);
    if (`${all!.signs}` !== `${each!.signs}`) fail(`signs ${all!.signs}, one by one ${each!.signs}`);
  },
};

const range: SchemeLaw = {
  law: "every slot lies inside memory",
  check({ embedding: { scheme, tables, dim }, stream }) {
    const [table, column] = [stream.integer(tables.length), stream.integer(dim)];
    for (const { slot } of scheme?.slotsOf(table, stream.integer(tables[table]!), column) ?? []) {
      if (!(Number.isInteger(slot) && slot >= 0 && slot < scheme!.memorySize))
        fail(`slot ${slot} of ${scheme!.memorySize}`);
    }
  },
};

const contiguity: SchemeLaw = {
  law: "the elements of a block lie next to each other, round the end of memory",
  check({ embedding: { scheme, tables, dim }, stream }) {
    if (!scheme) return;
    const table = stream.integer(tables.length);
    const row = stream.integer(tables[table]!);
    for (let column = 1; column < dim; column++) {
      if (column % scheme.block === 0) continue;
      const [left, here] = [scheme.slotsOf(table, row, column - 1), scheme.slotsOf(table, row, column)];
      for (const [i, { slot }] of here.entries()) {
        if (slot !== (left[i]!.slot + 1) % scheme.memorySize)
          fail(`columns ${column - 1}, ${column}: slots ${left[i]!.slot}, ${slot}`);
      }
    }
  },
};

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

const lookupLaw: SchemeLaw = {
  law: "a forward pass is the signed sum that the scheme explains",
  async check(example) {
    const { embedding, bags } = example;
    if (!embedding.scheme) return;
    const memory = await embedding.parameters[0]!.tensor.data();
    const expected = pooledSlowly(example, memory);
    const actual = await embedding.forward(bags).data();
    for (const [i, v] of expected.entries()) {
      if (!(Math.abs(v - actual[i]!) <= 2 ** -45)) fail(`element ${i}: ${actual[i]}, by definition ${v}`);
    }
  },
};

const inner = async (x: Tensor, y: Tensor): Promise<number> => {
  const [a, b] = [await x.data(), await y.data()];
  return Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);
};

/** ⟨RᵀM, G⟩ = ⟨M, RG⟩: the slot gradient is the signed sum of what its readers get, not their mean. */
const adjoint: SchemeLaw = {
  law: "the gradient of memory is the adjoint of the lookup: ⟨RᵀM, G⟩ = ⟨M, RG⟩",
  async check({ embedding, bags, stream }) {
    if (!embedding.scheme) return;
    const memory = embedding.parameters[0]!.tensor;
    const output = embedding.forward(bags);
    const g = noiseLike(output, stream);
    const gradient = gradients(output, [memory], g)[0];
    if (!gradient) return;
    const [left, right] = [await inner(output, g), await inner(memory, dense(gradient))];
    if (!(Math.abs(left - right) <= 2 ** -40 * (1 + Math.abs(left))))
      fail(`⟨RᵀM, G⟩ = ${left}, ⟨M, RG⟩ = ${right}`);
  },
};

const determinism: SchemeLaw = {
  law: "the same options and seed give the same memory and the same output, bit for bit",
  async check({ embedding, bags, again }) {
    const other = again();
    for (const [i, { name, tensor: x }] of embedding.parameters.entries()) {
      if (`${await x.data()}` !== `${await other.parameters[i]!.tensor.data()}`)
        fail(`two makings of ${name} differ`);
    }
    const [x, y] = [await embedding.forward(bags).data(), await other.forward(bags).data()];
    if (`${x}` !== `${y}`) fail("two forward passes differ");
  },
};

const shape: SchemeLaw = {
  law: "the memory holds as many floats as the embedding says, the output one row a bag",
  check({ embedding: { parameters, memorySize, tables, dim, forward }, bags, samples }) {
    const floats = parameters.reduce((n, p) => n + p.size, 0);
    if (floats !== memorySize) fail(`${floats} learnable floats, ${memorySize} said`);
    const output = forward(bags).shape;
    if (`${output}` !== `${[samples, tables.length * dim]}`) fail(`output [${output}]`);
  },
};

/** An embedding of this family within so many bytes; or how many it says it needs at least, or that it stores no halves. */
function withinOrLeast(
  { family, embedding }: Case,
  bytes: number,
  shape: TableShape,
  storage: "f32" | "f16",
) {
  const { backend } = embedding.parameters[0]!.tensor;
  const stores = Object.hasOwn(family.options, "storage");
  if (storage === "f16" && !stores) return "floats only";
  try {
    return family.fitTo(bytes, shape, stores ? { storage } : {})({ ...shape, backend, seed: 1 });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return Number(/needs at least (\d+) bytes/.exec(error.message)?.[1] ?? fail(error.message));
  }
}

const smallShape = (stream: Random): TableShape => ({
  tables: Array.from({ length: 3 }, () => 1 + stream.integer(300)),
  dim: 4,
});

/** Of small tables, in a random part of their bytes, or in the fewest bytes that the family says it needs. */
const withinBytes: SchemeLaw = {
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
  },
};

/** A family that keeps its memory in f32 says so when it is asked for halves, and has nothing more to show. */
const asHalves: SchemeLaw = {
  law: "stored as halves it is two bytes a float, and holds what twice the bytes hold of floats",
  check(example) {
    const shape = smallShape(example.stream);
    const bytes = 1 + example.stream.integer(2 * virtualFloats(shape));
    if (withinOrLeast(example, 8 * virtualFloats(shape), shape, "f16") === "floats only") return;
    const halves = withinOrLeast(example, bytes, shape, "f16");
    const floats = withinOrLeast(example, 2 * bytes, shape, "f32");
    if (halves === "floats only" || floats === "floats only") fail("halves are refused by their number");
    if (typeof halves !== "number" && halves.parameters.every((p) => p.halves === undefined))
      fail("halves were asked for, and are not said to be refused");
    const least = (x: typeof halves) => (typeof x === "number" ? x : 0);
    if (2 * least(halves) !== least(floats))
      fail(`${least(halves)} bytes are needed, ${least(floats)} in f32`);
    if (typeof halves === "number" || typeof floats === "number") return;
    if (halves.memorySize !== floats.memorySize)
      fail(`${halves.memorySize} floats, not ${floats.memorySize}`);
    const taken = halves.parameters.reduce((n, p) => n + (p.halves ? 2 : 4) * p.size, 0);
    if (halves.bytes < taken) fail(`${halves.bytes} bytes said, ${taken} taken`);
  },
};

/** Every law about embeddings and their schemes. */
export const schemeLaws: readonly SchemeLaw[] = [
  bitIdentity,
  atOnce,
  range,
  contiguity,
  lookupLaw,
  adjoint,
  determinism,
  shape,
  withinBytes,
  directional,
  asHalves,
];
