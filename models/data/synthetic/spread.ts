import { multiplyModulo } from "../../../core/numeric/hash.ts";
import { remainder } from "../../../core/numeric/number.ts";
import type { Random } from "../../../core/numeric/random.ts";

/**
 * A bijection of {0 … n − 1}, n ≤ 2³²: x ↦ (a·x + b) mod n with a random a that is coprime to n and a random b. Exact in
 * integers. Neighbors land a apart, so what was next to each other is so no longer; it is no random permutation.
 */
export function spread(n: number, stream: Random): (x: number) => number {
  let a = stream.integer(n);
  while (divisor(a, n) !== 1) a = stream.integer(n);
  const b = stream.integer(n);
  return (x) => remainder(multiplyModulo(x, a, n) + b, n);
}

/** The greatest common divisor. */
function divisor(x: number, y: number): number {
  let [a, b] = [x, y];
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
