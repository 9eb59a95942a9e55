import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { check, DivergedError, InputError, orRefusal, shownReason, shownWord } from "../../core/errors.ts";
import { requireWritable } from "../../core/file.ts";
import { type Claim, lock } from "../../core/lock.ts";
import { flagOf } from "../../core/options.ts";
import type { Dlrm } from "../../models/dlrm/dlrm.ts";
import { nothingMeasured } from "../../models/dlrm/early-stopping.ts";
import type { AboutGiven, Ended, Training } from "../../models/dlrm/saved/about.ts";
import type { Json } from "../../models/dlrm/saved/json.ts";
import { describe, restore } from "../../models/dlrm/saved/load.ts";
import type { SavedQuality } from "../../models/dlrm/saved/quality.ts";
import { checkpointIn, save } from "../../models/dlrm/saved/save.ts";
import type { TrainingState } from "../../models/dlrm/train.ts";
import { version } from "../common/machine.ts";
import type { Texts } from "../flags.ts";
import type { Setup } from "./run.ts";

/** The model that a training keeps: the best of those measured, or the last. */
export const modelIn = (folder: string): string => join(folder, "model.safetensors");

/** What is known of a model when its training has ended. */
export interface Outcome {
  readonly ended: Ended;
  readonly quality: SavedQuality;
}

/** The folder of a training: where it stands, and the model to keep. */
export interface Checkpoint {
  readonly folder: string;
  /** Where the training stands that goes on; at the beginning of a new one. */
  readonly from: TrainingState;
  isDue(now: number): boolean;
  /**
   * Saves where the training stands. Where that fails a training that goes on is told so, and tries again when it is due;
   * after the last step it throws an InputError.
   */
  save(
    model: Dlrm,
    state: TrainingState,
    now: number,
    options?: { readonly isLast?: boolean },
  ): Promise<void>;
  /**
   * Saves the model as the one to keep; with the outcome of a training that has ended. Where that fails a training that goes
   * on is told so, and the result is false; after the last step it throws an InputError.
   */
  keep(
    model: Dlrm,
    state: TrainingState,
    options?: { readonly isLast?: boolean; readonly outcome?: Outcome },
  ): Promise<boolean>;
  /**
   * Puts the model that was kept at step `step` back: how far its logit had been moved. Throws an InputError where it is of
   * another step.
   */
  restoreKept(model: Dlrm, step: number): Promise<number>;
  /** The error with what can still be gone on from. */
  afterDivergence(error: DivergedError): DivergedError;
  /** Lets others have the folder. */
  end(): void;
}

interface Opening {
  readonly goesOn: boolean;
  /** Seconds between two savings of a training that goes on, and so between two words that it still does. */
  readonly saveEvery: number;
  readonly now: number;
  readonly warn: (sentence: string) => void;
}

/**
 * Throws an InputError where a training that `goesOn`, or one that does not, cannot have `folder`: to be asked before rows are
 * read, which may take long.
 */
export function checkFolder(folder: string, goesOn: boolean): void {
  const path = checkpointIn(folder);
  requireWritable(path);
  const isThere = existsSync(path);
  check(
    goesOn || !isThere,
    () =>
      `${shownWord(folder)} already holds a checkpoint; add --resume to go on from it, or name another folder.`,
  );
  check(
    goesOn || !existsSync(modelIn(folder)),
    () =>
      `${shownWord(folder)} holds a model, but no training to go on from; name another folder, or move ${shownWord(modelIn(folder))} away.`,
  );
  check(
    !goesOn || isThere,
    () =>
      `There is no checkpoint at ${shownWord(path)}; train with --checkpoint ${shownWord(folder)} first, without --resume.`,
  );
}

/**
 * Opens `folder` for a training, alone: another that trains there now is refused. One that goes on is put into the model.
 * Throws an InputError where there is a checkpoint that it does not go on from, or none, or one of other flags or rows.
 */
export async function openCheckpoint(folder: string, setup: Setup, opening: Opening): Promise<Checkpoint> {
  const { goesOn } = opening;
  checkFolder(folder, goesOn);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new InputError(`Cannot make the folder ${shownWord(folder)}: ${shownReason(error as Error)}.`);
  }
  const { claim, owner } = lock(join(folder, "training.lock"));
  if (!claim)
    throw new InputError(
      `Process ${owner.pid} on ${owner.host} has been training in ${shownWord(folder)} since ${owner.since}; wait for it, or name another folder.`,
    );
  try {
    checkFolder(folder, goesOn); // while nobody else had it yet, another training may have come to its end here
    const { from, history } = goesOn ? await resumed(folder, setup) : begunBy(setup);
    const about = aboutOf(setup);
    return opened({ folder, claim, about, from, history, run: runOf(setup, from.step) }, opening);
  } catch (error) {
    claim.release();
    throw error;
  }
}

/** A folder that is this training's own. */
interface Held {
  readonly folder: string;
  readonly claim: Claim;
  readonly about: AboutGiven;
  readonly from: TrainingState;
  /** What happened before this run, and what is to be said of it. */
  readonly history: readonly Json[];
  readonly run: Json;
}

