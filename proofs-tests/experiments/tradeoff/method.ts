import { check, InputError } from "../../../core/errors.ts";
import type { OptimizerFamily } from "../../../core/optimizers/family.ts";
import { optimizers } from "../../../core/optimizers/index.ts";
import type { Optimizer } from "../../../core/optimizers/optimizer.ts";
import { chosen, flagOf, refusal } from "../../../core/options.ts";
import type { EmbeddingMaker } from "../../../models/embeddings/embedding.ts";
import type { Known, Needs } from "../../../models/embeddings/known.ts";
import { familyByName } from "../../../models/embeddings/registry.ts";
import type { TableShape } from "../../../models/embeddings/scheme.ts";
import { floor, full, type StudyOptimizer } from "./protocol.ts";

/** One way to keep embedding tables and to train them, at any size. */
export interface Method {
  /** As it was asked for: `robe`, or with options `robe:block=8:sign=none:optimizer=sgd`. */
  readonly name: string;
  /** Whether there is nothing to compress: it is trained once, at its full size. */
  readonly whole: boolean;
  /** What it has to be told of the rows; of full tables that is for the study to say. */
  readonly needs: Needs;
  /**
   * The largest that takes no more than `bytes`; full tables keep only the lazy rows where those are given. Throws an
   * InputError where the method cannot be that small.
   */
  fitTo(bytes: number, shape: TableShape, known?: Known): EmbeddingMaker;
  /** Options of the optimizer: those of the study's, where the method has none of its own. */
  optimizerOptions(study: StudyOptimizer): Readonly<Record<string, unknown>>;
  /** The method's optimizer, or the study's with its options, at `factor` times the rate that is usual for it. */
  optimizer(study: StudyOptimizer, factor: number): Optimizer;
}

/**
 * The method that `name` describes: a family of `--embedding`, then options of that family, and an `optimizer`; or the floor,
 * which is full tables, of rows without ids. Sizes are not among them: a comparison gives each the same memory. Throws an
 * InputError for anything else.
 */
export function methodByName(name: string): Method {
  const [embedding = "", ...given] = (name === floor.method ? full.method : name).split(":");
  const family = familyByName(embedding);
  const options: Record<string, unknown> = {};
  let optimizer: OptimizerFamily | undefined;
  for (const part of given) {
    const [key = "", ...rest] = part.split("=");
    const text = rest.join("=");
    if (key === "optimizer") {
      optimizer = optimizerByName(text);
      continue;
    }
    const found = Object.entries(family.options).find(([own]) => wordOf(own) === key);
    check(found !== undefined, () => `Method "${name}": ${refusal(family, key, wordOf)}`);
    const [own, option] = found;
    check(
      option.isSize === undefined,
      () =>
        `Method "${name}" has a size, ${part}; leave it out: a comparison gives each method the same memory.`,
    );
    options[own] = option.accept(option.read(text), `${key} of method "${name}"`);
  }
  const optimizerOptions = (study: StudyOptimizer) => (optimizer ? {} : (study.optimizerOptions ?? {}));
  return {
    name,
    whole: family.name === full.method,
    needs: family.needs?.(options),
    fitTo: (bytes, shape, known) => family.fitTo(bytes, shape, options, known),
    optimizerOptions,
    optimizer(study, factor) {
      const used = optimizer ?? optimizerByName(study.optimizer);
      return used.make(factor * used.usualRate, optimizerOptions(study));
    },
  };
}

/** An option as studies write it: its flag, without the dashes. */
const wordOf = (option: string): string => flagOf(option).slice(2);

const optimizerByName = (name: string): OptimizerFamily => chosen("optimizer", optimizers, name);

/** Throws an InputError for a method that is none or is named twice, or where full tables do not come first. */
export function checkMethods(names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InputError(`Method "${twice}" is named twice; name it once.`);
  check(
    !names.includes(floor.method),
    () => `The ${floor.method} is trained in every study; leave it out of the methods.`,
  );
  for (const name of names) methodByName(name);
  check(
    names[0] === full.method,
    () =>
      `The first method must be full, which the others are compared with, but it is ${names[0] ?? "missing"}.`,
  );
}
