import { beforeEach, describe, expect, it, vi } from "vitest";
import { synthetic } from "../../../../models/data/synthetic/synthetic.ts";
import { dlrm } from "../../../../models/dlrm/dlrm.ts";
import { train } from "../../../../models/dlrm/train.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { iterationsToQuality, usualIterations } from "../../../experiments/convergence/iterations.ts";

vi.mock("../../../../models/data/synthetic/synthetic.ts", () => ({ synthetic: vi.fn() }));
vi.mock("../../../../models/dlrm/dlrm.ts", () => ({ dlrm: vi.fn() }));
vi.mock("../../../../models/embeddings/families/full.ts", () => ({ full: vi.fn() }));
vi.mock("../../../../models/embeddings/families/robe.ts", () => ({ robe: vi.fn() }));
vi.mock("../../../../models/dlrm/train.ts", () => ({ train: vi.fn() }));

/** Models that are no more than their load and seed; how many of their tensors are not freed. */
let kept = 0;
/** How far each model was trained. */
let trained: string[] = [];

/** N/m, and the seed of the hashes. */
const sharingOf = (options: Parameters<typeof robe>[0]) => {
  const { compression, seed } = options as { compression: number; seed: number };
  return { compression, seed };
};

/** The validation loss falls by one at each step, from 100 and the seed, and by load times as many steps. */
const lossAt = (step: number, load: number, seed: number): number => 100 + seed - step / load;

beforeEach(() => {
  kept = 0;
  trained = [];
  const data = { train: "train", validation: "validation" };
  vi.mocked(synthetic)
    .mockReset()
    .mockReturnValue(data as never);
  vi.mocked(full).mockReturnValue({ load: 1 } as never);
  vi.mocked(robe)
    .mockReset()
    .mockImplementation((options) => ({ load: sharingOf(options).compression }) as never);
  vi.mocked(dlrm)
    .mockReset()
    .mockImplementation(({ embedding, seed }) => {
      kept += 2;
      const free = () => void kept--;
      return { embedding, seed, parameters: [{ tensor: { free } }, { tensor: { free } }] } as never;
    });
  vi.mocked(train)
    .mockReset()
    .mockImplementation(async function* (
      { embedding, seed }: { embedding: { load: number }; seed: number },
      _: unknown,
      { steps, evaluate }: { steps: number; evaluate: { every: number } },
    ) {
      const name = trained.push("") - 1;
      for (let step = 1; step <= steps; step++) {
        trained[name] = `${embedding.load}× of seed ${seed} to ${step}`;
        const looked = step % evaluate.every === 0 || step === steps;
        yield { step, ...(looked && { validation: { logLoss: lossAt(step, embedding.load, seed) } }) };
      }
    } as never);
});

const options = { loads: [1, 2, 3], seeds: [4, 9, 6], target: 20, most: 50, every: 10 };

describe("iterations to quality", () => {
  it("are the steps until a look at the loss finds it at the full table's, or none", async () => {
    const found = await iterationsToQuality(options);
    expect(found).toEqual([
      { load: 1, memory: 20_800, steps: [20, 20, 20], ratio: 1 },
      { load: 2, memory: 10_400, steps: [40, 40, 40], ratio: 2 },
      { load: 3, memory: 6933, steps: [null, null, null], ratio: null }, // 60 are above 50
    ]);
    expect(await iterationsToQuality({ ...options, most: 60, loads: [1, 3] })).toMatchObject([
      { steps: [20, 20, 20] },
      { steps: [60, 60, 60], ratio: 3 },
    ]);
  });

  it("train each model until then and no further, once to the target for each seed's own goal, and free it", async () => {
    await iterationsToQuality({ ...options, seeds: [4, 9] });
    expect(trained).toEqual([
      ...["1× of seed 4 to 20", "1× of seed 9 to 20"],
      ...["1× of seed 4 to 20", "1× of seed 9 to 20"],
      ...["2× of seed 4 to 40", "2× of seed 9 to 40"],
      ...["3× of seed 4 to 50", "3× of seed 9 to 50"],
    ]);
    expect(kept).toBe(0);
    const shared = vi.mocked(robe).mock.calls.map(([options]) => Object.values(sharingOf(options)));
    expect(shared).toEqual([
      [2, 4],
      [2, 9],
      [3, 4],
      [3, 9],
    ]);
  });

  it("have data of which 80 % are enough for the most steps, once", async () => {
    await iterationsToQuality({ ...options, most: 51 });
    const [{ tables, rows }] = vi.mocked(synthetic).mock.lastCall!;
    expect(rows).toBe(4080); // 51 · 64 / 0.8
    expect(tables).toEqual([2000, 500, 100]);
    for (const [, data, { batch, evaluate }] of vi.mocked(train).mock.calls) {
      expect([data, batch, evaluate!.on]).toEqual(["train", 64, "validation"]);
    }
    for (const [layers] of vi.mocked(dlrm).mock.calls)
      expect(layers).toMatchObject({ dense: 4, tables, dim: 8, bottom: [16, 8], top: [16, 1] });
  });
});

it("usually the first load is a full table, seeds are odd in number, and its target is looked at", () => {
  const { loads, seeds, target, most, every } = usualIterations;
  expect(loads[0]).toBe(1);
  expect(loads.length).toBeGreaterThan(3);
  expect(seeds.length % 2).toBe(1);
  expect([target % every, most % every]).toEqual([0, 0]);
  expect(most).toBeGreaterThan(2 * target);
});
