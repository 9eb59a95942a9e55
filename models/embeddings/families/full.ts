import { check } from "../../../core/errors.ts";
import { switchOption } from "../../../core/options.ts";
import { type LazyRows, lazyRowsOf } from "../../data/lazy-rows.ts";
import { type EmbeddingMaker, floatsWithin, sharedMemory } from "../embedding.ts";
import { embeddingFamily, ofFamily } from "../family.ts";
import { fullScheme, lazyScheme } from "../full-scheme.ts";
import { type PoolingOptions, poolingOptions } from "../pooling.ts";
import { everyRow, virtualFloats } from "../scheme.ts";

/** How full tables pool their bags, and whether memory is kept for some rows only. */
export interface FullOptions extends PoolingOptions {
  /**
   * Memory for these rows only, which start as they would in whole tables and so become the same, bit for bit, in a
   * training that touches no others. Looking up any other row is refused. Making it takes time for these rows only, whatever
   * the size of the tables. Default: memory for all rows.
   */
  readonly rows?: LazyRows | undefined;
}

/** Every weight has a slot of its own, tables one after the other: no sharing. Memory N = Σ rows · dim. */
export function full({ rows, ...options }: FullOptions = {}): EmbeddingMaker {
  const family = (make: EmbeddingMaker) =>
    ofFamily({ family: "full", given: options, rows }, poolingOptions, make);
  if (rows === undefined) return family(sharedMemory(fullScheme, options));
  check(
    options.pooling !== "learned",
    () => "full with lazy rows keeps no learned pooling weights; use pooling sum or mean.",
  );
  return family((setting) => {
    const embedding = sharedMemory((shape) => lazyScheme(shape, rows), options)(setting);
    return { ...embedding, bytes: embedding.bytes + rows.bytes };
  });
}

export const fullFamily = embeddingFamily({
  name: "full",
  summary: "every row of its own",
  growsWithTables: true,
  options: {
    ...poolingOptions,
    lazyRows: switchOption({ help: "memory for the rows only that the data looks up", draw: "none" }),
  },
  needs: ({ lazyRows }) => (lazyRows ? "rows" : undefined),
  make: ({ lazyRows, ...options }, known) => full({ ...options, ...(lazyRows && known) }),
  fitTo(bytes, shape, { lazyRows: _, ...options }, { rows }) {
    const floats = rows ? rows.count * shape.dim + rows.bytes / 4 : virtualFloats(shape);
    floatsWithin(bytes, "full", floats, options);
    return full({ ...options, rows });
  },
  example: (shape, stream, { lazyRows: _, ...drawn }) =>
    full({
      ...drawn,
      ...(stream.integer(2) === 1 && { rows: lazyRowsOf(shape.tables, everyRow(shape)) }),
    }),
});
