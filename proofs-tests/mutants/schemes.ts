import type { Backend } from "../../core/backend.ts";
import { plus } from "../../core/numeric/formula.ts";
import { multiply, scale } from "../../core/ops/arithmetic.ts";
import { elementwise } from "../../core/ops/elementwise.ts";
import { Parameter } from "../../core/parameter.ts";
import { scalar } from "../../core/scalar.ts";
import type { Tensor } from "../../core/tensor.ts";
import { type Embedding, sharedMemory } from "../../models/embeddings/embedding.ts";
import { cafeFamily } from "../../models/embeddings/families/cafe.ts";
import { fullFamily } from "../../models/embeddings/families/full.ts";
import { hashEmbeddingFamily } from "../../models/embeddings/families/hash-embedding.ts";
import { memcomFamily } from "../../models/embeddings/families/memcom.ts";
import { robeFamily } from "../../models/embeddings/families/robe.ts";
import { multiHashFamily, rowHashFamily } from "../../models/embeddings/families/row-hash.ts";
import type { EmbeddingFamily } from "../../models/embeddings/family.ts";
import type { ReadFormula } from "../../models/embeddings/plan.ts";
import { blockByBlock, type Place, type SharingScheme } from "../../models/embeddings/scheme.ts";
import { averaging } from "./backends.ts";

/** `family` whose schemes have been tampered with. */
const tampered = (
  family: EmbeddingFamily,
  change: (scheme: SharingScheme) => Partial<SharingScheme>,
): EmbeddingFamily => ({
  ...family,
  example(shape, stream) {
    const maker = family.example(shape, stream);
    return (setting) => {
      const scheme = maker(setting).scheme!;
      return sharedMemory(() => ({ ...blockByBlock(scheme), ...change(scheme) }))(setting);
    };
  },
});

const explained = (family: EmbeddingFamily, change: (place: Place, scheme: SharingScheme) => Place) =>
  tampered(family, (scheme) => ({
    slotsOf: (...weight) => scheme.slotsOf(...weight).map((place) => change(place, scheme)),
  }));

const embedded = (family: EmbeddingFamily, change: (embedding: Embedding) => Partial<Embedding>) => ({
  ...family,
  example: (...given: Parameters<EmbeddingFamily["example"]>): ReturnType<EmbeddingFamily["example"]> => {
    const maker = family.example(...given);
    return (setting) => {
      const embedding = maker(setting);
      return { ...embedding, ...change(embedding) };
    };
  },
});

/** The same parameter, but no gradient reaches it. */
const unreached = ({ name, tensor: x, rowLength }: Parameter) =>
  new Parameter(name, x.view(x.shape), rowLength);

const square = (x: Tensor): Tensor => multiply(x, x);

/** x², whose gradient is right, but is no function of x to a second sweep. */
const forgetfulSquare = elementwise({
  name: "forgetfulSquare",
  f: scalar("x", "x * x"),
  vjp: (g, { inputs: [x] }) => [scale(multiply(g, x!.view(x!.shape)), { by: 2 })],
});

interface BrokenScheme {
  readonly law: string;
  readonly mutation: string;
  readonly broken: EmbeddingFamily;
  readonly sound: EmbeddingFamily;
  /** Where the fault lies in the backend. */
  readonly backend?: Backend;
}

const fastPath = "the fast path is its definition in unbounded integers, slot by slot and sign by sign";
const signedSum = "a forward pass is the signed sum that the scheme explains";
const directionalDifference =
  "each parameter's gradient is its directional difference, and so is that gradient's own";
const deterministic = "the same options and seed give the same memory and the same output, bit for bit";

const otherEngines =
  "the formulas that other engines are given are the definition, slot by slot and sign by sign";

/** `family` whose schemes tell other engines something else of each term. */
const told = (family: EmbeddingFamily, change: (term: ReadFormula) => ReadFormula): EmbeddingFamily =>
  tampered(family, ({ formulas }) => ({
    formulas: () => formulas!().map(({ tables, terms }) => ({ tables, terms: terms.map(change) })),
  }));

