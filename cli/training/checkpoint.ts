import { existsSync } from "node:fs";
import { check, DivergedError, InputError } from "../../core/errors.ts";
import type { Dlrm } from "../../models/dlrm/dlrm.ts";
import { checkpointIn, save } from "../../models/dlrm/saved.ts";
import { snapshot } from "../../models/dlrm/snapshot.ts";
import type { TrainingState } from "../../models/dlrm/train.ts";
import type { Texts } from "../flags.ts";

/** Milliseconds between two savings of a training that goes on. */
const every = 60_000;

/** The folder of a training: where it stands, and the best model so far. */
export interface Checkpoint {
  readonly folder: string;
  isDue(now: number): boolean;
  /**
   * Saves where the training stands. One that goes on is told where this fails, and tries again a minute later; after the
   * last step it throws an InputError.
   */
  save(
    model: Dlrm,
    state: TrainingState,
    now: number,
    options?: { readonly isLast?: boolean },
  ): Promise<void>;
  /** Saves the model as the one to keep. */
  keepBest(model: Dlrm, state: TrainingState): Promise<void>;
  /** Puts the model that was kept back. */
  restoreBest(model: Dlrm): Promise<void>;
  /** The error with what can still be gone on from. */
  afterDivergence(error: DivergedError): DivergedError;
}

/** Opens `folder` for a training. Throws an InputError where one is there that this one does not go on from. */
export function openCheckpoint(
  folder: string,
  {
    settings,
    goesOn,
    now,
    warn,
  }: {
    readonly settings: Texts;
    readonly goesOn: boolean;
    readonly now: number;
    readonly warn: (sentence: string) => void;
  },
): Checkpoint {
  check(
    goesOn || !existsSync(checkpointIn(folder)),
    () => `${folder} already holds a checkpoint; add --resume to go on from it, or name another folder.`,
  );
  let last = now;
  let sound: number | undefined;
  let best: (() => void) | undefined;
  return {
    folder,
    isDue: (time) => time - last >= every,
    async save(model, state, time, { isLast = false } = {}) {
      last = time;
      try {
        await save(folder, model, { step: state.step, settings });
        sound = state.step;
      } catch (error) {
        if (isLast || !(error instanceof InputError) || error instanceof DivergedError) throw error;
        warn(`${error.message} Training goes on, and is saved again in a minute.`);
      }
    },
    async keepBest(model) {
      best = await snapshot(model);
    },
    async restoreBest() {
      best?.();
    },
    afterDivergence: ({ message }) =>
      new DivergedError(
        sound === undefined && !goesOn
          ? message
          : `${message} The checkpoint in ${folder} is of an earlier step: add --resume and a smaller --lr to go on from it.`,
      ),
  };
}
