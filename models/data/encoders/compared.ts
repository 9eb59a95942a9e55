import type { Inputs, Numbers } from "../dataset.ts";
import type { Features } from "./features.ts";

/** How the numbers that rows have in a column compare with those that its scaling was fitted to. */
export interface ComparedColumn {
  readonly column: string;
  /** Rows that have a number, and rows that have none. */
  readonly values: number;
  readonly missing: number;
  /** The least and the greatest number that it was fitted to. */
  readonly range?: readonly [low: number, high: number];
  /** Numbers beyond these. */
  readonly outside: number;
  /** The mean of the scaled numbers: about 0 for rows like those that it was fitted to, whose standard deviation is 1. */
  readonly shift: number;
}

/** Compares the columns of numbers of all rows that it sees. */
export function comparison({ dense }: Features) {
  const counts = dense.map(() => ({ values: 0, missing: 0, outside: 0, sum: 0 }));
  return {
    see(raw: Inputs<Numbers>, encoded: Inputs): void {
      const [width, own] = [raw.dense.length / raw.size, encoded.dense.length / raw.size];
      for (const [i, found] of counts.entries()) {
        const [low, high] = dense[i]!.range ?? [-Infinity, Infinity];
        for (let row = 0; row < raw.size; row++) {
          const x = raw.dense[row * width + i]!;
          if (Number.isNaN(x)) found.missing++;
          else {
            found.values++;
            found.sum += encoded.dense[row * own + i]!;
            if (x < low || x > high) found.outside++;
          }
        }
      }
    },
    columns: (): ComparedColumn[] =>
      dense.map(({ column, range, scaling }, i) => {
        const { sum, ...found } = counts[i]!;
        const shift = scaling.kind === "none" || found.values === 0 ? 0 : sum / found.values;
        return { column, ...found, ...(range && { range }), shift };
      }),
  };
}

/** A sentence where a column's numbers are others than those that it was fitted to, by more than chance. */
export function comparedInWords({
  column,
  values,
  range,
  outside,
  shift,
}: ComparedColumn): string | undefined {
  const doubt = 1 / Math.sqrt(values);
  const isOther = "is it in another unit, or another column?";
  if (range && outside > (0.05 + doubt) * values)
    return `${column}: ${percent(outside / values)} of its values lie outside the range of those trained on, ${short(range[0])} … ${short(range[1])}; ${isOther}`;
  if (Math.abs(shift) > 1 + 3 * doubt)
    return `${column}: its values are ${shift > 0 ? "larger" : "smaller"} than those trained on, by ${Math.abs(shift).toFixed(1)} standard deviations on average once they are scaled; ${isOther}`;
  return undefined;
}

/** Never 100 % of what is less than all. */
const percent = (share: number): string => `${share === 1 ? 100 : Math.min(99, Math.round(100 * share))} %`;

const short = (x: number): string => String(Number(x.toPrecision(7)));
