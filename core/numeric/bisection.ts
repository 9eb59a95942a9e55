/** Halves low … high, at whose low end `isBelow` holds, until the end of where it holds is known to `width`: what is left then. */
export function bisected(
  low: number,
  high: number,
  width: number,
  isBelow: (x: number) => boolean,
): readonly [low: number, high: number] {
  for (let left = Math.ceil(Math.log2((high - low) / width)); left > 0; left--) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return [low, high];
}
