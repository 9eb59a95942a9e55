import { check } from "../../core/errors.ts";
import { choiceOption, type Given } from "../../core/options.ts";
import type { HalfRounding } from "../../core/parameter.ts";

/** How an embedding's memory is stored. */
export const storageOptions = {
  /** `f16`: halves (IEEE binary16), two bytes each. Steps are in f32, and so is optimizer state. */
  storage: choiceOption(["f32", "f16"], {
    default: "f32",
    help: "how memory is stored; f16 takes two bytes a float",
  }),
  /**
   * How a step rounds to halves. `nearest` (default) loses every step smaller than half of the last place; `stochastic`
   * keeps them on average (Gupta, Agrawal, Gopalakrishnan & Narayanan 2015, arXiv 1502.02551).
   */
  rounding: choiceOption(["nearest", "stochastic"], {
    otherwise: "nearest",
    help: "how a step rounds to f16",
    draw: "none", // it is refused beside f32
  }),
};

export type StorageOptions = Given<typeof storageOptions>;

/** Bytes of a float of memory. */
export const floatBytes = ({ storage }: StorageOptions): number => (storage === "f16" ? 2 : 4);

/** How steps round a memory that is stored as halves; undefined where it is not. */
export function halvesFrom({ storage, rounding }: StorageOptions, seed: number): HalfRounding | undefined {
  check(
    storage === "f16" || rounding === undefined,
    () =>
      `Rounding "${rounding}" is of a memory that is stored as f16, but this one is stored as f32; ask for storage f16 too.`,
  );
  return storage === "f16" ? { mode: rounding ?? "nearest", seed } : undefined;
}
