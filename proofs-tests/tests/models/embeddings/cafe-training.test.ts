import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { scale } from "../../../../core/ops/arithmetic.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { keep, liveTensors } from "../../../../core/tensor.ts";
import type { Dlrm } from "../../../../models/dlrm/dlrm.ts";
import { restore } from "../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../models/dlrm/saved/save.ts";
import { train } from "../../../../models/dlrm/train.ts";
import type { Adaptation, EmbeddingMaker } from "../../../../models/embeddings/embedding.ts";
import { cafe } from "../../../../models/embeddings/families/cafe.ts";
import { rowHash } from "../../../../models/embeddings/families/row-hash.ts";
import { tableOffsets } from "../../../../models/embeddings/scheme.ts";
import { temporaryFolder } from "../../temporary.ts";
import { bitsOf, data, model } from "../dlrm/tiny-model.ts";
import { arraysOf, hotIds, interval, made, options, readings, trained } from "./tiny-cafe.ts";

describe("training", () => {
  /** How many numbers of tensors there were after steps, and how many maps. */
  async function counts(tiny: Dlrm, steps: number) {
    const [live, maps] = [new Set<number>(), new Set<string>()];
    const walk = { optimizer: adagrad(0.05), batch: 16, epochs: 20, steps };
    for await (const _ of train(tiny, data.train, walk)) {
      live.add(liveTensors());
      maps.add(`${hotIds(tiny.embedding)}`);
    }
    tiny.free();
    return { live: live.size, maps: maps.size };
  }

  it("holds as many tensors after each of 1,000 steps, migrations among them", async () => {
    const { live, maps } = await counts(made(), 1000);
    expect(live).toBe(1);
    expect(maps).toBeGreaterThan(5);
  });

  it("seen: what is observed is not given back", async () => {
    const leaking: EmbeddingMaker = (setting) => {
      const embedding = cafe(options)(setting);
      const adaptation = embedding.adaptation!;
      const observe: Adaptation["observe"] = (found) => scale(keep(adaptation.observe(found)!), { by: 1 });
      return { ...embedding, adaptation: { ...adaptation, observe } };
    };
    expect((await counts(model({ embedding: leaking }), 3)).live).toBeGreaterThan(1);
  });

  it("gives the same map and the same bits at the same seed, others at another", async () => {
    const trainedAt = async (seed: number) => {
      const tiny = await trained(model({ embedding: cafe({ memorySize: 260, interval }), seed }), 35);
      return { arrays: arraysOf(tiny), bits: await bitsOf(tiny) };
    };
    const one = await trainedAt(1);
    expect(await trainedAt(1)).toEqual(one);
    expect((await trainedAt(2)).arrays).not.toEqual(one.arrays);
  });

  it("goes on on a copy as on the original", async () => {
    const tiny = await trained(made(), 25);
    for (const copy of [await tiny.to(cpu)]) {
      expect(arraysOf(copy)).toEqual(arraysOf(tiny));
      expect(await readings(copy.embedding)).toEqual(await readings(tiny.embedding));
      const fresh = made();
      for (const [i, p] of fresh.parameters.entries())
        p.tensor.write(await copy.parameters[i]!.tensor.data());
      expect(await readings(fresh.embedding)).not.toEqual(await readings(tiny.embedding));
    }
    expect(arraysOf(await tiny.to(cpu64))).toEqual(arraysOf(tiny));
  });
});

describe("a checkpoint", () => {
  let folder: string;
  beforeAll(async () => {
    folder = temporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("goes on to the same map and bits as training without a break", async () => {
    const whole = await trained(made(), 60);
    const at = join(folder, "resumed");
    await save(at, await trained(made(), 37), { training: { step: 37 } });
    const [resumed, forgetful] = [made(), made()];
    for (const tiny of [resumed, forgetful]) expect((await restore(at, tiny)).training!.step).toBe(37);
    forgetful.embedding.adaptation!.arrays.get("embedding.sketch.scores")!.fill(0);
    await Promise.all([trained(resumed, 60, 37), trained(forgetful, 60, 37)]);
    expect(arraysOf(resumed)).toEqual(arraysOf(whole));
    expect(await bitsOf(resumed)).toEqual(await bitsOf(whole));
    expect(await bitsOf(forgetful)).not.toEqual(await bitsOf(whole)); // seen: scores that are not kept
  });

  it.each([
    ["32 bits", [2 ** 31, 2 ** 31 - 9, 5]],
    ["53 bits", [2 ** 31, 2 ** 31, 2 ** 32]],
  ])("keeps ids of %s exactly", async (name, tables) => {
    const large = () => model({ tables, embedding: cafe(options) });
    const [saved, loaded] = [large(), large()];
    const hot = saved.embedding.adaptation!.arrays.get("embedding.hot")!;
    const last = tableOffsets(tables).at(-1)!;
    hot.set(Array.from(hot, (_, i) => last - hot.length + i));
    await save(join(folder, name), saved);
    await restore(join(folder, name), loaded);
    expect(arraysOf(loaded)).toEqual(arraysOf(saved));
    expect(new Set(arraysOf(loaded).get("embedding.hot")).size).toBe(hot.length);
  });

  it("of another embedding is refused", async () => {
    const tiny = made();
    const { memorySize } = tiny.embedding;
    const other = model({ embedding: rowHash({ memorySize }) });
    await save(join(folder, "other"), other);
    await expect(restore(join(folder, "other"), tiny)).rejects.toThrow(
      /other cannot be loaded: it has no array "embedding\.hot", but this model has one of \d+; give the flags it was/,
    );
  });
});
