import { describe, expect, it } from "vitest";
import { cpu } from "../../../../../backends/cpu/index.ts";
import { vocabulary } from "../../../../../models/data/encoders/vocabulary.ts";
import type { AboutGiven } from "../../../../../models/dlrm/saved/about.ts";
import { describe as described, load, restore } from "../../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { bitsOf, model } from "../tiny-model.ts";
import { overwrite, path, refusal, rewrite } from "./changed-file.ts";

const tiny = model({ backend: cpu });
const { dense, tables } = tiny.config;
const hashes = Uint32Array.from({ length: tables[0]! - 1 }, (_, i) => 7 * i);
hashes[hashes.length - 1] = 2 ** 32 - 1;
/** The first table has a row for each of these ids, and one for all others; ids of the others are hashed. */
const features: NonNullable<AboutGiven["features"]> = {
  label: "y",
  dense: Array.from({ length: dense }, (_, i) => ({
    column: `x${i}`,
    scaling: { kind: "none", numbers: [] },
  })),
  categorical: tables.map((rows, t) => ({
    ...{ column: `c${t}`, rows, distinct: 5 },
    ...(t === 0 && { vocabulary: vocabulary(hashes) }),
  })),
};
const saved = () => save(path, tiny, { features });

describe("a saved model whose ids have rows of their own", () => {
  it("says which, all of them, wherever it is opened", async () => {
    await saved();
    const { model: loaded, about } = await load(path, { backend: cpu });
    expect(await bitsOf(loaded)).toEqual(await bitsOf(tiny));
    const other = model({ backend: cpu, seed: 9 });
    for (const { features: found } of [about, await described(path), await restore(path, other)]) {
      const [first, ...others] = found!.categorical;
      expect(first!.vocabulary!.hashes).toEqual(hashes);
      expect([0, 7, 8, 2 ** 32 - 1].map(first!.vocabulary!.rowOf)).toEqual([1, 2, 0, hashes.length]);
      expect(others.map((each) => each.vocabulary)).toEqual(others.map(() => undefined));
      expect(JSON.stringify(found)).toBe(JSON.stringify(features));
    }
    expect(await bitsOf(other)).toEqual(await bitsOf(tiny));
    // What was loaded can be saved again.
    await save(path, loaded, about);
    expect((await described(path)).features!.categorical[0]!.vocabulary!.hashes).toEqual(hashes);
  });

  const damaged = async (damage: () => void) => {
    await saved();
    damage();
    return refusal();
  };
  const name = "features.vocabulary.0";

  it("is refused where they are not there, too few, of another kind, or do not ascend", async () => {
    const missing = `it has no ids of column "c0", though each of ${hashes.length} has a row of its own`;
    expect(await damaged(() => rewrite(`"${name}"`, '"features.vocabulary.9"'))).toBe(missing);
    expect(await damaged(() => rewrite('"dtype":"U32"', '"dtype":"F32"'))).toBe(missing);
    expect(await damaged(() => overwrite(name, 0, (bytes, at) => bytes.writeUInt32LE(7, at)))).toContain(
      "The hashes of a vocabulary must ascend, but number 1 (from 0) is 7",
    );
  });

  it("is refused where it has some of a column that has none", async () =>
    expect(await damaged(() => rewrite(',\\"vocabulary\\":true', ""))).toContain(
      `it has an array "${name}", which this model does not have`,
    ));
});
