import { check } from "../../core/errors.ts";
import { count, counted, grouped } from "../../core/format.ts";
import type { Dataset } from "../../models/data/dataset.ts";
import { lazyRows } from "../../models/data/lazy-rows.ts";
import type { Source } from "../../models/data/source.ts";
import { type Parts, partNames } from "../../models/data/split.ts";
import { virtualFloats } from "../../models/embeddings/scheme.ts";
import type { Rows } from "../../proofs-tests/experiments/tradeoff/rows.ts";

/** The rows of a study by seed: those that `open` gives, which can be ranked, and what full tables need of them. */
export const studyRows = (
  open: (seed: number) => Promise<Source>,
  dim: number,
): ((seed: number) => Promise<Source & Rows>) =>
  lastKept(async (seed) => withLazyRows(ranked(await open(seed), seed), dim));

/** `open`, which gives what it gave last without opening it again: rows are large, and take long to make. */
function lastKept<Opened>(open: (seed: number) => Promise<Opened>): (seed: number) => Promise<Opened> {
  let last: { readonly seed: number; readonly rows: Promise<Opened> } | undefined;
  return (seed) => {
    if (last?.seed !== seed) last = { seed, rows: open(seed) };
    return last.rows;
  };
}

/** Floats of full tables from which on only the rows that the data touches are kept: 1 GB. They train to the same bits. */
const largest = 2 ** 28;

/** Rows, and which of their tables' they touch where full tables would be too large. */
export async function withLazyRows<Given extends Parts & Pick<Rows, "exact">>(
  parts: Given,
  dim: number,
): Promise<Given & Rows> {
  const { train, validation, test, exact } = parts;
  if (exact || virtualFloats({ tables: train.tables, dim }) <= largest) return parts;
  return { ...parts, lazyRows: await lazyRows(train, validation, test) };
}

/** `source`, whose methods can be ranked. Throws an InputError where AUC is undefined: a part has rows of one label only. */
function ranked(source: Source, seed: number): Source {
  for (const part of ["validation", "test"] as const) {
    const { rows, ones } = source.survey.parts[part];
    check(
      ones > 0 && ones < rows,
      () =>
        `A study ranks methods by AUC, which is undefined: the ${counted(rows, "row")} of "${source.train.name}" to ${part === "test" ? "test on" : "choose by"} at seed ${seed} are all labeled ${ones > 0 ? 1 : 0}; give more rows, another --seeds, or a file for each part.`,
    );
  }
  return source;
}

/** The rows in words. */
export function dataInWords({
  train,
  exact,
  survey: { parts },
}: Pick<Source, "train" | "survey" | "exact">): string {
  const sum = (of: "rows" | "ones") => partNames.map((part) => count(parts[part][of])).join(" + ");
  const rowsOf = (data: Dataset) => data.tables.reduce((sum, rows) => sum + rows);
  const hashed = exact
    ? `, one for each id that occurs to train on; the others hash ids into ${count(rowsOf(train))}, beside which each compression is ${grouped(rowsOf(train) / rowsOf(exact.train), 3)} times as much`
    : "";
  return `${train.name}: ${sum("rows")} rows to train on, choose by and test on, ${sum("ones")} of them labeled 1; ${counted(train.tables.length, "table")}, ${count(rowsOf((exact ?? { train }).train))} rows of them${hashed}`;
}