/** Wrong schemes, each with the law that must see it. */
export const brokenSchemes: readonly BrokenScheme[] = [
  {
    law: otherEngines,
    mutation: "formulas say nothing of signs",
    broken: told(robeFamily, ({ slot }) => ({ slot })),
    sound: robeFamily,
  },
  {
    law: otherEngines,
    mutation: "formulas are of the next slot",
    broken: told(fullFamily, ({ slot }) => ({ slot: plus(slot, 1) })),
    sound: fullFamily,
  },
  {
    law: fastPath,
    mutation: "the definition has no signs",
    broken: explained(robeFamily, ({ slot }) => ({ slot, sign: 1 })),
    sound: robeFamily,
  },
  {
    law: signedSum,
    mutation: "the definition has no signs",
    broken: explained(multiHashFamily, ({ slot }) => ({ slot, sign: 1 })),
    sound: multiHashFamily,
  },
  {
    law: fastPath,
    mutation: "the definition wraps one slot too soon",
    broken: explained(robeFamily, ({ slot, sign }, { memorySize }) => ({
      slot: slot % (memorySize - 1),
      sign,
    })),
    sound: robeFamily,
  },
  {
    law: "the elements of a block lie next to each other, round the end of memory",
    mutation: "the definition wraps one slot too soon",
    broken: explained(robeFamily, ({ slot, sign }, { memorySize }) => ({
      slot: slot % (memorySize - 1),
      sign,
    })),
    sound: robeFamily,
  },
  {
    law: "every slot lies inside memory",
    mutation: "slots count from 1",
    broken: explained(rowHashFamily, ({ slot, sign }) => ({ slot: slot + 1, sign })),
    sound: rowHashFamily,
  },
  {
    law: fastPath,
    mutation: "the fast path's hash ignores the table",
    broken: tampered(robeFamily, (scheme) => ({
      blockStart: (_, ...place) => scheme.blockStart(0, ...place),
    })),
    sound: robeFamily,
  },
  {
    law: fastPath,
    mutation: "the fast path's sign ignores the table",
    broken: tampered(rowHashFamily, ({ signs }) =>
      signs ? { signs: (_, ...place) => signs(0, ...place) } : {},
    ),
    sound: rowHashFamily,
  },
  {
    law: fastPath,
    mutation: "the fast path forgets the first hot row",
    broken: tampered(cafeFamily, ({ blockStart: start, memorySize, rowLength }) => ({
      blockStart: (...place) => start(...place) || memorySize - rowLength!,
    })),
    sound: cafeFamily,
  },
  {
    law: "all blocks at once are what they are one by one",
    mutation: "the last block of a list is forgotten",
    broken: tampered(robeFamily, ({ locateBatch: locate }) =>
      locate
        ? {
            locateBatch: (tables, rows, starts, signs) => {
              locate(tables, rows, starts, signs);
              starts[starts.length - 1] = 0;
            },
          }
        : {},
    ),
    sound: robeFamily,
  },
  {
    law: "the gradient of memory is the adjoint of the lookup: ⟨RᵀM, G⟩ = ⟨M, RG⟩",
    mutation: "a slot's gradient is the mean of its readers'",
    broken: robeFamily,
    sound: robeFamily,
    backend: averaging,
  },
  {
    law: deterministic,
    mutation: "memory starts at numbers of no seed",
    broken: tampered(fullFamily, () => ({ initialize: (memory) => void memory.fill(Math.random()) })),
    sound: fullFamily,
  },
  {
    law: deterministic,
    mutation: "slots are drawn anew at each lookup",
    broken: tampered(robeFamily, ({ memorySize }) => ({
      blockStart: () => Math.floor(Math.random() * memorySize),
    })),
    sound: robeFamily,
  },
  {
    law: "the memory holds as many floats as the embedding says, the output one row a bag",
    mutation: "one float too few is said",
    broken: embedded(fullFamily, ({ memorySize }) => ({ memorySize: memorySize - 1 })),
    sound: fullFamily,
  },
  {
    law: "an embedding within so many bytes takes no more, and says how many it needs where those are too few",
    mutation: "bytes are taken for floats",
    broken: { ...robeFamily, fitTo: (bytes) => robeFamily.make({ memorySize: bytes + 4 }) },
    sound: robeFamily,
  },
  {
    law: directionalDifference,
    mutation: "a number's gradient is the mean of its readers'",
    broken: memcomFamily,
    sound: memcomFamily,
    backend: averaging,
  },
  {
    law: directionalDifference,
    mutation: "the importance weights are constants to the sweep",
    broken: embedded(hashEmbeddingFamily, ({ forward, parameters: [memory, weights] }) => ({
      parameters: [memory!, unreached(weights!)],
      forward,
    })),
    sound: hashEmbeddingFamily,
  },
  {
    law: directionalDifference,
    mutation: "a gradient forgets what it is a function of",
    broken: embedded(robeFamily, ({ forward }) => ({ forward: (bags) => forgetfulSquare(forward(bags)) })),
    sound: embedded(robeFamily, ({ forward }) => ({ forward: (bags) => square(forward(bags)) })),
  },
  {
    law: "stored in fewer bits it takes that part of the bytes, and holds as many numbers",
    mutation: "what is stored in fewer bits is counted as halves",
    broken: {
      ...robeFamily,
      fitTo: (bytes, shape, options = {}) =>
        robeFamily.fitTo(bytes, shape, options.storage === "f32" ? options : { ...options, storage: "f16" }),
    },
    sound: robeFamily,
  },
];
