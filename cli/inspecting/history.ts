import type { About } from "../../models/dlrm/saved/about.ts";
import { isRecord, type Json } from "../../models/dlrm/saved/json.ts";

/** What one run of a training did; null what its file does not say. Steps are counted from the model's first one. */
export interface Stretch {
  /** Name of its rows, and how many there were to train on. */
  readonly data: string | null;
  readonly rows: number | null;
  /** The saved model that went on with these rows, where one did. */
  readonly model: string | null;
  /** Steps before it, and up to its last. */
  readonly from: number | null;
  readonly to: number | null;
  /** Walks over the rows, whole and begun, that these steps are. */
  readonly epochs: number | null;
  readonly learningRate: number | null;
  readonly batch: number | null;
}

/**
 * The runs of a training, from its history: a run ended where the next one went on, the last one where the training did. Of an
 * entry that a program of somebody's own wrote nothing is known but that it is there.
 */
export function stretchesOf({ history = [], training }: About): Stretch[] {
  const runs = history.map(runOf);
  const last = wholeFrom(training?.priorSteps ?? 0);
  const end = training && last !== null ? last + (training.ended?.step ?? training.step) : null;
  return runs.map(({ isFirst, ...run }, i) => {
    const next = runs[i + 1];
    const to = next ? next.from : end;
    const isKnown = run.from !== null && to !== null && to >= run.from;
    const { rows, batch } = run;
    const steps = isKnown ? to - run.from! : null;
    return {
      ...run,
      from: isKnown ? run.from : null,
      to: isKnown ? to : null,
      epochs: steps !== null && rows && batch ? steps / Math.ceil(rows / batch) : null,
      model: isFirst ? run.model : null,
    };
  });
}

/** An entry of a history, where it is one of this program's; `from` is counted from the model's first step. */
function runOf(entry: Json) {
  const own = isRecord(entry) ? entry : {};
  const [from, prior] = [wholeFrom(own.from), wholeFrom(own.priorSteps ?? 0)];
  return {
    data: textFrom(own.data),
    rows: wholeFrom(own.rows),
    model: textFrom(own.model),
    /** Whether the saved model that went on did so here, and not in a run that this one resumed. */
    isFirst: from === 0,
    from: from === null || prior === null ? null : prior + from,
    learningRate: typeof own.learningRate === "number" && own.learningRate >= 0 ? own.learningRate : null,
    batch: wholeFrom(own.batch),
  };
}

/** A value that a program may have put there, if it is a count. */
export const wholeFrom = (value: unknown): number | null =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;

/** A value that a program may have put there, if it is a text. */
export const textFrom = (value: unknown): string | null => (typeof value === "string" ? value : null);
