import { random } from "../../../core/numeric/random.ts";

/** A table to try a plan on. */
export interface DrawnTable {
  readonly name: string;
  readonly rows: number;
  readonly dim: number;
  /** [rows × dim] */
  readonly weights: Float64Array;
}

/** Of rank r, its first rows heavy: as tables are that were trained on popular and rare ids. */
export function structuredTable(rows: number, dim: number, rank: number, seed: number): DrawnTable {
  const stream = random(seed, "structured table");
  const directions = Array.from({ length: rank }, () =>
    Float64Array.from({ length: dim }, () => stream.normal()),
  );
  const weights = new Float64Array(rows * dim);
  for (let i = 0; i < rows; i++) {
    for (const direction of directions) {
      const along = stream.normal() / Math.sqrt(1 + i);
      for (let c = 0; c < dim; c++) weights[i * dim + c]! += along * direction[c]!;
    }
  }
  return { name: `structured, rank ${rank}, first rows heavy`, rows, dim, weights };
}

/** Every weight of its own, by Student's t with 3 degrees of freedom: a few are very large. */
export function heavyTailedTable(rows: number, dim: number, seed: number): DrawnTable {
  const stream = random(seed, "heavy-tailed table");
  const weights = Float64Array.from({ length: rows * dim }, () => {
    const square = stream.normal() ** 2 + stream.normal() ** 2 + stream.normal() ** 2;
    return stream.normal() / Math.sqrt(square / 3);
  });
  return { name: "heavy-tailed, full rank", rows, dim, weights };
}

export const columnsOf = ({ rows, dim, weights }: DrawnTable): Float64Array[] =>
  Array.from({ length: dim }, (_, c) => Float64Array.from({ length: rows }, (_, i) => weights[i * dim + c]!));
