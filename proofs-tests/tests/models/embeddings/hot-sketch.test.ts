import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { bucketSize, type HotSketch, hotSketch } from "../../../../models/embeddings/families/hot-sketch.ts";

/** What a sketch says of a random stream, held against exact counts. The first falsehood, or undefined. */
type Law = (sketch: HotSketch, seed: number) => string | undefined;

/**
 * Sends whole weights of few, unevenly frequent ids, and halves everything now and then: all sums are multiples of
 * 2⁻⁵ below 2¹², so that they are exact in f32.
 */
function trueWeights(sketch: HotSketch, seed: number): Map<number, number> {
  const stream = random(seed, "stream");
  const weights = new Map<number, number>();
  for (let i = 0; i < 300; i++) {
    if (i % 60 === 59) {
      sketch.fade(0.5);
      for (const [id, weight] of weights) weights.set(id, weight / 2);
    }
    const id = Math.floor(40 * stream.uniform() ** 3);
    const weight = stream.integer(10);
    sketch.add(id, weight);
    weights.set(id, (weights.get(id) ?? 0) + weight);
  }
  return weights;
}

const spaceSaving: Law = (sketch, seed) => {
  const weights = trueWeights(sketch, seed);
  for (let first = 0; first < sketch.ids.length; first += bucketSize) {
    const scores = sketch.scores.subarray(first, first + bucketSize);
    const slots = Array.from(scores, (score, i) => [sketch.ids[first + i]!, score] as const);
    const held = new Map(slots.filter(([, score]) => score > 0)); // 0 is an empty slot
    const least = Math.min(...scores);
    const sent = [...weights].filter(([id]) => sketch.bucketOf(id) === first);
    const total = sent.reduce((sum, [, weight]) => sum + weight, 0);
    const sum = scores.reduce((a, b) => a + b, 0);
    if (sum !== total) return `scores add up to ${sum}, of a weight of ${total}`;
    for (const [id, weight] of sent) {
      const score = held.get(id);
      if (score === undefined && weight > least) return `${id} of weight ${weight} > ${least} is not there`;
      if (score === undefined && weight > total / bucketSize)
        return `${id} of weight ${weight} of ${total} is lost`;
      if (score !== undefined && !(weight <= score && score <= weight + least))
        return `${id} of weight ${weight} has score ${score}, least ${least}`;
    }
  }
  return undefined;
};

const largest: Law = (sketch, seed) => {
  trueWeights(sketch, seed);
  const slots = Array.from(sketch.ids, (id, slot) => ({ id, score: sketch.scores[slot]! }));
  const order = slots.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || a.id - b.id);
  for (let count = 0; count <= slots.length + 1; count++) {
    const expected = order.slice(0, count).map(({ id }) => id);
    const found = sketch.largest(count);
    if (`${found}` !== `${expected.sort((a, b) => a - b)}`) return `${count}: ${found}, not ${expected}`;
  }
  return undefined;
};

const sound = (seed: number): HotSketch => hotSketch(1 + (seed % 5), 40, seed);

/** `sound` whose `add` is followed, where an id took another's slot, by a mistake. */
const mistaken =
  (mistake: (sketch: HotSketch, slot: number, weight: number, before: number) => void) =>
  (seed: number): HotSketch => {
    const sketch = sound(seed);
    return {
      ...sketch,
      add(id, weight) {
        const [ids, scores] = [sketch.ids.slice(), sketch.scores.slice()];
        sketch.add(id, weight);
        const slot = ids.findIndex((other, i) => other !== sketch.ids[i] && scores[i]! > 0);
        if (slot >= 0) mistake(sketch, slot, weight, ids[slot]!);
      },
    };
  };

const falsehoods = (law: Law, make: (seed: number) => HotSketch) =>
  fc.check(
    fc.property(fc.nat(), (seed) => law(make(seed), seed) === undefined),
    { seed: 20_240_229, numRuns: 200 },
  ).failed;

describe("HotSketch", () => {
  it.each([
    ["keeps the promises of SpaceSaving in every bucket", spaceSaving],
    ["gives the ids of the largest scores, of equal ones the smaller ids", largest],
  ] as const)("%s", (_, law) => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(law(sound(seed), seed)).toBeUndefined();
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [
      "a newcomer starts at its own weight",
      mistaken(({ scores }, slot, weight) => {
        scores[slot] = weight;
      }),
    ],
    [
      "a newcomer's weight is lost",
      mistaken(({ scores }, slot, weight) => {
        scores[slot]! -= weight;
      }),
    ],
    [
      "a newcomer is turned away",
      mistaken(({ ids }, slot, _, before) => {
        ids[slot] = before;
      }),
    ],
    ["the sketch does not fade", (seed: number) => ({ ...sound(seed), fade: () => {} })],
  ] as const)("seen by the promises: %s", (_, broken) => {
    expect({ broken: falsehoods(spaceSaving, broken), sound: falsehoods(spaceSaving, sound) }).toEqual({
      broken: true,
      sound: false,
    });
  });

  it.each([[[1, 2, 3, 4]], [[4, 3, 2, 1]], [[3, 4, 1, 2]]])(
    "of equally small scores %o gives up that of the largest id",
    (ids) => {
      const sketch = hotSketch(1, 40, 7);
      for (const id of ids) sketch.add(id, 1);
      sketch.add(9, 2);
      expect([...sketch.ids].sort((a, b) => a - b)).toEqual([1, 2, 3, 9]);
      expect([...sketch.scores].sort()).toEqual([1, 1, 1, 3]);
    },
  );

  it.each([0, -1, Number.NaN])("is not changed by a weight of %d", (weight) => {
    const sketch = hotSketch(1, 40, 7);
    for (const id of [1, 2, 3, 4]) sketch.add(id, 1);
    const before = [[...sketch.ids], [...sketch.scores]];
    sketch.add(9, weight);
    sketch.add(4, weight);
    expect([[...sketch.ids], [...sketch.scores]]).toEqual(before);
  });

  it("seen by the order: of equal scores the larger id comes first", () => {
    const broken = (seed: number): HotSketch => {
      const sketch = sound(seed);
      const largest = (count: number) =>
        Array.from(sketch.ids, (id, slot) => ({ id, score: sketch.scores[slot]! }))
          .filter(({ score }) => score > 0)
          .sort((a, b) => b.score - a.score || b.id - a.id)
          .slice(0, count)
          .map(({ id }) => id)
          .sort((a, b) => a - b);
      return { ...sketch, largest };
    };
    expect(falsehoods(largest, broken)).toBe(true);
  });
});
