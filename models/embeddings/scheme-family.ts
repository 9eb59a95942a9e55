import type { Given } from "../../core/options.ts";
import { floatsWithin, memoryFloats, sharedMemory } from "./embedding.ts";
import { embeddingFamily, ofFamily, sizeFrom, sizeOptions } from "./family.ts";
import { type PoolingOptions, poolingOptions } from "./pooling.ts";
import type { SharingScheme, TableShape } from "./scheme.ts";

/** A sharing scheme of one's own, of any size. */
interface OwnScheme {
  readonly name: string;
  /** Floats that the smallest memory for these tables has. Default: one row, `dim`. */
  readonly least?: (shape: TableShape) => number;
  /** The scheme of a memory of at most `memorySize` floats, whose hashes come of `seed`. */
  readonly scheme: (shape: TableShape, memorySize: number, seed: number) => SharingScheme;
}

/** Floats above the least that random examples have at most: small memories, where all effects of sharing are large. */
const mostMore = 60;

/** The family of a sharing scheme of one's own: what laws, studies and the command line know an embedding by. */
export const schemeFamily = ({ name, least = ({ dim }) => dim, scheme }: OwnScheme) => {
  const of = (given: Given<typeof sizeOptions> & PoolingOptions) => {
    const { memorySize: _, compression: __, ...pooled } = given;
    const size = sizeFrom(given, name);
    const made = (shape: TableShape, seed: number) => scheme(shape, memoryFloats(size, shape), seed);
    return ofFamily({ family: name, given }, poolingOptions, sharedMemory(made, pooled));
  };
  return embeddingFamily({
    name,
    summary: `the sharing scheme ${name}`,
    options: { ...sizeOptions, ...poolingOptions },
    make: of,
    fitTo: (bytes, shape, options) =>
      of({ ...options, memorySize: floatsWithin(bytes, name, least(shape), options) }),
    example: (shape, stream, drawn) => of({ ...drawn, memorySize: least(shape) + stream.integer(mostMore) }),
  });
};
