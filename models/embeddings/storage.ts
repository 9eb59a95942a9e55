import type { Rounding, Storage } from "../../core/backend.ts";
import { require } from "../../core/errors.ts";
import type { HalfRounding } from "../../core/parameter.ts";

/** How an embedding's memory is stored. */
export interface StorageOptions {
  /** `f32` (default), or `f16`: halves (IEEE binary16), two bytes each. Steps are in f32, and so is optimizer state. */
  readonly storage?: "f32" | Storage;
  /**
   * How a step rounds to halves. `nearest` (default) loses every step smaller than half of the last place; `stochastic`
   * keeps them on average (Gupta, Agrawal, Gopalakrishnan & Narayanan 2015, arXiv 1502.02551).
   */
  readonly rounding?: Rounding["mode"];
}

export const storages = ["f32", "f16"] as const;
export const roundings = ["nearest", "stochastic"] as const;

/** Bytes of a float of memory. */
export const floatBytes = ({ storage }: StorageOptions): number => (storage === "f16" ? 2 : 4);

/** How steps round a memory that is stored as halves; undefined where it is not. */
export function halvesFrom({ storage, rounding }: StorageOptions, seed: number): HalfRounding | undefined {
  require(storage === "f16" || rounding === undefined, () =>
    `Rounding "${rounding}" is of a memory that is stored as f16, but this one is stored as f32; ask for storage f16 too.`);
  return storage === "f16" ? { mode: rounding ?? "nearest", seed } : undefined;
}
