import { DivergedError } from "../../core/errors.ts";
import type { Optimizer } from "../../core/optimizers/optimizer.ts";
import type { Source } from "../../models/data/source.ts";
import { calibrate } from "../../models/dlrm/calibrate.ts";
import type { Dlrm } from "../../models/dlrm/dlrm.ts";
import { predictions } from "../../models/dlrm/evaluate.ts";
import type { Json } from "../../models/dlrm/saved/json.ts";
import { partQuality } from "../../models/dlrm/saved/quality.ts";
import { snapshot } from "../../models/dlrm/snapshot.ts";
import { type Step, type TrainingState, type TrainOptions, train } from "../../models/dlrm/train.ts";
import { delongTest } from "../../models/metrics/auc.ts";
import type { Metrics } from "../../models/metrics/metrics.ts";
import type { Texts } from "../flags.ts";
import { progressLine, standardError, type Terminal } from "../progress.ts";
import type { Checkpoint, Outcome } from "./checkpoint.ts";
import type { Interrupt } from "./interrupt.ts";
import { qualityOf } from "./quality.ts";
import type { Trained } from "./report.ts";
import type { Started } from "./warm.ts";

/** All that is ready before the first step. */
export interface Setup {
  readonly source: Source;
  readonly model: Dlrm;
  readonly optimizer: Optimizer;
  readonly batch: number;
  /** Where a checkpoint stands; at the beginning without one. */
  readonly from: TrainingState;
  /** What a run that goes on must have been given, too. */
  readonly settings: Texts;
  /** What the optimizer was given besides its rate. */
  readonly optimizerOptions: Readonly<Record<string, Json>>;
  /** Share of the rows labeled 0 that the data kept. */
  readonly samplingRate?: number;
  /** The saved model that goes on with these rows. */
  readonly start?: Started;
}

/** How long a training goes on, and what is kept of it. */
export interface Schedule {
  readonly steps?: number | undefined;
  readonly epochs?: number | undefined;
  readonly evalEvery?: number | undefined;
  readonly patience?: number | undefined;
  readonly keep?: "best" | "last" | undefined;
  readonly seed?: number | undefined;
  readonly json?: boolean | undefined;
}

/** What a run meets from outside. */
export interface Surroundings {
  readonly screen?: Terminal;
  readonly checkpoint?: Checkpoint;
  readonly interrupt?: Interrupt;
}

/** A training that was asked to stop, and did: nothing was measured. */
export interface Stopped {
  readonly stopped: true;
  readonly state: TrainingState;
}

/** Trains, showing on the screen how far it is, keeps the best model, and measures it. */
export async function trainFrom(
  setup: Setup,
  given: Schedule,
  { screen = standardError, checkpoint, interrupt }: Surroundings = {},
): Promise<Trained | Stopped> {
  const { now } = screen;
  const { source, model, from } = setup;
  const options = optionsFrom(setup, given);
  const keepsBest = given.keep !== "last";
  const line = progressLine(
    { steps: stepsOf(setup, options), done: from.step, silent: given.json === true },
    screen,
  );
  const [started, recent] = [now(), runningMean()];
  let [state, rows, firstLoss, lastLoss] = [from, 0, Number.NaN, Number.NaN];
  let taken: Step | undefined;
  let held: Held | undefined;
  try {
    for await (taken of train(model, source.train, options)) {
      ({ state } = taken);
      rows += taken.rows;
      if (Number.isNaN(firstLoss)) firstLoss = taken.loss;
      lastLoss = recent(taken.loss);
      line.show(taken.step, rows, lastLoss, taken.validation);
      if (taken.isBest && keepsBest) {
        await checkSound(taken);
        const isKept = await checkpoint?.keep(model, state);
        held = isKept ? undefined : { putBack: await snapshot(model), state };
      }
      if (checkpoint?.isDue(now())) {
        await checkSound(taken);
        await checkpoint.save(model, state, now());
      }
      await interrupt?.breathe(now());
      if (interrupt?.signal) break;
    }
  } catch (error) {
    line.end();
    throw error instanceof DivergedError && checkpoint ? checkpoint.afterDivergence(error) : error;
  }
  const seconds = (now() - started) / 1000;
  line.end();
  if (taken) await checkSound(taken);
  if (taken) await checkpoint?.save(model, state, now(), { isLast: true });
  held?.putBack();
  if (interrupt?.signal) {
    if (held) await checkpoint?.keep(model, held.state, { isLast: true });
    return { stopped: true, state };
  }
  const settled = await settle(setup, { state, held, keepsBest }, checkpoint);
  const found = await measured(setup);
  // Short of its steps it was ended by patience alone.
  const early = state.step < stepsOf(setup, options);
  const ended = { step: state.step, early, shift: settled.shift };
  if (checkpoint) await keepEnded(setup, { ...settled, state, ended, test: found.quality }, checkpoint);
  interrupt?.end();
  const speed = { rowsPerSecond: rows / seconds, seconds, firstLoss, lastLoss };
  return { ...setup, ...found, ...speed, ...stepsTaken(setup, options, state), ...settled };
}

