import { count, counted, grouped } from "../../core/format.ts";
import type { Dataset } from "../../models/data/dataset.ts";
import { lazyRows } from "../../models/data/lazy-rows.ts";
import type { Source } from "../../models/data/source.ts";
import { type Parts, partNames } from "../../models/data/split.ts";
import { knownOf } from "../../models/embeddings/known.ts";
import { ownBy } from "../../models/embeddings/own-choice.ts";
import { virtualFloats } from "../../models/embeddings/scheme.ts";
import type { Method } from "../../proofs-tests/experiments/tradeoff/method.ts";
import type { Rows } from "../../proofs-tests/experiments/tradeoff/rows.ts";

/** The rows of a study by seed: those that `open` gives, and what full tables and methods need of them. */
export const studyRows = (
  open: (seed: number) => Promise<Source>,
  dim: number,
  methods: readonly Pick<Method, "needs">[],
): ((seed: number) => Promise<Source & Rows>) => {
  const asked = ownBy.filter((by) => methods.some(({ needs }) => needs === by));
  return lastKept(async (seed) => {
    const rows = await withLazyRows(await open(seed), dim);
    const own: NonNullable<Rows["own"]> = {};
    for (const by of asked) own[by] = (await knownOf(by, rows)).own;
    return { ...rows, own };
  });
};

/** `open`, which gives what it gave last without opening it again: rows are large, and take long to make. */
export function lastKept<Opened>(open: (seed: number) => Promise<Opened>): (seed: number) => Promise<Opened> {
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

/**
 * Why methods cannot be judged by AUC on all of these rows, in a sentence: at some seed those to choose by or to test on have
 * one label only. Undefined where they can.
 */
export async function whyNoAuc(
  open: (seed: number) => Promise<Source>,
  seeds: readonly number[],
): Promise<string | undefined> {
  let why: string | undefined;
  // The first seed last: its rows are those that are trained on next.
  for (const seed of seeds.toReversed()) {
    const { survey, train } = await open(seed);
    for (const part of ["test", "validation"] as const) {
      const { rows, ones } = survey.parts[part];
      if (ones > 0 && ones < rows) continue;
      why = `AUC is undefined: of the ${counted(rows, "row")} of "${train.name}" to ${part === "test" ? "test on" : "choose by"} at seed ${seed} each is labeled ${ones > 0 ? 1 : 0}. Methods are judged by log loss; for AUC give more rows, other --seeds, or a file for each part.`;
    }
  }
  return why;
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
