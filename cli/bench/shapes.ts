import { configByName } from "../../models/dlrm/configs.ts";
import { robe } from "../../models/embeddings/families/robe.ts";
import type { BenchShape } from "./cases.ts";

/** A model that every backend can time in seconds. */
export const smallShape: BenchShape = {
  name: "small",
  model: {
    dense: 13,
    tables: [100_000, 10_000, 1000, 1000, 100, 100, 10, 10],
    dim: 16,
    bottom: [128, 64, 16],
    top: [64, 1],
  },
  embedding: robe({ compression: 10, block: 16 }),
  batch: 256,
};

/** The Criteo-Kaggle model of the DLRM reference on a thousandth of its embedding floats. */
export const kaggleShape: BenchShape = {
  name: "criteo-kaggle",
  model: configByName("criteo-kaggle"),
  embedding: robe({ compression: 1000, block: 16 }),
  batch: 2048,
};