function opened(
  { folder, claim, about, from, history, run }: Held,
  { goesOn, saveEvery, now, warn }: Opening,
): Checkpoint {
  let last = now;
  let isSaved = goesOn;
  const aboutAt = (state: TrainingState, { ended, quality }: Partial<Outcome> = {}): AboutGiven => ({
    ...about,
    training: { ...about.training, ...trainingOf(state), ...(ended && { ended }) },
    // A run for which no step was left did nothing.
    history: (ended ?? state).step > from.step ? [...history, run] : history,
    ...(quality && { quality }),
  });
  /** Whether `work` could write; a training that goes on is warned where it could not, and `otherwise`. */
  async function tried(work: Promise<void>, isLast: boolean, otherwise: string): Promise<boolean> {
    const refused = await orRefusal(work);
    if (!(refused instanceof InputError)) return true;
    if (isLast) throw refused;
    warn(`${refused.message} Training goes on${otherwise}.`);
    return false;
  }
  return {
    folder,
    from,
    isDue: (time) => time - last >= 1000 * saveEvery,
    async save(model, state, time, { isLast = false } = {}) {
      last = time;
      claim.renew();
      const saved = save(checkpointIn(folder), model, aboutAt(state));
      if (await tried(saved, isLast, `, and is saved again in ${saveEvery} s`)) isSaved = true;
    },
    keep(model, state, { isLast = false, outcome } = {}) {
      const saved = save(modelIn(folder), model, aboutAt(state, outcome));
      return tried(saved, isLast, ", and holds this model in memory until its end");
    },
    async restoreKept(model, step) {
      const { training } = await describe(modelIn(folder));
      check(
        training?.step === step,
        () =>
          `The best model is that of step ${step}, but ${shownWord(modelIn(folder))} holds that of step ${training?.step}: it was put there by something else. Train anew in another folder.`,
      );
      await restore(modelIn(folder), model);
      return training.ended?.shift ?? 0;
    },
    afterDivergence: ({ message }) =>
      new DivergedError(
        isSaved
          ? `${message} The checkpoint in ${shownWord(folder)} is of an earlier step: add --resume and a smaller --lr to go on from it.`
          : message,
      ),
    end: () => claim.release(),
  };
}

const begunBy = ({ start }: Setup): { from: TrainingState; history: readonly Json[] } => ({
  from: { step: 0, ...nothingMeasured },
  history: start?.about.history ?? [],
});

/**
 * What a file keeps of a run: its rows, the saved model that went on with them and the steps that it had taken, the step that
 * the run went on from, its rate, and rows of a step.
 */
export const runOf = (
  { source, start, optimizer, batch }: Pick<Setup, "source" | "start" | "optimizer" | "batch">,
  from: number,
) => ({
  data: source.train.name,
  rows: source.survey.parts.train.rows,
  ...(start && { model: start.file, priorSteps: start.steps }),
  from,
  learningRate: optimizer.learningRate,
  batch,
});

const trainingOf = ({ step, best, worse }: TrainingState): Training => ({
  step,
  worse,
  ...(best && { best: { ...best } }),
});

/** What is written of a model besides its numbers; of its training what does not change in it. */
const aboutOf = ({
  source,
  optimizer: { name, learningRate },
  optimizerOptions,
  samplingRate,
  start,
  settings,
}: Setup): AboutGiven => ({
  ...(source.features && { features: source.features }),
  ...(samplingRate !== undefined && { samplingRate }),
  optimizer: { name, learningRate, options: { ...optimizerOptions } },
  training: { step: 0, ...(start && { priorSteps: start.steps }) },
  data: dataOf(source),
  settings,
  version: version(),
});

/** What tells whether rows are the same: their name, how many there are, and how many of them are labeled 1. */
export const dataOf = ({ train, survey }: Setup["source"]): Json => ({
  name: train.name,
  rows: Object.fromEntries(Object.entries(survey.parts).map(([part, counted]) => [part, { ...counted }])),
  labels: survey.stretches.map(({ ones }) => ones),
});

/** Puts the checkpoint into the model. */
async function resumed(folder: string, { model, optimizer, source, settings }: Setup) {
  const path = checkpointIn(folder);
  const { settings: then = {}, data, features, training, history = [] } = await describe(path);
  checkFlags(folder, then, settings);
  check(
    JSON.stringify([data, features]) === JSON.stringify([dataOf(source), source.features]),
    () =>
      `The rows of "${source.train.name}" are not those that the checkpoint in ${shownWord(folder)} was trained on; give the same rows, or train anew in another folder.`,
  );
  await restore(path, model, { optimizer });
  return { from: stateOf(training, path), history };
}

function checkFlags(folder: string, then: Texts, now: Texts): void {
  for (const name of new Set([...Object.keys(then), ...Object.keys(now)])) {
    const was = Object.hasOwn(then, name) ? then[name] : undefined;
    check(
      was === now[name],
      () =>
        `The checkpoint in ${shownWord(folder)} was trained with ${flagOf(name)} ${shownWord(was ?? "(not given)")}, but now it is ${shownWord(now[name] ?? "not given")}; give the same flags to go on.`,
    );
  }
}

/** Where a file says that its training stands. */
function stateOf(training: Training | undefined, path: string): TrainingState {
  const { step, worse, best }: Partial<Training> = training ?? {};
  const isCount = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= 0;
  const { step: at, value } = (best ?? {}) as { readonly step?: unknown; readonly value?: unknown };
  const isBest = best === undefined || (isCount(at) && typeof value === "number" && Number.isFinite(value));
  check(
    isCount(step) && isCount(worse) && isBest,
    () => `${shownWord(path)} does not say where its training stands; train anew in another folder.`,
  );
  return { step, worse, ...(best !== undefined && { best: { step: at as number, value: value as number } }) };
}
