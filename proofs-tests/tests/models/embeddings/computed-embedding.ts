import fc from "fast-check";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../core/backend.ts";
import { dense, gradients } from "../../../../core/backward.ts";
import { gamma, unitRoundoff } from "../../../../core/numeric/number.ts";
import { type Random, random } from "../../../../core/numeric/random.ts";
import { add, multiply } from "../../../../core/ops/arithmetic.ts";
import { sumAll } from "../../../../core/ops/sum.ts";
import { type Tensor, tensor, tidy } from "../../../../core/tensor.ts";
import type { Bags } from "../../../../models/data/dataset.ts";
import type { Embedding } from "../../../../models/embeddings/embedding.ts";
import type { TableShape } from "../../../../models/embeddings/scheme.ts";

type Values = readonly ArrayLike<number>[];

/**
 * What an embedding must compute, in plain loops, where it is made of sums of products of up to three parameters: the sum
 * of every bag from these parameters, and its size, the same sum of the absolute values of all its terms. `pattern` tells
 * apart the pieces of a function that is a polynomial piece by piece.
 */
export type Definition = (
  values: Values,
  bags: Bags,
) => { readonly values: number[]; readonly sizes: number[]; readonly pattern: string };

/** An embedding with random options, and its definition. */
interface Subject {
  readonly embedding: Embedding;
  readonly definition: Definition;
}

/** How to make a subject for these tables. */
export type Making = (shape: TableShape, stream: Random, backend: Backend, seed: number) => Subject;

interface Case extends Subject {
  readonly bags: Bags;
  readonly stream: Random;
}

/** Tables of up to `rows` rows, and bags of no, one or several ids, some of which repeat. */
function caseOf(making: Making, rows: number, backend: Backend, seed: number): Case {
  const stream = random(seed, "case");
  const tables = Array.from({ length: 1 + stream.integer(3) }, () => 1 + stream.integer(rows));
  const subject = making({ tables, dim: 1 + stream.integer(12) }, stream, backend, seed);
  const samples = 1 + stream.integer(4);
  const offsets = new Uint32Array(samples * tables.length + 1);
  const ids: number[] = [];
  for (let bag = 0; bag + 1 < offsets.length; bag++) {
    const few = Math.min(tables[bag % tables.length]!, 1 + stream.integer(2 ** 31));
    for (let i = stream.integer(4); i > 0; i--) ids.push(stream.integer(2) ? stream.integer(few) : few - 1);
    offsets[bag + 1] = ids.length;
  }
  return { ...subject, bags: { ids: Uint32Array.from(ids), offsets }, stream };
}

const property = (
  check: (example: Case) => Promise<void>,
  making: Making,
  rows: number,
  backend: Backend = cpu64,
) =>
  fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) =>
    check(caseOf(making, rows, backend, seed)),
  );

/**
 * More roundings than any number meets on its way from parameters to a result, forward, back and back once more: of
 * fewer than 40 sums on such a way, none has more terms than there are parameters, ids and outputs.
 */
const roundings = ({ memorySize }: Embedding, { ids, offsets }: Bags, dim: number): number =>
  40 * (memorySize + (ids.length + offsets.length) * dim);

/**
 * The embedding is its definition. Both round sums of products, each at most γ_k times the sum of absolute values away
 * from the exact result (Higham §3.1; relu takes no two numbers further apart).
 */
export const isItsDefinition = (making: Making, rows = 2 ** 31, backend?: Backend) =>
  property(
    async ({ embedding, definition, bags }) => {
      const values = await Promise.all(embedding.parameters.map((p) => p.tensor.data()));
      const expected = definition(values, bags);
      const actual = await embedding.forward(bags).data();
      const bound = 2 * gamma(roundings(embedding, bags, embedding.dim), unitRoundoff.f64);
      if (actual.length !== expected.values.length)
        throw new Error(`${actual.length} floats, by definition ${expected.values.length}`);
      for (const [i, y] of actual.entries()) {
        if (!(Math.abs(y - expected.values[i]!) <= bound * expected.sizes[i]!))
          throw new Error(`element ${i}: ${y}, by definition ${expected.values[i]}`);
      }
    },
    making,
    rows,
    backend,
  );

/** A number that follows from the parameters, as they are now. */
type Scalar = () => Tensor;

