import { chosen } from "../../core/options.ts";
import type { DlrmConfig } from "./dlrm.ts";

/** A published model by name: its layers and tables, and how it is trained. */
export interface NamedConfig extends Pick<DlrmConfig, "dense" | "tables" | "dim" | "bottom" | "top"> {
  readonly optimizer: "sgd";
  readonly rate: number;
  readonly batch: number;
}

/** The Criteo models of the DLRM reference; `criteo-tb` is MLPerf's, whose target is an AUC of 0.8025. */
export const configs: Readonly<Record<string, NamedConfig>> = {
  "criteo-kaggle": {
    dense: 13,
    tables: [
      1460, 583, 10131227, 2202608, 305, 24, 12517, 633, 3, 93145, 5683, 8351593, 3194, 27, 14992, 5461306,
      10, 5652, 2173, 4, 7046547, 18, 15, 286181, 105, 142572,
    ],
    dim: 16,
    bottom: [512, 256, 64, 16],
    top: [512, 256, 1],
    optimizer: "sgd",
    rate: 0.1,
    batch: 128,
  },
  "criteo-tb": {
    dense: 13,
    tables: [
      40000000, 39060, 17295, 7424, 20265, 3, 7122, 1543, 63, 40000000, 3067956, 405282, 10, 2209, 11938, 155,
      4, 976, 14, 40000000, 40000000, 40000000, 590152, 12973, 108, 36,
    ],
    dim: 128,
    bottom: [512, 256, 128],
    top: [1024, 1024, 512, 256, 1],
    optimizer: "sgd",
    rate: 1,
    batch: 2048,
  },
};

/** The config of this name. Throws an InputError that lists all, where there is none. */
export function configByName(name: string): NamedConfig {
  const names = Object.keys(configs).map((own) => ({ name: own }));
  return configs[chosen("config", names, name).name]!;
}
