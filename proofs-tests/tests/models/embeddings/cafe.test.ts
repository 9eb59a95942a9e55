import { describe, expect, it } from "vitest";
import { cpu64 } from "../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../core/backend.ts";
import { dense, gradients } from "../../../../core/backward.ts";
import { gamma, unitRoundoff } from "../../../../core/numeric/number.ts";
import { random } from "../../../../core/numeric/random.ts";
import { multiply } from "../../../../core/ops/arithmetic.ts";
import { sumAll } from "../../../../core/ops/sum.ts";
import { adagrad } from "../../../../core/optimizers/adagrad.ts";
import { rowWiseAdagrad } from "../../../../core/optimizers/row-wise-adagrad.ts";
import { type Tensor, tensor, tidy } from "../../../../core/tensor.ts";
import type { Bags } from "../../../../models/data/dataset.ts";
import type { Dlrm } from "../../../../models/dlrm/dlrm.ts";
import { evaluate } from "../../../../models/dlrm/evaluate.ts";
import type { Adaptation, Embedding } from "../../../../models/embeddings/embedding.ts";
import { cafe } from "../../../../models/embeddings/families/cafe.ts";
import { averaging } from "../../../mutants/backends.ts";
import { data, model, tables } from "../dlrm/tiny-model.ts";
import {
  arraysOf,
  everyId,
  hotIds,
  interval,
  made,
  offsets,
  options,
  readings,
  rows,
  trained,
} from "./tiny-cafe.ts";

describe("a migration", () => {
  /** Observed norms that make `favored` the hot ids of the next migration. */
  const learn = async ({ adaptation }: Embedding, favored: (id: number) => boolean) => {
    const squares = Float64Array.from(everyId.ids, (row, i) =>
      favored(offsets[i % tables.length]! + row) ? 1 : 0,
    );
    for (let t = 1; t <= interval; t++) await adaptation!.learn(everyId, squares, t);
  };

  /** The ids whose readings a migration to the ids 20 … 24 changed, that it should not have; state by state. */
  async function changed(
    tiny: Dlrm,
    after: (tensors: readonly Tensor[]) => Promise<void>,
  ): Promise<number[][]> {
    const { embedding } = tiny;
    const { tensor: memory, state } = embedding.parameters[0]!;
    const places = new Map([...(await readings(embedding)).keys()].map((id) => [id, placeOf(embedding, id)]));
    const before = await Promise.all([memory, ...state].map((t) => t.data()));
    await learn(embedding, (id) => id >= 20 && id < 25);
    expect(hotIds(embedding)).toEqual(expect.arrayContaining([20, 21, 22, 23, 24]));
    await after([memory, ...state]);
    const now = await Promise.all([memory, ...state].map((t) => t.data()));
    return before.map((old, k) => {
      const width = (old.length / embedding.scheme!.memorySize) * embedding.dim;
      const row = (values: ArrayLike<number>, at: number) =>
        Array.from({ length: width }, (_, c) => values[at * width + c]).join();
      return hotIds(embedding).filter(
        (id) => row(old, places.get(id)!) !== row(now[k]!, placeOf(embedding, id)),
      );
    });
  }

  /** The row of memory that an id reads. */
  const placeOf = ({ scheme, dim }: Embedding, id: number): number => {
    const table = offsets.findLastIndex((first) => first <= id);
    return scheme!.slotsOf(table, id - offsets[table]!, 0)[0]!.slot / dim;
  };

  it.each([
    ["adagrad", adagrad(0.05)],
    ["rowWiseAdagrad", rowWiseAdagrad(0.05)],
  ] as const)("leaves what every hot id reads, and its state, bit for bit: %s", async (_, optimizer) => {
    const tiny = await trained(made(), 13, 0, optimizer);
    expect(await changed(tiny, async () => {})).toEqual([[], []]);
  });

  it("seen: rows that are not copied, state that is not copied", async () => {
    for (const which of [0, 1]) {
      const tiny = await trained(made(), 13);
      const { tensor: memory, state } = tiny.embedding.parameters[0]!;
      const old = await Promise.all([memory, ...state].map((t) => t.data()));
      const found = await changed(tiny, async (tensors) => tensors[which]!.write(old[which]!));
      expect(found[which]).not.toEqual([]);
      expect(found[1 - which]).toEqual([]);
    }
  });

  it("changes no forward pass but of ids that cooled down, which read their shared row again", async () => {
    const { embedding } = await trained(made(), 13);
    const [before, wereHot] = [await readings(embedding), hotIds(embedding)];
    await learn(embedding, (id) => id >= 20 && id < 25);
    const [after, hot] = [await readings(embedding), hotIds(embedding)];
    const cooled = wereHot.filter((id) => !hot.includes(id));
    expect(cooled).not.toEqual([]);
    for (const [id, reading] of after) if (!cooled.includes(id)) expect(reading).toBe(before.get(id));
    const hotRows = embedding.adaptation!.arrays.get("embedding.hot")!.length;
    for (const id of cooled) {
      expect(after.get(id)).not.toBe(before.get(id));
      expect(placeOf(embedding, id)).toBeGreaterThanOrEqual(hotRows);
    }
  });
});

