import { check, shown } from "../../../core/errors.ts";
import { counted } from "../../../core/format.ts";
import type { Batch, Numbers } from "../dataset.ts";
import { ColumnStatistics, coarseness } from "../encoders/column.ts";
import { DistinctSketch, rowsFor, tableInWords } from "../encoders/distinct.ts";
import type { Features } from "../encoders/features.ts";
import { fitted, isScaled, type Scaling, scalingInWords } from "../encoders/scaling.ts";
import { vocabulary } from "../encoders/vocabulary.ts";
import { NumberSet } from "../number-set.ts";
import type { Part } from "../split.ts";
import type { Columns } from "./columns.ts";

/**
 * What a walk gathers of the columns of the rows to train on. Long: what is gathered, fitted and said of each kind of column.
 * @param read the columns of numbers that are read: features first, then others, the time perhaps.
 * @param exact keeps all ids, 4 to 12 bytes each.
 */
export function statisticsOf(
  { dense, categorical, multi = {}, time }: Columns & { readonly time?: string | undefined },
  read: readonly string[],
  exact = false,
) {
  const numbers = read.map((name) => new ColumnStatistics(name));
  const ids = categorical.map(() => ({ sketch: new DistinctSketch(), lengths: new ListLengths() }));
  const sets = categorical.map(() => (exact ? new NumberSet() : undefined));
  return {
    see({ dense: values, bags, size }: Batch<Numbers>, parts: readonly Part[]): void {
      const [width, tables] = [values.length / size, (bags.offsets.length - 1) / size];
      for (let row = 0; row < size; row++) {
        if (parts[row] !== "train") continue;
        for (const [i, column] of numbers.entries()) column.add(values[row * width + i]!);
        for (const [t, { sketch, lengths }] of ids.entries()) {
          const [from, to] = [bags.offsets[row * tables + t]!, bags.offsets[row * tables + t + 1]!];
          lengths.add(to - from);
          for (let i = from; i < to; i++) {
            sketch.add(bags.ids[i]!);
            sets[t]?.add(bags.ids[i]!);
          }
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
        const { sketch } = ids[t]!;
        const own = { column, rows: rows ?? rowsFor(sketch), distinct: sketch.count() };
        return Object.hasOwn(multi, column) ? { ...own, separator: multi[column]! } : own;
      }),
    }),
    /** The same features, with a row of its own for each id; absent where ids were not kept. */
    exactly(features: Features): Features | undefined {
      if (!exact) return undefined;
      const own = features.categorical.map((feature, t) => {
        const known = vocabulary(sets[t]!.sorted());
        return { ...feature, rows: known.hashes.length + 1, vocabulary: known };
      });
      return { ...features, categorical: own };
    },
    inWords: (features: Omit<Features, "label">): string[] => [
      ...features.dense.map(({ column, scaling }, i) => {
        const { missing, plain } = numbers[i]!;
        const gaps = missing > 0 ? `; ${counted(missing, "missing value")}, which become 0` : "";
        const found = plain.count === 0 ? "no number" : scalingInWords(scaling);
        return `${column}: ${found}${gaps}${coarseness(numbers[i]!, isScaled(scaling.kind) ? 64 : 32)}`;
      }),
      ...features.categorical.map(({ column, ...table }, t) => {
        const { sketch, lengths } = ids[t]!;
        const list = Object.hasOwn(multi, column) ? lengths.inWords() : "";
        return `${tableInWords(column, sketch, table)}${list}`;
      }),
      ...(time === undefined ? [] : [`${time}: time${coarseness(numbers[read.indexOf(time)]!, 64)}`]),
    ],
  };
}

/** How many ids the fields of a column have. */
class ListLengths {
  private fields = 0;
  private ids = 0;
  private longest = 0;

  add(length: number): void {
    this.fields++;
    this.ids += length;
    this.longest = Math.max(this.longest, length);
  }

  inWords(): string {
    if (this.longest < 2) return "; no field has more than one: see what separates them";
    return `; ${(this.ids / this.fields).toPrecision(3)} in a field on average`;
  }
}

/** Sums the weights of each part, if rows have some: of a part that weighs nothing no metric is defined. */
export function weighed(at: number | undefined) {
  const sums = { train: 0, validation: 0, test: 0 };
  return {
    see({ dense, size }: Batch<Numbers>, of: readonly Part[]): void {
      if (at === undefined) return;
      const width = dense.length / size;
      for (const [row, part] of of.entries()) sums[part] += Math.fround(dense[row * width + at]!); // as it will count
    },
    check(name: string): void {
      for (const [part, sum] of Object.entries(sums))
        check(
          at === undefined || sum !== 0,
          () =>
            `All weights of the ${part} rows of ${shown(name)} are 0: none of them counts; give a weight above 0.`,
        );
    },
  };
}
