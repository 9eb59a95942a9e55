import { check, integer } from "../../core/errors.ts";
import { permutation, random } from "../../core/numeric/random.ts";
import type { Dataset } from "../data/dataset.ts";
import { batchesOf, drawn, type ModelColumn } from "../data/permuted-rows.ts";
import type { Estimate } from "../metrics/auc.ts";
import { type Metrics, metrics } from "../metrics/metrics.ts";
import { aucDrop, logLossRise, type Permuted } from "../metrics/permuted.ts";
import type { Dlrm } from "./dlrm.ts";
import { predictions } from "./evaluate.ts";

/** What a model loses on rows when one of its columns is permuted among them. */
export interface ColumnImportance extends ModelColumn {
  /** AUC before, minus AUC after. Absent where these rows have no AUC. */
  readonly aucDrop?: Estimate;
  /** Log loss after, minus log loss before, in nats. */
  readonly logLossRise: Estimate;
}

/** How much a model uses each of its columns. */
export interface Importance {
  /** Whether there were more rows than were measured. */
  readonly sampled: boolean;
  /** Of the model on these rows as they are; its notes say why AUC is undefined, if it is. */
  readonly quality: Metrics;
  /** Dense features first, then tables. */
  readonly columns: readonly ColumnImportance[];
}

/** How importance is measured. */
export interface ImportanceOptions {
  /** Independent permutations of each column, 2 or more. Default 5. */
  readonly repeats?: number;
  /** Of the permutations, and of the rows that are drawn. Default 0. */
  readonly seed?: number;
  /** Rows that are measured at most, drawn at random from all. They lie in memory. Default 100,000. */
  readonly rows?: number;
  /** Told after each column how many of them are done. */
  readonly watch?: (done: number, of: number) => void;
}

/**
 * Permutation importance (Breiman 2001; Fisher, Rudin & Dominici, JMLR 20, 2019) of every dense feature and every table: its
 * values, whole bags of a table, are permuted among the rows, which keep all else, and the model predicts again. What AUC falls
 * and log loss rises by is what the model gets from the column; that another column says the same does not show.
 *
 * All columns are permuted by the same orders, so their importances do not depend on their places. Weights of rows count in
 * AUC and log loss, not in the choice of the row that lends its value. Intervals are of 95 %, each for itself, and hold for
 * rows that are independent of each other and of those that were trained on. Cost: 1 + repeats × columns predictions of the
 * rows, which take 4 bytes a number and an id.
 * @throws InputError for rows of another shape than the model's, fewer than two, labels that are not 0 or 1, and options out
 *   of range; a DivergedError where the model says no number.
 */
export async function importance(
  model: Dlrm,
  dataset: Dataset,
  { repeats = 5, seed = 0, rows: most = 100_000, watch }: ImportanceOptions = {},
): Promise<Importance> {
  integer("The permutations of a column", repeats, 2, 1000);
  integer("The rows that are measured", most, 2);
  integer("The seed of the permutations", seed, 0);
  checkShape(model, dataset);
  const { rows, sampled } = await drawn(dataset, most, seed);
  check(
    rows.size >= 2,
    () => `"${dataset.name}" has one row, among which nothing can be permuted; give more.`,
  );
  const { name } = dataset;
  const { labels, probabilities, weights } = await predictions(model, {
    name,
    batches: (size) => batchesOf(rows, size),
  });
  const quality = metrics(labels, probabilities, weights);
  const scored = { labels, probabilities, weights };
  const hasAuc = hasTwoOfEach(labels, weights);
  const orders = Array.from({ length: repeats }, (_, r) =>
    permutation(rows.size, random(seed, `importance/${r}`)),
  );
  const all = columnsOf(model);
  const columns: ColumnImportance[] = [];
  for (const column of all) {
    const permuted: Permuted[] = [];
    for (const order of orders) {
      const batches = (size: number) => batchesOf(rows, size, { column, order });
      permuted.push({ order, probabilities: (await predictions(model, { name, batches })).probabilities });
    }
    columns.push({
      ...column,
      ...(hasAuc && { aucDrop: aucDrop(scored, permuted) }),
      logLossRise: logLossRise(scored, permuted),
    });
    watch?.(columns.length, all.length);
  }
  return { sampled, quality, columns };
}

const columnsOf = ({ config: { dense, tables } }: Dlrm): ModelColumn[] => [
  ...Array.from({ length: dense }, (_, place) => ({ kind: "number" as const, place })),
  ...tables.map((_, place) => ({ kind: "ids" as const, place })),
];

function checkShape({ config: { dense, tables } }: Dlrm, data: Dataset): void {
  check(
    dense === data.dense && `${tables}` === `${data.tables}`,
    () =>
      `"${data.name}" has ${data.dense} numbers and ${data.tables.length} columns of ids a row, which are not those of the model: ${dense} and ${tables.length}, or tables of other sizes.`,
  );
}

/** An interval of AUC needs them. */
function hasTwoOfEach(labels: ArrayLike<number>, weights: ArrayLike<number> | undefined): boolean {
  const rows = [0, 0];
  for (let i = 0; i < labels.length; i++) if (weights === undefined || weights[i]! > 0) rows[labels[i]!]!++;
  return Math.min(...rows) >= 2;
}
