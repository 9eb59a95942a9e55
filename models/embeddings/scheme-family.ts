import type { Given } from "../../core/options.ts";
import { floatsWithin, memoryFloats, sharedMemory } from "./embedding.ts";
import { embeddingFamily, sizeFrom, sizeOptions } from "./family.ts";
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
  const of = (sizeFor: (shape: TableShape) => number, options: PoolingOptions) =>
    sharedMemory((shape, seed) => scheme(shape, sizeFor(shape), seed), options);
  const pooled = ({
    memorySize: _,
    compression: __,
    ...options
  }: Given<typeof sizeOptions> & PoolingOptions) => options;
  return embeddingFamily({
    name,
    summary: `the sharing scheme ${name}`,
    options: { ...sizeOptions, ...poolingOptions },
    make: (options) => of((shape) => memoryFloats(sizeFrom(options, name), shape), pooled(options)),
    fitTo(bytes, shape, options) {
      const floats = floatsWithin(bytes, name, least(shape), options);
      return of(() => floats, pooled(options));
    },
    example(shape, stream, drawn) {
      const floats = least(shape) + stream.integer(mostMore);
      return of(() => floats, pooled(drawn));
    },
  });
};
