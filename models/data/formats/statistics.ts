import { counted } from "../../../core/format.ts";
import type { Batch } from "../dataset.ts";
import { ColumnStatistics } from "../encoders/column.ts";
import { DistinctSketch, rowsFor, tableInWords } from "../encoders/distinct.ts";
import type { Features } from "../encoders/features.ts";
import { fitted, type Scaling, scalingInWords } from "../encoders/scaling.ts";
import type { Part } from "../split.ts";
import type { Columns } from "./columns.ts";

/** What a walk gathers of the columns of the rows to train on. */
export function statisticsOf({ dense, categorical, multi = {} }: Columns) {
  const numbers = dense.map((name) => new ColumnStatistics(name));
  const ids = categorical.map(() => new DistinctSketch());
  return {
    see({ dense: values, bags, size }: Batch, parts: readonly Part[]): void {
      const [width, tables] = [values.length / size, (bags.offsets.length - 1) / size];
      for (let row = 0; row < size; row++) {
        if (parts[row] !== "train") continue;
        for (const [i, column] of numbers.entries()) column.add(values[row * width + i]!);
        for (const [t, sketch] of ids.entries()) {
          const bag = row * tables + t;
          for (let i = bags.offsets[bag]!; i < bags.offsets[bag + 1]!; i++) sketch.add(bags.ids[i]!);
        }
      }
    },
    /** What a model of these columns reads them by: numbers scaled in this way, tables of `rows` or of what occurs. */
    fitted: (kind: Scaling["kind"], rows: number | undefined): Omit<Features, "label"> => ({
      dense: dense.map((column, i) => {
        const { low, high } = numbers[i]!;
        const scaling = fitted(kind, numbers[i]!);
        return low <= high ? { column, scaling, range: [low, high] } : { column, scaling };
      }),
      categorical: categorical.map((column, t) => {
        const own = { column, rows: rows ?? rowsFor(ids[t]!), distinct: ids[t]!.count() };
        return Object.hasOwn(multi, column) ? { ...own, separator: multi[column]! } : own;
      }),
    }),
    inWords: (features: Omit<Features, "label">): string[] => [
      ...features.dense.map(({ column, scaling }, i) => {
        const { missing } = numbers[i]!;
        const coarse = levels(numbers[i]!);
        const gaps = missing > 0 ? `; ${counted(missing, "missing value")}, which become 0` : "";
        return `${column}: ${scalingInWords(scaling)}${gaps}${coarse}`;
      }),
      ...features.categorical.map(({ column, rows }, t) => tableInWords(column, ids[t]!, rows)),
    ],
  };
}

/** A warning where 32-bit floats tell few values of a column apart: a time of day in milliseconds since 1970, for example. */
function levels({ low, high }: ColumnStatistics): string {
  const apart = (high - low) / (Math.max(Math.abs(low), Math.abs(high)) * 2 ** -23);
  return apart > 0 && apart < 4096
    ? `; 32-bit numbers tell only about ${counted(Math.ceil(apart), "value")} of it apart: subtract a constant from it first`
    : "";
}
