/** Gives the value that a share of the samples lies below, by linear interpolation. */
export function quantileOf(samples: readonly number[]): (share: number) => number {
  const sorted = [...samples].sort((a, b) => a - b);
  return (share) => {
    const place = share * (sorted.length - 1);
    const low = Math.floor(place);
    return sorted[low]! + (place - low) * ((sorted[low + 1] ?? sorted[low]!) - sorted[low]!);
  };
}

/** Median and quartiles. */
export function spread(samples: readonly number[]): { median: number; quartiles: [number, number] } {
  const at = quantileOf(samples);
  return { median: at(0.5), quartiles: [at(0.25), at(0.75)] };
}
