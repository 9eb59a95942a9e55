import { cpu64 } from "../../backends/cpu/index.ts";
import type { Backend, Handle } from "../../core/backend.ts";
import { termCounts, withoutSigns } from "../../core/bound.ts";
import { type Form, outputSize } from "../../core/form.ts";
import { gamma } from "../../core/numeric/number.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Inputs } from "../../models/data/dataset.ts";
import { blankDlrm, type Dlrm } from "../../models/dlrm/dlrm.ts";

/** Numbers that are at least as large as those of any order of the same sums, and roundings on the way to the farthest. */
interface Magnitudes {
  readonly values: Float64Array;
  readonly roundings: number;
}

/** A backend whose numbers are magnitudes: what sums come to of which no term cancels another. */
const magnitudes: Backend = {
  ...cpu64,
  name: "magnitudes",
  upload: (values): Magnitudes => ({ values: Float64Array.from(values, Math.abs), roundings: 0 }),
  read: async (handle) => (handle as Magnitudes).values,
  peek: (handle) => (handle as Magnitudes).values,
  run(form: Form, inputs: readonly Handle[]): Magnitudes {
    const of = inputs as readonly Magnitudes[];
    const values = cpu64.run(
      withoutSigns(form),
      of.map((x) => x.values),
    ) as Float64Array;
    const own = roundingsOf(form);
    return { values, roundings: of.reduce((sum, { roundings }) => sum + roundings, own) };
  },
};

/** Roundings of a form at most. */
function roundingsOf(form: Form): number {
  if (form.kind === "map") return Math.ceil(form.f.ulps);
  const terms = termCounts(form);
  let most = 0;
  for (let i = 0; i < outputSize(form); i++) most = Math.max(most, terms(i));
  return most;
}

/**
 * How far the embedding's vectors and the logits of a batch may be from the exact ones, by an engine that takes the sums of
 * the model in any order, with rounding error `u`. Everything up to a logit is a sum of products of numbers, through relu, which
 * moves nothing farther apart: after K roundings each, γ_K times what the same comes to of the numbers' magnitudes (Higham
 * §3.1).
 */
export async function forwardBound(model: Dlrm, batch: Inputs, u: number) {
  const same = blankDlrm({ ...model.config, backend: magnitudes }, Infinity);
  for (const [i, { tensor, halves }] of same.parameters.entries())
    tensor.write(await model.parameters[i]!.tensor.data(), halves && "f16"); // the very numbers, whatever grid is theirs
  if (model.embedding.adaptation) same.embedding.adaptation!.take(model.embedding.adaptation.arrays);
  const { embeddings, logits } = same.forward(batch);
  const bound = ({ handle }: Tensor) => {
    const { values, roundings } = handle as Magnitudes;
    return values.map((size) => gamma(roundings, u) * size);
  };
  return { vectors: bound(embeddings), logits: bound(logits) };
}