describe("the scores", () => {
  const bags = { ids: Uint32Array.of(1, 2, 1, 0, 3, 3, 0, 4), offsets: Uint32Array.of(0, 2, 4, 8) };
  /** Squared norms that are observed of ⟨pooled, G⟩, whose gradient is G. */
  async function observed(pooling: "sum" | "mean" | "learned", g: readonly number[]) {
    const embedding = cafe({ ...options, pooling })({ tables, dim: 2, backend: cpu64, seed: 1 });
    const squares = tidy(() => {
      const pooled = embedding.forward(bags);
      const loss = sumAll(multiply(pooled, tensor(cpu64, pooled.shape, g)));
      const found = gradients(
        loss,
        embedding.parameters.map((p) => p.tensor),
      );
      return embedding.adaptation!.observe(found)!;
    });
    return [...(await squares.data())];
  }

  it("are the norms of the gradients of what each id reads", async () => {
    const g = [3, 4, 0, 2, 8, 0];
    expect(await observed("sum", g)).toEqual([25, 4, 64]);
    expect(await observed("mean", g)).toEqual([25 / 4, 4 / 4, 64 / 16]);
    expect(await observed("learned", g)).toEqual([25, 25, 4, 4, 64, 64, 64, 64]);
  });

  /** Exact sums of what `learn` was told, faded as it fades, and the hot ids after 60 steps. */
  async function exactly(change: (learn: Adaptation["learn"]) => Adaptation["learn"]) {
    const maker = cafe({ ...options, memorySize: 330 });
    const exact = new Float64Array(rows);
    const tiny = model({
      embedding: (setting) => {
        const embedding = maker(setting);
        const adaptation = embedding.adaptation!;
        const learn = change(adaptation.learn);
        const counted: Adaptation["learn"] = (bags, squares, t) => {
          const norms = Array.from(bags.ids, (_, i) => Math.sqrt(squares[i]!)); // one id a bag
          const mean = norms.reduce((a, b) => a + b) / norms.length;
          for (const [i, norm] of norms.entries()) exact[offsets[i % 3]! + bags.ids[i]!]! += norm / mean;
          if (t % interval === 0) for (const id of exact.keys()) exact[id]! *= 0.99;
          return learn(bags, squares, t);
        };
        return { ...embedding, adaptation: { ...adaptation, learn: counted } };
      },
    });
    await trained(tiny, 60);
    return { exact, embedding: tiny.embedding };
  }

  /**
   * An id is hot if its true weight is above the smallest score of its bucket (then it has a slot, and no smaller score)
   * and above all but the largest scores. Scores are sums of at most k = 60·64·3 + 6 rounded steps: within γ_k.
   */
  async function wronglyCold(change: (learn: Adaptation["learn"]) => Adaptation["learn"]) {
    const { exact, embedding } = await exactly(change);
    const scores = embedding.adaptation!.arrays.get("embedding.sketch.scores")!;
    const hot = hotIds(embedding);
    const least = scores.slice().sort().at(-hot.length)!;
    const smallest = Math.max(
      ...Array.from({ length: scores.length / 4 }, (_, b) => Math.min(...scores.subarray(4 * b, 4 * b + 4))),
    );
    const slack = 1 + gamma(60 * 64 * 3 + 6, unitRoundoff.f32);
    const sure = [...exact.keys()].filter((id) => exact[id]! > Math.max(least, smallest) * slack ** 2);
    return { sure: sure.length, cold: sure.filter((id) => !hot.includes(id)) };
  }

  it("find the ids of the largest true sums on a skewed stream", async () => {
    const { sure, cold } = await wronglyCold((learn) => learn);
    expect(sure).toBeGreaterThanOrEqual(8);
    expect(cold).toEqual([]);
  });

  it("seen: gradients are credited to the next id", async () => {
    const next = (bags: Bags) => ({ ...bags, ids: bags.ids.map((id, i) => (id + 1) % tables[i % 3]!) });
    const { cold } = await wronglyCold((learn) => (bags, squares, t) => learn(next(bags), squares, t));
    expect(cold).not.toEqual([]);
  });
});

describe("a fixed map", () => {
  /** Slots whose gradient of ⟨forward, G⟩ is not the difference that 1 more makes; whole numbers, so exact. */
  async function wrongSlots(backend: Backend): Promise<number[]> {
    const tiny = await trained(made(cpu64), 13);
    const { embedding } = await tiny.to(backend);
    expect(hotIds(embedding)).not.toEqual([]);
    const memory = embedding.parameters[0]!.tensor;
    const stream = random(1, "whole numbers");
    const whole = (n: number) => Array.from({ length: n }, () => stream.integer(9) - 4);
    const [values, g] = [whole(memory.shape[0]!), whole(everyId.ids.length * embedding.dim)];
    const loss = () => {
      const output = embedding.forward(everyId);
      return sumAll(multiply(output, tensor(backend, output.shape, g)));
    };
    memory.write(values);
    const [at, gradient] = [await loss().item(), await dense(gradients(loss(), [memory])[0]!).data()];
    const wrong: number[] = [];
    for (const slot of values.keys()) {
      memory.write(values.map((v, i) => (i === slot ? v + 1 : v)));
      if ((await loss().item()) - at !== gradient[slot]) wrong.push(slot);
    }
    return wrong;
  }

  it("has gradients that are differences", async () => {
    expect(await wrongSlots(cpu64)).toEqual([]);
  });

  it("seen: a slot's gradient is the mean of its readers'", async () => {
    expect(await wrongSlots({ ...averaging, precision: "f64" })).not.toEqual([]);
  });

  it("is left alone by evaluation, and two passes read the same", async () => {
    const tiny = await trained(made(), 13);
    const [arrays, read] = [arraysOf(tiny), await readings(tiny.embedding)];
    await evaluate(tiny, data.test);
    expect(arraysOf(tiny)).toEqual(arrays);
    expect(await readings(tiny.embedding)).toEqual(read);
    await trained(tiny, 14, 13);
    expect(arraysOf(tiny)).not.toEqual(arrays);
  });
});
