import type { Flags } from "../../../cli/flags.ts";
import { embeddingFlags, familyFrom, optimizerFrom, optionsFrom } from "../../../cli/model.ts";
import { InputError, require } from "../../../core/errors.ts";
import type { Optimizer } from "../../../core/optimizers/optimizer.ts";
import type { TouchedRows } from "../../../models/data/lazy-rows.ts";
import type { EmbeddingMaker } from "../../../models/embeddings/embedding.ts";
import type { TableShape } from "../../../models/embeddings/scheme.ts";

/** One way to keep embedding tables and to train them, at any size. */
export interface Method {
  /** As it was asked for: `robe`, or with options `robe:block=8:sign=none:optimizer=sgd`. */
  readonly name: string;
  /** Whether there is nothing to compress: it is trained once, at its full size. */
  readonly whole: boolean;
  /**
   * The largest that takes no more than `bytes`; full tables keep only the `touched` rows where those are given. Throws an
   * InputError where the method cannot be that small.
   */
  within(bytes: number, shape: TableShape, touched?: TouchedRows): EmbeddingMaker;
  /** The method's optimizer, or `otherwise`, at `factor` times the rate that is usual for it. */
  optimizer(otherwise: string, factor: number): Optimizer;
}

/** The methods that a comparison is made of unless it names others. */
export const usualMethods: readonly string[] = [
  "full",
  "robe",
  "rowHash",
  "multiHash",
  "quotientRemainder",
  "quotientRemainder:operation=mult",
];

/**
 * The method that `name` describes: a family of `--embedding`, then options of that family by the names of their flags,
 * and an `optimizer`. Sizes are not among them: a comparison gives each the same memory.
 */
export function methodByName(name: string): Method {
  const [embedding = "", ...given] = name.split(":");
  const flags: Record<string, string | boolean> = { embedding };
  for (const option of given) {
    const [key = "", value] = option.split("=");
    require(key in embeddingFlags || key === "optimizer", () =>
      `Method "${name}" has an option "${key}", which is no flag of an embedding; choose of ${Object.keys(embeddingFlags).join(", ")}, optimizer.`);
    require(!sizes.has(key), () =>
      `Method "${name}" has a size, ${option}; leave it out: a comparison gives each method the same memory.`);
    flags[key] =
      embeddingFlags[key as keyof typeof embeddingFlags]?.type === "boolean" ? true : (value ?? "");
  }
  return methodOf(name, flags);
}

const sizes = new Set(["embedding", "compression", "memory", "collisions", "threshold"]);

function methodOf(name: string, flags: Flags): Method {
  const family = familyFrom(flags);
  const options = optionsFrom(flags);
  return {
    name,
    whole: family.name === "full",
    within: (bytes, shape, touched) =>
      family.within(bytes, shape, { ...options, ...(touched && { touched }) }),
    optimizer(otherwise, factor) {
      const made = optimizerFrom({ optimizer: flags.optimizer ?? otherwise }, undefined);
      return optimizerFrom({ optimizer: made.name, lr: String(factor * made.rate) }, undefined);
    },
  };
}

/** Throws an InputError for a method that is none or is named twice, or where full tables do not come first. */
export function checkMethods(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`Method "${twice}" is named twice; name it once.`);
  for (const name of names) methodByName(name);
  require(names[0] === "full", () =>
    `The first method must be full, which the others are compared with, but it is ${names[0] ?? "missing"}.`);
}
