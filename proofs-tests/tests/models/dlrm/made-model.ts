import { cpu } from "../../../../backends/cpu/index.ts";
import type { Dataset, Shuffle } from "../../../../models/data/dataset.ts";
import { type Dlrm, dlrm } from "../../../../models/dlrm/dlrm.ts";
import { full } from "../../../../models/embeddings/families/full.ts";

/** A model of one dense feature and one table of two rows whose parameters are 0, but for those that are named. */
function zeros(parameters: Readonly<Record<string, number>>): Dlrm {
  const shape = { dense: 1, tables: [2], dim: 1, bottom: [1], top: [1] };
  const model = dlrm({ ...shape, embedding: full(), backend: cpu });
  for (const p of model.parameters)
    p.fill(Float32Array.from({ length: p.size }, (_, i) => (i === 0 ? (parameters[p.name] ?? 0) : 0)));
  return model;
}

/** Says ¾ of every row: a label 1 costs ln(4/3) = 0.28768, a label 0 ln 4 = 1.38629. */
export const saysThreeQuarters = (): Dlrm => zeros({ "top.0.bias": Math.log(3) });

/** Says 1/(1 + e^−x) of a row whose feature is x ≥ 0: the feature goes through both MLPs as it is. */
export const saysItsFeature = (): Dlrm => zeros({ "bottom.0.weight": 1, "top.0.weight": 1 });

export const [one, zero] = [Math.log(4 / 3), Math.log(4)];

/** One walk over a made dataset. */
export interface Walk {
  readonly size: number;
  readonly shuffle: Shuffle | undefined;
}

interface Made {
  /** The batches of walk 0, 1, …, whatever size is asked for: the labels of each. */
  readonly batches: (walk: number) => readonly (readonly number[])[];
  /** x of the row with this number. Default 0. */
  readonly feature?: (row: number) => number;
  /** Called before each batch. */
  readonly before?: () => void;
}

/** Rows for a model of this file, and which walks were asked for. */
export function made({ batches, feature = () => 0, before = () => {} }: Made): Dataset & { walks: Walk[] } {
  const walks: Walk[] = [];
  return {
    name: "made",
    dense: 1,
    tables: [2],
    rows: batches(0).flat().length,
    walks,
    async *batches(size, shuffle) {
      let row = 0;
      for (const labels of batches(walks.push({ size, shuffle }) - 1)) {
        before();
        yield {
          size: labels.length,
          dense: Float32Array.from(labels, () => feature(row++)),
          bags: {
            ids: new Uint32Array(labels.length),
            offsets: Uint32Array.from({ length: labels.length + 1 }, (_, i) => i),
          },
          labels: Float32Array.from(labels),
        };
      }
    },
    select: () => {
      throw new Error("a made dataset is not cut");
    },
  };
}

/** `ones` labels 1 among `rows`, the first ones. */
export const labels = (rows: number, ones: number): number[] =>
  Array.from({ length: rows }, (_, i) => (i < ones ? 1 : 0));
