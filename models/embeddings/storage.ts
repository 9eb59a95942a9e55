import { check } from "../../core/errors.ts";
import { choiceOption, type Given, numberOption } from "../../core/options.ts";
import type { HalfRounding } from "../../core/parameter.ts";

const bits = { f32: 32, f16: 16, int8: 8, int4: 4 } as const;
const usualRange = { int8: 1 / 2, int4: 1 / 8 } as const;

/** How an embedding's memory is stored. */
export const storageOptions = {
  /**
   * `f16`: halves (IEEE binary16), two bytes each. `int8`, `int4`: whole multiples of one step, one byte or half a byte each;
   * so are they counted and saved, while a backend that trains or looks up keeps each as a half, which it is. Steps are in f32,
   * and so is optimizer state.
   */
  storage: choiceOption(["f32", "f16", "int8", "int4"], {
    default: "f32",
    help: "how memory is stored: 4, 2, 1 or ½ bytes a float",
  }),
  /**
   * How a step rounds to what is stored. `nearest` (default of f16) loses every step smaller than half of the last place, so
   * nearly all that there are where places are few; `stochastic` (default of int8 and int4) keeps them on average (Gupta,
   * Agrawal, Gopalakrishnan & Narayanan 2015, arXiv 1502.02551).
   */
  rounding: choiceOption(["nearest", "stochastic"], {
    otherwise: "nearest in f16, stochastic in int8 and int4",
    help: "how a step rounds to what is stored",
    draw: "none", // it is refused beside f32
  }),
  /**
   * R, a power of two: int8 holds the multiples of R/128 from −R to 127/128 R, int4 those of R/8 from −R to 7/8 R. The usual ones
   * are those that did best on three million flights. Of 300,000, whose weights move less far, ⅛ was as good or better for int8.
   */
  memoryRange: numberOption({
    from: 2 ** -10,
    to: 2 ** 10,
    form: "R",
    otherwise: "1/2 in int8, 1/8 in int4",
    help: "int8, int4: memory holds -R to R; a power of two",
    draw: "none", // it is refused beside floats
  }),
};

export type StorageOptions = Given<typeof storageOptions>;

/** Bytes of so many floats of memory, the last one whole. */
export const storedBytes = ({ storage = "f32" }: StorageOptions, floats: number): number =>
  Math.ceil((bits[storage] / 8) * floats);

/** Floats of memory in so many bytes. */
export const storedFloats = ({ storage = "f32" }: StorageOptions, bytes: number): number =>
  Math.floor((8 * bytes) / bits[storage]);

/** How steps round a memory that is stored as halves, all or some of them; undefined where it is not. */
export function halvesFrom(
  { storage = "f32", rounding, memoryRange }: StorageOptions,
  seed: number,
): HalfRounding | undefined {
  const isOf = (what: string, storages: readonly string[]) =>
    check(
      storages.includes(storage),
      () =>
        `${what} is of a memory that is stored as ${storages.join(" or ")}, but this one is stored as ${storage}; ask for that too.`,
    );
  if (rounding !== undefined) isOf(`Rounding "${rounding}"`, ["f16", "int8", "int4"]);
  if (memoryRange !== undefined) isOf(`Memory range ${memoryRange}`, ["int8", "int4"]);
  if (storage === "f32") return undefined;
  if (storage === "f16") return { mode: rounding ?? "nearest", seed };
  const range = memoryRange ?? usualRange[storage];
  check(
    Number.isInteger(Math.log2(range)),
    () => `A memory's range must be a power of two (0.125, 0.25, 0.5, 1, …), but it is ${range}.`,
  );
  return {
    mode: rounding ?? "stochastic",
    seed,
    grid: { bits: bits[storage], step: (2 * range) / 2 ** bits[storage] },
  };
}