/**
 * The gradient of ⟨G, sums of the bags⟩, and the gradient of that gradient's product with a direction, along another
 * direction: by the reverse sweep, and by differences. Those are exact but for rounding, since on a piece the function
 * is a polynomial of degree three: f'(0) = (8(f(h/2) − f(−h/2)) − (f(h) − f(−h))) / 6h.
 */
export const hasItsDerivatives = (making: Making, rows = 300, backend?: Backend) =>
  property(
    async ({ embedding, definition, bags, stream }) => {
      const { parameters, dim } = embedding;
      const normal = (length: number) => Float64Array.from({ length }, () => stream.normal());
      const like = () => parameters.map(({ size }) => normal(size));
      const origin = await Promise.all(parameters.map(async (p) => Float64Array.from(await p.tensor.data())));
      const [v, w] = [like(), like()];
      const outputs = (bags.offsets.length - 1) * dim;
      const G = normal(outputs);
      const f: Scalar = () => {
        const y = embedding.forward(bags);
        return sumAll(multiply(y, tensor(y.backend, y.shape, G)));
      };
      const { sizes } = definition(
        origin.map((x, p) => x.map((o, i) => Math.abs(o) + Math.abs(v[p]![i]!) + Math.abs(w[p]![i]!))),
        bags,
      );
      const size = sizes.reduce((sum, s, i) => sum + s * Math.abs(G[i]!), 0);
      const h = stepOnOnePiece((t) => definition(moved(origin, v, t), bags).pattern);
      const allowed = gamma(roundings(embedding, bags, dim), unitRoundoff.f64) * size * (1 + 3 / h);
      for (const [name, g] of [
        ["first", f],
        ["second", slope(embedding, f, w)],
      ] as const) {
        const swept = await numberOf(slope(embedding, g, v));
        const differences = await byDifferences(embedding, g, origin, v, h);
        if (!(Math.abs(swept - differences) <= allowed))
          throw new Error(
            `${name} derivative: ${swept} by the sweep, ${differences} ± ${allowed} by differences`,
          );
      }
    },
    making,
    rows,
    backend,
  );

const moved = (origin: readonly Float64Array[], direction: readonly Float64Array[], t: number) =>
  origin.map((x, p) => x.map((o, i) => o + t * direction[p]![i]!));

/** The first of 1, 1/2, 1/4, … within which a function's differences stay on one piece. */
function stepOnOnePiece(patternAt: (t: number) => string): number {
  const here = patternAt(0);
  for (let h = 1; h > 2 ** -40; h /= 2)
    if ([h, h / 2, -h / 2, -h].every((t) => patternAt(t) === here)) return h;
  throw new Error("The function has a kink at these parameters.");
}

/** Σ ⟨∂f/∂parameter, direction⟩: the derivative of f along a direction, by the reverse sweep. */
const slope =
  ({ parameters }: Embedding, f: Scalar, direction: readonly Float64Array[]): Scalar =>
  () => {
    const tensors = parameters.map((p) => p.tensor);
    const along = gradients(f(), tensors).flatMap((g, p) => {
      if (g === null) return [];
      const x = dense(g);
      return [sumAll(multiply(x, tensor(x.backend, x.shape, direction[p]!)))];
    });
    return along.reduce((a, b) => add(a, b), tensor(tensors[0]!.backend, [], [0]));
  };

async function byDifferences(
  { parameters }: Embedding,
  f: Scalar,
  origin: readonly Float64Array[],
  direction: readonly Float64Array[],
  h: number,
): Promise<number> {
  const at = async (t: number): Promise<number> => {
    const values = moved(origin, direction, t);
    for (const [p, { tensor: x }] of parameters.entries()) x.replace(x.backend.upload(values[p]!));
    return numberOf(f);
  };
  const [half, whole] = [(await at(h / 2)) - (await at(-h / 2)), (await at(h)) - (await at(-h))];
  await at(0);
  return (8 * half - whole) / (6 * h);
}

const numberOf = (f: Scalar): Promise<number> => tidy(f).item();

/** Whether a property is refuted in 100 cases. */
export const isRefuted = async (law: fc.IAsyncProperty<unknown>): Promise<boolean> =>
  (await fc.check(law, { seed: 20_240_229, numRuns: 100, endOnFailure: true })).failed;
