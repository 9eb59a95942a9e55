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
  const mean = (of: (point: readonly [number, number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point[0]), mean((point) => point[1])];
  const spread = mean((point) => (point[0] - x) ** 2);
  if (points.length < 2 || spread === 0) return undefined;
  const slope = mean((point) => (point[0] - x) * (point[1] - y)) / spread;
  return (bytes) => Math.exp(y + slope * (Math.log(bytes) - x));
}
