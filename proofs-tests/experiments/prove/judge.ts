import {
  eventInterval,
  type Interval,
  logBinomialTail,
  meanInterval,
} from "../../../core/numeric/distributions.ts";
import { random } from "../../../core/numeric/random.ts";
import type {
  AppliedDraw,
  Check,
  Draw,
  EventCheck,
  IdentityCheck,
  Instance,
  MomentCheck,
} from "../../../theory/theorem.ts";
import type { Draws } from "./draws.ts";

/** What one experiment found. */
export interface Finding {
  readonly notRejected: boolean;
  /** "mean", "variance", "probability" or "error". */
  readonly what: string;
  readonly observed: number;
  readonly predicted: number;
  /** Where what was observed stands for, at the confidence asked for; absent where nothing is random. */
  readonly interval?: Interval;
  readonly draws: number;
  /** P(this experiment rejects a true theorem). */
  readonly familyWiseErrorRate: number;
}

/** How an experiment is to be run. */
export interface Trial {
  readonly draws: number;
  readonly seed: number;
  /** P(rejecting a true theorem), for each finding. */
  readonly alpha: number;
}

/** Rounding: checks are sums of fewer than a thousand products in doubles. */
const roundingError = 1e-10;

/**
 * Draws below which the interval of a mean misses more often than it says: two weights meet once in 32 draws in the
 * largest of memories here, and the number of meetings must be near normal far out in its tails.
 */
const fewestForMoments = 4000;

/** How many draws a check takes of the number that was asked for: an identity few, and a costly experiment fewer. */
export function drawsFor({ kind, cost = 1 }: Check, asked: number): number {
  if (kind === "always") return Math.min(asked, 50);
  return Math.max(kind === "moment" ? fewestForMoments : 50, Math.round(asked / cost));
}

/** What `check` finds in `instance`, with these draws of a scheme. */
export async function judge(
  check: Check,
  instance: Instance,
  draws: Draws,
  trial: Trial,
): Promise<Finding[]> {
  const count = drawsFor(check, trial.draws);
  const fresh = (i: number): AppliedDraw => ({
    get sketch() {
      return draws.sketch(i);
    },
    get stream() {
      return random(trial.seed + i, check.name);
    },
    recover: (memory) => draws.recover(i, memory),
    project: (gradient) => draws.project(i, gradient),
  });
  switch (check.kind) {
    case "moment":
      return judgeMoment(check, instance, count, fresh, trial.alpha);
    case "always":
      return [await judgeIdentity(check, instance, count, fresh)];
    default:
      return [judgeEvent(check, instance, count, fresh, trial.alpha)];
  }
}

async function judgeIdentity(
  check: IdentityCheck,
  instance: Instance,
  draws: number,
  fresh: (i: number) => AppliedDraw,
): Promise<Finding> {
  let observed = 0;
  for (let i = 0; i < draws; i++) observed = Math.max(observed, await check.error(instance, fresh(i)));
  return {
    notRejected: observed <= roundingError,
    what: "error",
    observed,
    predicted: 0,
    draws,
    familyWiseErrorRate: 0,
  };
}

function judgeMoment(
  check: MomentCheck,
  instance: Instance,
  draws: number,
  fresh: (i: number) => Draw,
  alpha: number,
): Finding[] {
  const samples = Float64Array.from({ length: draws }, (_, i) => check.statistic(instance, fresh(i)));
  const mean = check.mean(instance);
  const size = samples.reduce((most, v) => Math.max(most, Math.abs(v)), Math.abs(mean));
  const found = [compared("mean", samples, mean, size, alpha)];
  if (check.variance) {
    const squares = samples.map((v) => (v - mean) ** 2);
    found.push(compared("variance", squares, check.variance(instance), size * size, alpha));
  }
  return found;
}

/** A closed form against the interval for the mean of samples; samples without spread are held to rounding. */
function compared(
  what: string,
  samples: Float64Array,
  predicted: number,
  size: number,
  alpha: number,
): Finding {
  const [low, high] = meanInterval(samples, alpha);
  const slack = roundingError * size;
  return {
    notRejected: low - slack <= predicted && predicted <= high + slack,
    what,
    observed: samples.reduce((sum, v) => sum + v, 0) / samples.length,
    predicted,
    interval: [low, high],
    draws: samples.length,
    familyWiseErrorRate: alpha,
  };
}

function judgeEvent(
  { kind, event, probability }: EventCheck,
  instance: Instance,
  draws: number,
  fresh: (i: number) => Draw,
  alpha: number,
): Finding {
  let count = 0;
  for (let i = 0; i < draws; i++) if (event(instance, fresh(i))) count++;
  const predicted = probability(instance);
  const interval = eventInterval(count, draws, alpha);
  const isTooOften =
    logBinomialTail(count, draws, predicted) < Math.log(alpha / (kind === "exactly" ? 2 : 1));
  return {
    notRejected: !isTooOften && (kind === "at most" || predicted <= interval[1]),
    what: "probability",
    observed: count / draws,
    predicted,
    interval,
    draws,
    familyWiseErrorRate: alpha,
  };
}
