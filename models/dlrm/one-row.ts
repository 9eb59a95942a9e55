import type { Handle, Recording } from "../../core/backend.ts";
import { tidy } from "../../core/tensor.ts";
import type { Inputs } from "../data/dataset.ts";
import type { Dlrm } from "./dlrm.ts";

/** Predicts rows that come one by one, in arrays that stay from row to row. */
export interface OneRow {
  /** P(label = 1) of the row; undefined where it has not one id a table, or the backend or the embedding cannot be recorded. */
  predict(row: Inputs): number | undefined;
  /** Gives back the arrays. */
  free(): void;
}

/** Rows of `model` one by one: what its forward pass does is recorded with the first, and done again for each other. */
export function oneRow(model: Dlrm): OneRow {
  const { backend, parameters, config } = model;
  const dense = new Float32Array(config.dense);
  const ids = new Uint32Array(config.tables.length);
  const offsets = Uint32Array.from({ length: ids.length + 1 }, (_, table) => table);
  const row: Inputs = { size: 1, dense, bags: { ids, offsets } };
  const work = () => tidy(() => model.forward(row).probabilities.handle);
  let recording: Recording | undefined;
  let cannot = backend.record === undefined || backend.peek === undefined;
  /** Where parameters were when it was recorded. */
  let places: readonly Handle[] = [];
  const free = () => {
    recording?.free();
    recording = undefined;
  };
  return {
    predict({ size, dense: own, bags }) {
      if (cannot || size !== 1 || !bags.offsets.every((at, table) => at === table)) return undefined;
      if (own.length !== dense.length || bags.offsets.length !== offsets.length) return undefined; // the model says why
      dense.set(own);
      ids.set(bags.ids);
      if (recording && parameters.every((p, i) => p.tensor.handle === places[i])) recording.run();
      else {
        free();
        places = parameters.map((p) => p.tensor.handle);
        recording = backend.record!([dense, ids], work);
        cannot = recording === undefined;
        if (recording === undefined) return undefined;
      }
      return backend.peek!(recording.result)[0];
    },
    free,
  };
}
