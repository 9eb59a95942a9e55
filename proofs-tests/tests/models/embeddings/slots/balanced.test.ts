import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../../backends/cpu/index.ts";
import { fast } from "../../../../../backends/fast/index.ts";
import type { Backend } from "../../../../../core/backend.ts";
import { adagrad } from "../../../../../core/optimizers/adagrad.ts";
import { sgd } from "../../../../../core/optimizers/sgd.ts";
import { type Dlrm, predict } from "../../../../../models/dlrm/dlrm.ts";
import { trainStep } from "../../../../../models/dlrm/train.ts";
import type { EmbeddingMaker } from "../../../../../models/embeddings/embedding.ts";
import { full } from "../../../../../models/embeddings/families/full.ts";
import { robe } from "../../../../../models/embeddings/families/robe.ts";
import { bitsOf, firstBatch, model, tables } from "../../dlrm/tiny-model.ts";

const inVectors = await fast({ threads: 1 });
afterAll(() => inVectors.destroy());

const dim = 4;
const rows = tables.reduce((n, count) => n + count, 0);
const batch = await firstBatch(64);
const others = await firstBatch(128);

/** Losses, probabilities and weights of some steps from the same weights. */
async function trained(backend: Backend, embedding: EmbeddingMaker, signs: (of: Dlrm) => readonly number[]) {
  const tiny = model({ backend, embedding });
  const turned = signs(tiny);
  const memory = tiny.parameters[0]!;
  memory.fill(Float32Array.from({ length: memory.size }, (_, i) => (turned[i] ?? 1) * Math.sin(i + 1)));
  const probabilities: number[][] = [];
  for (const t of [1, 2, 3]) {
    await trainStep(tiny, t === 2 ? others : batch, t, { optimizer: t < 3 ? adagrad(0.1) : sgd(0.2) });
    probabilities.push(Array.from(await predict(tiny, others)));
  }
  const { "embedding.memory": own, ...layers } = await bitsOf(tiny);
  const floats = own!.slice(0, rows * dim).map((value, i) => (turned[i] ?? 1) * value);
  return { probabilities, layers, floats };
}

describe("balanced placement in as much memory as there are weights", () => {
  it.each([
    ["cpu", cpu],
    ["fast", inVectors],
  ] as const)("trains as full tables do, to the bit, on %s", (_, backend) =>
    fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2, 4),
        fc.nat(9),
        fc.constantFrom("none", "independent"),
        async (block, more, sign) => {
          const balanced = robe({ memorySize: rows * dim + more, block, index: "balanced", sign });
          const signsOf = ({ embedding: { scheme } }: Dlrm) =>
            tables.flatMap((count, table) =>
              Array.from({ length: count * dim }, (_, i) =>
                scheme!.slotsOf(table, Math.floor(i / dim), i % dim).map(({ sign }) => sign),
              ).flat(),
            );
          expect(await trained(backend, balanced, signsOf)).toEqual(await trained(backend, full(), () => []));
        },
      ),
      { numRuns: 8 },
    ),
  );

  it("does not in one place less", async () => {
    const fewer = robe({ memorySize: rows * dim - 1, block: 1, index: "balanced", sign: "none" });
    const { floats } = await trained(cpu, fewer, () => []);
    expect(floats).not.toEqual((await trained(cpu, full(), () => [])).floats);
  });
});
