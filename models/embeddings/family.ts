import { check } from "../../core/errors.ts";
import type { AffineCoefficients } from "../../core/numeric/hash.ts";
import { hashNames } from "../../core/numeric/hash-by-name.ts";
import type { Random } from "../../core/numeric/random.ts";
import {
  accepted,
  type Choice,
  choiceOption,
  drawn,
  type Given,
  numberOption,
  type Option,
  type Options,
  wholeOption,
} from "../../core/options.ts";
import type { LazyRows } from "../data/lazy-rows.ts";
import type { EmbeddingMaker, EmbeddingOrigin, MemorySize } from "./embedding.ts";
import type { Known, Needs } from "./known.ts";
import type { EmbeddingSetting, TableShape } from "./scheme.ts";

/** An embedding by name: what the command line offers, studies compare, and the laws are generated from. */
export interface EmbeddingFamily<Declared extends Options = Options> extends Choice {
  readonly options: Declared;
  /** Options that programs may give, and texts may not. */
  readonly hidden?: Options;
  /** Its memory grows with the tables, so laws give it small ones. */
  readonly growsWithTables?: true;
  /** What it has to be told of the data before it is made, with these options. Absent where nothing. */
  needs?(options: Given<Declared>): Needs;
  /** The embedding with these options. Throws an InputError for one that it does not have or cannot take. */
  make(options: Given<Declared>, known?: Known): EmbeddingMaker;
  /** The embedding of this origin, hidden options and all. Throws an InputError for options that it cannot have. */
  remake(origin: Omit<EmbeddingOrigin, "family"> & Pick<Known, "own">): EmbeddingMaker;
  /**
   * The largest of this family that takes no more than `bytes` for tables of this shape: what comparisons at equal memory
   * are made of. Throws an InputError that says how many bytes it needs at least, where that is more.
   */
  fitTo(bytes: number, shape: TableShape, options?: Given<Declared>, known?: Known): EmbeddingMaker;
  /** Random options of every kind, for tables of this shape. */
  example(shape: TableShape, random: Random): EmbeddingMaker;
}

/** What a family's file says; its options arrive accepted. */
interface Described<Declared extends Options>
  extends Omit<EmbeddingFamily<Declared>, "make" | "remake" | "fitTo" | "example"> {
  make(options: Given<Declared>, known: Known): EmbeddingMaker;
  fitTo(bytes: number, shape: TableShape, options: Given<Declared>, known: Known): EmbeddingMaker;
  /** Of a random size, which must go with the options that were drawn by their declarations. */
  example(shape: TableShape, random: Random, drawn: Given<Declared>): EmbeddingMaker;
}

/** The family that is described; its `make` and `fitTo` throw an InputError for an option that it does not have. */
export const embeddingFamily = <Declared extends Options>(
  described: Described<Declared>,
): EmbeddingFamily<Declared> => ({
  ...described,
  make: (options, known = {}) => described.make(accepted(described, options), known),
  remake({ options, rows, own }) {
    const { name, hidden } = described;
    accepted<Options>({ name, options: { ...described.options, ...hidden } }, options);
    return described.make(options as Given<Declared>, { rows, own });
  },
  fitTo: (bytes, shape, options = {}, known = {}) =>
    described.fitTo(bytes, shape, accepted(described, options), known),
  example: (shape, stream) => described.example(shape, stream, drawn(described.options, stream, shape)),
});

/** How large a memory is; one of the two is needed. */
export const sizeOptions = {
  memorySize: wholeOption({
    from: 1,
    to: 2 ** 32 - 1,
    isSize: true,
    form: "FLOATS",
    help: "learnable floats",
  }),
  compression: numberOption({
    from: 1,
    isSize: true,
    form: "C",
    help: "full tables' floats over learnable floats",
  }),
};

/** The hash that places rows or blocks. */
export const hashOption = choiceOption(hashNames, {
  default: "mersenne61",
  help: "what places are hashed by",
});

/** The seed of an embedding's hashes, in place of the model's. */
export const ownSeed = { seed: wholeOption({ help: "of the hashes", otherwise: "the model's" }) };

/** Coefficients of an affine hash: whole numbers. */
export const coefficientsOption = (help: string): Option<AffineCoefficients, undefined> => ({
  form: "COEFFICIENTS",
  help,
  default: undefined,
  read: (text) => text,
  accept(value, name) {
    const [must, may] = [["prime", "r1", "r2", "r3"], ["r4"]];
    const isWhole = (x: unknown) => Number.isSafeInteger(x) && (x as number) >= 0;
    const given = typeof value === "object" && value !== null ? Object.entries(value) : [];
    const sound = given.every(
      ([key, x]) => [...must, ...may].includes(key) && (isWhole(x) || x === undefined),
    );
    check(
      sound && must.every((key) => given.some(([own, x]) => own === key && isWhole(x))),
      () =>
        `${name} must be whole numbers from 0 up: ${must.join(", ")} and, where tables are told apart, r4.`,
    );
    return value as AffineCoefficients;
  },
});

/**
 * `make` of an embedding's own function, which then knows what it was made by, if all that is given is a size or one of the
 * options declared. Throws an InputError otherwise: an option that nobody reads must not pass for one that works.
 */
export function ofFamily(
  { family, given, rows }: { family: string; given: object; rows?: LazyRows | undefined },
  declared: Options,
  make: EmbeddingMaker,
): EmbeddingMaker {
  const options: Record<string, unknown> = { ...given };
  accepted<Options>({ name: family, options: { ...sizeOptions, ...declared } }, options);
  checkOneSize(options, family);
  const origin = { family, options, rows };
  return Object.assign((setting: EmbeddingSetting) => ({ ...make(setting), origin }), { origin });
}

function checkOneSize({ memorySize, compression }: Given<typeof sizeOptions>, name: string): void {
  check(
    memorySize === undefined || compression === undefined,
    () =>
      `${name} has one size, but memory size ${memorySize} and compression ${compression} are given; leave one out.`,
  );
}

/** The size that was asked for. Throws an InputError where none was, or two. */
export function sizeFrom({ memorySize, compression }: Given<typeof sizeOptions>, name: string): MemorySize {
  checkOneSize({ memorySize, compression }, name);
  if (memorySize !== undefined) return { memorySize };
  check(
    compression !== undefined,
    () => `${name} needs a size: give --compression C or --memory-size FLOATS.`,
  );
  return { compression };
}
