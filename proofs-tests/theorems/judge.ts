import { random } from "../../core/random.ts";
import { eventInterval, type Interval, logBinomialTail, meanInterval } from "../../theory/verdict.ts";
import type { Check, Draw, EventCheck, MomentCheck, Sketch, World } from "../../theory/world.ts";
import type { SketchFamily } from "./families.ts";

/** What one experiment found. */
export interface Finding {
  readonly holds: boolean;
  /** "mean", "variance", "probability" or "error". */
  readonly what: string;
  readonly observed: number;
  readonly predicted: number;
  /** Where what was observed stands for, at the confidence asked for; absent where nothing is random. */
  readonly interval?: Interval;
  readonly draws: number;
  /** P(this experiment rejects a true statement). */
  readonly falseAlarm: number;
}

/** How an experiment is to be run. */
export interface Trial {
  readonly draws: number;
  readonly seed: number;
  /** P(rejecting a true statement), for each finding. */
  readonly alpha: number;
}

/** Draws made of a scheme (by its name) in a world, by seed: every check on them would make the same ones again. */
const made = new Map<string, Sketch[]>();
const remembered = 16;

function drawsOf(family: SketchFamily, world: World, seed: number): (i: number) => Sketch {
  const { rows, dim, block, memory } = world;
  const key = [family.name, rows, dim, block, memory, seed].join();
  const draws = made.get(key) ?? [];
  made.delete(key);
  made.set(key, draws);
  if (made.size > remembered) made.delete(made.keys().next().value!);
  return (i) => {
    draws[i] ??= family.draw(world, seed + i);
    return draws[i];
  };
}

/** Rounding: checks are sums of fewer than a thousand products in doubles. */
const roundingError = 1e-10;

/** What `check` finds in `world`, with fresh draws of `family`. */
export function judge(check: Check, family: SketchFamily, world: World, trial: Trial): Finding[] {
  const draws = Math.max(check.kind === "moment" ? 400 : 50, Math.round(trial.draws / (check.cost ?? 1)));
  const sketch = drawsOf(family, world, trial.seed);
  const fresh = (i: number): Draw => ({
    get sketch() {
      return sketch(i);
    },
    get stream() {
      return random(trial.seed + i, check.name);
    },
  });
  switch (check.kind) {
    case "moment":
      return judgeMoment(check, world, draws, fresh, trial.alpha);
    case "always": {
      let observed = 0;
      const few = Math.min(draws, 200);
      for (let i = 0; i < few; i++) observed = Math.max(observed, check.error(world, fresh(i)));
      return [
        {
          holds: observed <= roundingError,
          what: "error",
          observed,
          predicted: 0,
          draws: few,
          falseAlarm: 0,
        },
      ];
    }
    default:
      return [judgeEvent(check, world, draws, fresh, trial.alpha)];
  }
}

function judgeMoment(
  check: MomentCheck,
  world: World,
  draws: number,
  fresh: (i: number) => Draw,
  alpha: number,
): Finding[] {
  const samples = Float64Array.from({ length: draws }, (_, i) => check.statistic(world, fresh(i)));
  const mean = check.mean(world);
  const size = samples.reduce((most, v) => Math.max(most, Math.abs(v)), Math.abs(mean));
  const found = [compared("mean", samples, mean, size, alpha)];
  if (check.variance) {
    const squares = samples.map((v) => (v - mean) ** 2);
    found.push(compared("variance", squares, check.variance(world), size * size, alpha));
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
    holds: low - slack <= predicted && predicted <= high + slack,
    what,
    observed: samples.reduce((sum, v) => sum + v, 0) / samples.length,
    predicted,
    interval: [low, high],
    draws: samples.length,
    falseAlarm: alpha,
  };
}

function judgeEvent(
  { kind, event, probability }: EventCheck,
  world: World,
  draws: number,
  fresh: (i: number) => Draw,
  alpha: number,
): Finding {
  let count = 0;
  for (let i = 0; i < draws; i++) if (event(world, fresh(i))) count++;
  const predicted = probability(world);
  const interval = eventInterval(count, draws, alpha);
  const isTooOften =
    logBinomialTail(count, draws, predicted) < Math.log(alpha / (kind === "exactly" ? 2 : 1));
  return {
    holds: !isTooOften && (kind === "at most" || predicted <= interval[1]),
    what: "probability",
    observed: count / draws,
    predicted,
    interval,
    draws,
    falseAlarm: alpha,
  };
}
