/**
 * The places of a heap that nobody has, in the order of their addresses. Neighbors are always one place, so what is free is
 * told by what is taken alone: a training step that gives back all that it took leaves what it found, and the next one,
 * taking the same sizes, gets the same places.
 */
export interface FreePlaces {
  /** The lowest address at which so many bytes are free, which then are not; undefined where there is none. */
  take(size: number): number | undefined;
  /** Bytes first … end are free again. */
  give(first: number, end: number): void;
  /** Takes the place that ends at `end` away from these, if there is one: where the heap then ends. */
  trim(end: number): number;
  /** Bytes of the largest place. */
  largest(): number;
}

export function freePlaces(): FreePlaces {
  // Two lists, not one of pairs: a place is looked for by its size among some dozens, several times in each kernel.
  const firsts: number[] = [];
  const ends: number[] = [];
  /** How many places lie below `address`. */
  const below = (address: number): number => {
    let [low, high] = [0, firsts.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (firsts[middle]! < address) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const remove = (i: number) => {
    firsts.splice(i, 1);
    ends.splice(i, 1);
  };
  return {
    take(size) {
      for (let i = 0; i < firsts.length; i++) {
        const first = firsts[i]!;
        const left = ends[i]! - first - size;
        if (left < 0) continue;
        if (left === 0) remove(i);
        else firsts[i] = first + size;
        return first;
      }
      return undefined;
    },
    give(first, end) {
      const i = below(first);
      const [joinsLower, joinsUpper] = [i > 0 && ends[i - 1] === first, firsts[i] === end];
      if (joinsLower && joinsUpper) {
        ends[i - 1] = ends[i]!;
        remove(i);
      } else if (joinsLower) ends[i - 1] = end;
      else if (joinsUpper) firsts[i] = first;
      else {
        firsts.splice(i, 0, first);
        ends.splice(i, 0, end);
      }
    },
    trim(end) {
      if (ends.at(-1) !== end) return end;
      ends.pop();
      return firsts.pop()!;
    },
    largest: () => firsts.reduce((most, first, i) => Math.max(most, ends[i]! - first), 0),
  };
}
