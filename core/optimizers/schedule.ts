import { integer } from "../errors.ts";

/** Learning rate of step t = 1, 2, … as a multiple of the base rate. */
export type Schedule = (t: number) => number;

export const constant: Schedule = () => 1;

interface WarmupAndDecay {
  /** W: over steps 1 … W − 1 the rate rises as t / W. */
  readonly warmup?: number;
  /** First step of the decay. */
  readonly decayStart?: number;
  /** Number of decaying steps; 0 for none. */
  readonly decaySteps?: number;
}

/** No rate in the decay is below this, as in the reference. */
const smallestRate = 1e-7;

/**
 * Linear warm-up, hold, then a decay with the square of the steps left: the schedule of the DLRM reference program
 * (facebookresearch/dlrm, LRPolicyScheduler), with its habit that a run which will decay *holds the last rate set*, so
 * that between warm-up and decay the rate is (W − 1)/W of the base, and after the decay the last decayed one.
 *
 * @param base the base rate, which only the smallest rate of the decay depends on.
 */
export function warmupAndDecay(
  { warmup = 0, decayStart = 0, decaySteps = 0 }: WarmupAndDecay,
  base: number,
): Schedule {
  integer("Warm-up steps", warmup, 0);
  integer("Decay steps", decaySteps, 0);
  integer("First step of the decay", decayStart, decaySteps > 0 ? warmup : 0);
  const rising = (t: number) => t / warmup;
  const falling = (t: number) =>
    Math.max(smallestRate / base, ((decaySteps - (t - decayStart)) / decaySteps) ** 2);
  const held = warmup > 1 ? rising(warmup - 1) : 1;
  return (t) => {
    if (t < warmup) return rising(t);
    if (decaySteps === 0) return 1;
    if (t < decayStart) return held;
    return falling(Math.min(t, decayStart + decaySteps - 1));
  };
}