/** The best model so far where no file has it, and where it stood. */
interface Held {
  readonly putBack: () => void;
  readonly state: TrainingState;
}

/** Where a training has ended. */
interface Ended {
  readonly state: TrainingState;
  /** Was put back into the model. */
  readonly held: Held | undefined;
  readonly keepsBest: boolean;
}

/** Makes the model the one that is kept, and calibrates it: what `Trained` says of that. */
async function settle(
  { model, source }: Setup,
  { state, held, keepsBest }: Ended,
  checkpoint: Checkpoint | undefined,
): Promise<Pick<Trained, "shift" | "kept">> {
  const kept = keepsBest ? state.best : undefined;
  const isInFile = checkpoint && !held && kept && kept.step < state.step;
  // The model of a training that had ended before was moved then.
  const moved = isInFile ? await checkpoint.restoreKept(model, kept.step) : 0;
  const shift = keepsBest ? moved + (await calibrate(model, source.validation)) : 0;
  return { shift, ...(kept && { kept }) };
}

/** A training that has ended: the measurement that its model was kept for, and the model's quality on the test rows. */
interface Done extends Pick<Trained, "kept"> {
  readonly state: TrainingState;
  readonly ended: Outcome["ended"];
  readonly test: Metrics;
}

/** Saves the model of a training that has ended, with its quality on the rows to choose by and on the test rows. */
async function keepEnded(
  { model, source, samplingRate }: Setup,
  { state, ended, kept, test }: Done,
  checkpoint: Checkpoint,
): Promise<void> {
  const { quality: validation } = qualityOf(await predictions(model, source.validation), samplingRate);
  const quality = { validation: partQuality(validation), test: partQuality(test) };
  const at = kept ? { step: kept.step, best: kept, worse: 0 } : state;
  await checkpoint.keep(model, at, { isLast: true, outcome: { ended, quality } });
}

/** Quality on the test rows; of a model that went on, what it was before, and what was gained. */
async function measured({ source, model, samplingRate, start }: Setup) {
  const after = await predictions(model, source.test);
  const found = qualityOf(after, samplingRate);
  if (start === undefined) return found;
  const before = qualityOf(start.before, samplingRate).quality;
  // The test is of rows that count alike, and of rows of both labels.
  const isTested = after.weights === undefined && !Number.isNaN(before.auc.value);
  return {
    ...found,
    before,
    ...(isTested && { gain: delongTest(after.labels, start.before.probabilities, after.probabilities) }),
  };
}

/** Steps of a training that has ended; how many `--steps` asked for, where its epochs have fewer. */
function stepsTaken(
  setup: Setup,
  { epochs, steps = 0 }: TrainOptions & { epochs: number },
  { step }: TrainingState,
): Pick<Trained, "steps" | "stepsAsked"> {
  const isShort = step < steps && step === stepsOf(setup, { epochs });
  return { steps: step, ...(isShort && { stepsAsked: steps }) };
}

/** A mean of what it is given, of which the last hundred or so count most. */
function runningMean(): (x: number) => number {
  let [sum, count] = [0, 0];
  return (x) => {
    sum = 0.99 * sum + x;
    count = 0.99 * count + 1;
    return sum / count;
  };
}

/** Throws a {@link DivergedError} where the update left a model whose loss is no finite number: it must not be kept. */
async function checkSound({ step, lossAfter }: Step): Promise<void> {
  const loss = await lossAfter();
  if (!Number.isFinite(loss))
    throw new DivergedError(
      `After step ${step} the loss is ${loss}: training has diverged, and this model is not kept. Try a smaller --lr, or look for huge values among the features.`,
    );
}

function optionsFrom(
  { source, optimizer, batch, from, start }: Setup,
  { steps, evalEvery: every, patience, epochs = 1, seed = 0 }: Schedule,
): TrainOptions & { epochs: number } {
  const isMeasured = every !== undefined || patience !== undefined || epochs > 1;
  return {
    optimizer,
    batch,
    epochs,
    from,
    shuffle: seed,
    ...(start && { priorSteps: start.steps }),
    ...(steps !== undefined && { steps }),
    ...(patience !== undefined && { patience }),
    ...(isMeasured && { evaluate: { on: source.validation, ...(every !== undefined && { every }) } }),
  };
}

const stepsOf = (
  { source, batch }: Setup,
  { epochs, steps = Infinity }: { readonly epochs: number; readonly steps?: number },
): number => Math.min(steps, Math.ceil(source.survey.parts.train.rows / batch) * epochs);
