import type { Batch, Dataset, Inputs } from "../../models/data/dataset.ts";
import type { Dlrm } from "../../models/dlrm/dlrm.ts";
import { Collected, type Predictions, predicted } from "../../models/dlrm/evaluate.ts";
import { recalibrated } from "../../models/metrics/reliability.ts";
import type { Interrupt } from "../training/interrupt.ts";
import type { Scored } from "./report.ts";
import type { AddScores } from "./scores-file.ts";

/** What takes the scores of rows, and who is told of them. */
export interface Walking {
  /** Share of the rows labeled 0 that the model was trained on. */
  readonly samplingRate: number;
  /** Takes the scores; absent where they are only measured. */
  readonly add?: AddScores | undefined;
  /** Whether what is predicted is kept, by labels that the rows have: some 16 bytes a row. */
  readonly isMeasured: boolean;
  readonly watch: (rows: number) => void;
  readonly now: () => number;
  readonly interrupt: Interrupt;
}

/** What a walk over all rows found. */
export interface Walked extends Pick<Scored, "rows" | "probability"> {
  readonly predictions: Predictions | undefined;
}

/** A walk was asked to stop. */
export class Stopped extends Error {
  readonly rows: number;

  constructor(rows: number) {
    super(`stopped after ${rows} rows`);
    this.rows = rows;
  }
}

/** Scores all rows in their order, some at a time. Throws {@link Stopped} where it was interrupted. */
export async function scoreAll(
  model: Dlrm,
  data: Dataset<Inputs>,
  { samplingRate, add, isMeasured, watch, now, interrupt }: Walking,
): Promise<Walked> {
  const collected = isMeasured ? new Collected() : undefined;
  let [rows, sum, low, high] = [0, 0, 1, 0];
  for await (const { rows: batch, probabilities } of predicted(model, data)) {
    const scores = Array.from(probabilities, (p) => recalibrated(p, samplingRate));
    for (const p of scores) {
      sum += p;
      low = Math.min(low, p);
      high = Math.max(high, p);
    }
    rows += batch.size;
    collected?.add(batch as Batch, probabilities); // which has labels where it is measured
    await add?.(scores, batch.texts ?? []);
    watch(rows);
    await interrupt.breathe(now());
    if (interrupt.signal) throw new Stopped(rows);
  }
  return { rows, probability: { mean: sum / rows, low, high }, predictions: collected?.all };
}
