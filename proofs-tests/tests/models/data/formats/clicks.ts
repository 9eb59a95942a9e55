import { join } from "node:path";
import fc from "fast-check";
import { expect } from "vitest";
import type { Dataset } from "../../../../../models/data/dataset.ts";
import type { Columns, Labeled } from "../../../../../models/data/formats/columns.ts";
import { csv } from "../../../../../models/data/formats/csv.ts";
import { rows } from "../rows.ts";

/** A file that another program wrote of one table of 100 rows. */
export const clicks = (name: string) => join(import.meta.dirname, "clicks", name);

/** Reads such a file in all of its types, and has the rows of its CSV, as often as it is asked. */
export async function hasRowsOfItsCsv(
  open: (file: string, columns: Labeled<Columns>) => Dataset,
  name: string,
): Promise<void> {
  const columns = {
    label: "clicked",
    dense: ["visits", "price"],
    categorical: ["item", "user", "day", "visits"],
    missing: Number.NaN,
    rows: 1000,
  };
  const expected = await rows(csv(clicks("clicks.csv"), columns));
  expect(expected).toHaveLength(100);
  const data = open(clicks(name), columns);
  expect(data.name).toBe(name);
  expect(await rows(data)).toEqual(expected); // again
}

const text = fc.string({ unit: "grapheme" }).map((id) => id.replaceAll("\r", ""));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 4 });

/** A row of every type that files of typed columns have alike. */
export const typedRow = {
  y: fc.constantFrom(0, 1),
  yes: fc.boolean(),
  x: maybe(fc.double({ noNaN: true, min: -3e38, max: 3e38 })),
  n: maybe(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  digits: maybe(fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map(String)),
  id: maybe(text),
};

/** A field of a CSV, in quotes whatever it is. */
export const quoted = (value: unknown): string => `"${String(value ?? "").replaceAll('"', '""')}"`;
