import fc from "fast-check";

/** Rounding of a mean of up to 60 terms in [−1, 1] and of its variance, computed in two orders. */
export const rounding = 200 * Number.EPSILON;

export const average = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;

/** Scores of the rows labeled 1, and of those labeled 0. */
export const split = (labels: readonly number[], scores: readonly number[]) => ({
  ones: scores.filter((_, i) => labels[i] === 1),
  zeros: scores.filter((_, i) => labels[i] === 0),
});

const score = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.double({ min: -4, max: 4, noNaN: true }));

/** Random rows: coarse scores, so that ties are common. */
export const rows = fc
  .array(fc.record({ label: fc.constantFrom(0, 1), first: score, second: score }), {
    minLength: 4,
    maxLength: 60,
  })
  .map((list) => ({
    labels: list.map((row) => row.label),
    first: list.map((row) => row.first),
    second: list.map((row) => row.second),
  }))
  .filter(({ labels }) => {
    const { ones, zeros } = split(labels, labels);
    return ones.length >= 2 && zeros.length >= 2;
  });
