import { finite } from "../errors.ts";
import { accepted, type Filled, filled, type Given, type Options } from "../options.ts";
import type { Optimizer } from "./optimizer.ts";

/** State of one weight, or of one row of them, by the names that the optimizer gives its arrays. */
export type State = Record<string, number>;

/** The textbook's step t = 1, 2, …: new weights of a group that shares one state, which it changes. */
export type Definition = (s: State, w: readonly number[], g: readonly number[], t: number) => number[];

/** An optimizer by name: what the command line offers, studies compare, and the laws are generated from. */
export interface OptimizerFamily<Declared extends Options = Options> {
  readonly name: string;
  /** One line for the help. */
  readonly summary: string;
  readonly options: Declared;
  /** Learning rate where nothing else is said. */
  readonly usualRate: number;
  /** The optimizer at this rate. Throws an InputError for a rate or an option that cannot be. */
  make(learningRate: number, options?: Given<Declared>): Optimizer;
  /** The slow definition beside the steps, in doubles: a law holds the two equal. */
  definition(learningRate: number, options: Given<Declared>): Definition;
  /** Options that the laws try together, besides each alone. */
  readonly examples: readonly Given<Declared>[];
}

/** What a family's file says; its options arrive accepted, with their defaults. */
interface Described<Declared extends Options>
  extends Omit<OptimizerFamily<Declared>, "make" | "definition" | "examples"> {
  steps(learningRate: number, options: Filled<Declared>): Omit<Optimizer, "name" | "learningRate">;
  definition(learningRate: number, options: Filled<Declared>): Definition;
  readonly examples?: readonly Given<Declared>[];
}

/** The family that is described; its `make` throws an InputError for a rate or an option that cannot be. */
export const optimizerFamily = <Declared extends Options>({
  examples = [],
  ...described
}: Described<Declared>): OptimizerFamily<Declared> => ({
  ...described,
  examples,
  make(learningRate, options = {}) {
    const rate = finite("Learning rate", learningRate, 0);
    const settled = filled(described.options, accepted(described, options));
    return { name: described.name, learningRate: rate, ...described.steps(rate, settled) };
  },
  definition: (learningRate, options) =>
    described.definition(learningRate, filled(described.options, options)),
});

/** A definition for one weight alone. */
export const alone =
  (step: (s: State, w: number, g: number, t: number) => number): Definition =>
  (s, w, g, t) =>
    w.map((x, i) => step(s, x, g[i]!, t));
