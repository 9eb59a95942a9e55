import { slopeOf } from "../prove/curves.ts";

/** What a memory loses to full tables. */
interface Loss {
  readonly bytes: number;
  readonly loss: number;
}

/**
 * The power law loss = a · bytes^(−b) that comes nearest to these losses, in logarithms; undefined where fewer than two are
 * above 0, or all are of one size.
 */
export function scalingLaw(losses: readonly Loss[]): ((bytes: number) => number) | undefined {
  const points = losses
    .filter(({ loss }) => loss > 0)
    .map(({ bytes, loss }) => [Math.log(bytes), Math.log(loss)] as const);
  const slope = slopeOf(points);
  if (!Number.isFinite(slope)) return undefined;
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  return (bytes) => Math.exp(mean(1) + slope * (Math.log(bytes) - mean(0)));
}
