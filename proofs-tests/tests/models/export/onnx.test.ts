import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { predict } from "../../../../models/dlrm/dlrm.ts";
import { families } from "../../../../models/embeddings/registry.ts";
import { toOnnx } from "../../../../models/export/onnx/model.ts";
import { forwardBound } from "../../../laws/forward-bound.ts";
import { seed } from "../../seed.ts";
import { type ExportCase, exportCase, numbered } from "./cases.ts";

/** What onnxruntime's sigmoid may be off by: it is a rational function, of some ulps at 1. */
const ofSigmoid = 2 ** -22;

async function scored({ model, batch, bags, padded, shape }: ExportCase, options = {}) {
  const bytes = await toOnnx(model, {}, { bags, ...options });
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  return session.run({
    dense: new Tensor("float32", batch.dense, [batch.size, model.config.dense]),
    ids: new Tensor("int64", BigInt64Array.from(padded), [...shape]),
  });
}

/** The rounding error of f32. */
const u = 2 ** -24;

/** Models of each family. */
const count = 6;

describe.each(families)("$name in ONNX Runtime", (family) => {
  const cases = Array.from({ length: count }, (_, k) => [seed + k] as const);

  it.each(cases)("reads the same slots with the same signs (seed %i)", async (own) => {
    const example = exportCase(family, own);
    const { model, batch } = example;
    numbered(model);
    const { vectors } = await scored(example, { vectors: true });
    const expected = await model.embedding.forward(batch.bags).data();
    const found = vectors!.data as Float32Array;
    if (model.embedding.scheme) return expect([...found]).toEqual([...expected]); // sums of whole numbers
    const bound = await forwardBound(model, batch, u);
    for (const [i, x] of expected.entries())
      expect(Math.abs(found[i]! - x)).toBeLessThanOrEqual(bound.vectors[i]!);
  });

  it.each(cases)("gives the same probabilities (seed %i)", async (own) => {
    const example = exportCase(family, own);
    const { probability } = await scored(example);
    const expected = await predict(example.model, example.batch);
    const bound = await forwardBound(example.model, example.batch, u);
    for (const [i, p] of (probability!.data as Float32Array).entries())
      expect(Math.abs(p - expected[i]!)).toBeLessThanOrEqual(bound.logits[i]! / 4 + ofSigmoid);
  });
});
