/** Median and quartiles, by linear interpolation. */
export function spread(samples: readonly number[]): { median: number; quartiles: [number, number] } {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low]! + (place - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
  };
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
}
