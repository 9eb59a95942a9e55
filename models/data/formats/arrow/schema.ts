import type { Table } from "./flat.ts";

/** A column, or a part of one. */
export interface Field {
  readonly name: string;
  /** Number of its type in the format's `Type`. */
  readonly type: number;
  /** What its type says besides: bits of a number, and so on. */
  readonly about: Table | undefined;
  readonly children: readonly Field[];
  /** Its values are places in a list of values of the type. */
  readonly dictionary?: { readonly id: number; readonly indexes: Table | undefined };
}

/** Fields that a file may have, with the parts of fields: far more than can be of use, and no more than memory holds. */
const MOST_FIELDS = 65_536;

/** Levels of parts. */
const MOST_LEVELS = 64;

/** The fields of a schema. Throws a RangeError for a schema that no program writes, or of another order of bytes. */
export function fieldsOf(schema: Table): Field[] {
  if (schema.short(0) !== 0) throw new RangeError("its numbers have their highest byte first");
  let count = 0;
  const all = (tables: readonly Table[], level: number): Field[] => {
    count += tables.length;
    if (count > MOST_FIELDS || level > MOST_LEVELS) throw new RangeError("it has too many columns");
    return tables.map((table) => {
      const encoding = table.table(4);
      return {
        name: table.text(0),
        type: table.byte(2),
        about: table.table(3),
        children: all(table.tables(5), level + 1),
        ...(encoding && { dictionary: { id: encoding.long(0), indexes: encoding.table(1) } }),
      };
    });
  };
  return all(schema.tables(1), 0);
}

/** Types by their number; for people those whose values are no rows' features. */
export const types = {
  null: 1,
  int: 2,
  float: 3,
  text: 5,
  bool: 6,
  union: 14,
  longText: 20,
  textView: 24,
} as const;

const others: Readonly<Record<number, string>> = {
  4: "bytes",
  7: "decimals",
  8: "dates",
  9: "times of day",
  10: "times",
  11: "intervals",
  12: "lists",
  13: "structs",
  14: "unions",
  15: "bytes",
  16: "lists",
  17: "maps",
  18: "durations",
  19: "bytes",
  21: "lists",
  22: "runs",
  23: "bytes",
  25: "lists",
  26: "lists",
};

/** What a field holds that can be no value of a row; undefined where it can. */
export const strange = ({ type }: Field): string | undefined => others[type];

/** Buffers that a field of each type has, without those of its parts. */
const buffersOf: Readonly<Record<number, number>> = {
  ...{ 1: 0, 2: 2, 3: 2, 4: 3, 5: 3, 6: 2, 7: 2, 8: 2, 9: 2, 10: 2, 11: 2, 12: 2, 13: 1, 15: 2 },
  ...{ 16: 1, 17: 2, 18: 2, 19: 3, 20: 3, 21: 2, 22: 0, 23: 2, 24: 2, 25: 3, 26: 3 },
};

const views: readonly number[] = [23, 24];

/** Where a column lies in a batch: its node, and its buffers. */
export interface Place {
  readonly node: number;
  readonly first: number;
  readonly end: number;
}

/** Where the fields lie, which follow one another with their parts. `more` are the buffers besides of each field of views. */
export function placesOf(fields: readonly Field[], version: number, more: readonly number[]): Place[] {
  let [node, buffer, view] = [0, 0, 0];
  const visit = ({ type, about, children, dictionary }: Field): Place => {
    const first = buffer;
    const own = node++;
    if (dictionary) buffer += 2;
    else {
      // Unions: types, and of dense ones offsets; before V5 also what is null.
      const ofUnion = () => 1 + (about?.short(0) === 1 ? 1 : 0) + (version < 4 ? 1 : 0);
      const count = type === types.union ? ofUnion() : buffersOf[type];
      if (count === undefined) throw new RangeError(`type ${type} is not known`);
      buffer += count + (views.includes(type) ? (more[view++] ?? 0) : 0);
    }
    const end = buffer;
    if (!dictionary) for (const child of children) visit(child);
    return { node: own, first, end };
  };
  return fields.map(visit);
}
