import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { random } from "../../../../core/numeric/random.ts";
import type { Embedding } from "../../../../models/embeddings/embedding.ts";
import { families, familyByName } from "../../../../models/embeddings/registry.ts";
import { everyRow, tableOffsets } from "../../../../models/embeddings/scheme.ts";

describe("examples of a family", () => {
  const large = { tables: [40, 25], dim: 4 };
  const examples = (name: string): Embedding[] =>
    Array.from({ length: 100 }, (_, seed) =>
      familyByName(name).example(large, random(seed, "example"))({ ...large, backend: cpu, seed }),
    );

  /** What some of a family's examples are, and others are not. */
  const kinds: Readonly<Record<string, readonly ((embedding: Embedding) => boolean)[]>> = {
    full: [({ memorySize, bytes }) => bytes > 4 * memorySize], // touched rows alone
    robe: [
      ({ memorySize, bytes }) => bytes === 2 * memorySize,
      ({ memorySize }) => memorySize <= 4 + 1 + 40, // as blocks within a row have it
    ],
    rowHash: [({ scheme }) => scheme!.signs !== undefined],
    multiHash: [({ scheme }) => scheme!.copies!(0) > 2],
    quotientRemainder: [({ scheme }) => scheme === undefined], // products
    cafe: [({ memorySize }) => memorySize < 300],
    hashEmbedding: [({ memorySize }) => memorySize < 70],
    memcom: [({ parameters }) => parameters.length === 3], // a bias
    mixedDimension: [({ parameters }) => parameters.length === 4], // shorter rows in both tables
    byFrequency: [
      ({ own }) => own!.classes.includes(1), // rows of two floats
      ({ parameters }) => parameters.length > 4, // and of another width, or shared
    ],
    tensorTrain: [({ memorySize }) => memorySize < 110],
    dhe: [({ parameters }) => parameters[0]!.tensor.shape[1]! < 7],
  };

  it.each(families.map(({ name }) => name))("%s are of every kind, and can be read", (name) => {
    const all = examples(name);
    expect(new Set(all.map(({ bytes }) => bytes)).size).toBeGreaterThan(1);
    for (const { forward } of all.slice(0, 5)) expect(forward(everyRow(large)).shape).toEqual([1, 8]);
    for (const is of kinds[name]!) {
      const some = all.filter(is).length;
      expect(some).toBeGreaterThan(15);
      expect(some).toBeLessThan(85);
    }
  });

  it("cafe have hot ids: the last of each table, and others", () => {
    const offsets = tableOffsets(large.tables);
    const hot = examples("cafe").map(({ adaptation }) => [...adaptation!.arrays.get("embedding.hot")!]);
    for (const ids of hot) {
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      expect(ids.filter((id) => id < 65).length).toBeGreaterThan(0);
      if (ids.length > 30)
        expect(ids).toEqual(expect.arrayContaining(offsets.slice(1).map((end) => end - 1)));
    }
    const all = new Set(hot.flat());
    for (const id of [0, 1, 39, 40, 64]) expect(all).toContain(id);
  });

  it("cafe have all parts of hot rows", () => {
    const parts = examples("cafe").map(({ adaptation, memorySize }) => {
      const hot = adaptation!.arrays.get("embedding.hot")!.length;
      return (4 * hot) / memorySize;
    });
    expect(Math.min(...parts)).toBeLessThan(0.15);
    expect(Math.max(...parts)).toBeGreaterThan(0.5);
  });
});
