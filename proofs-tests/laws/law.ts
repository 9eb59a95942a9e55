import fc from "fast-check";
import { cpu64 } from "../../backends/cpu/index.ts";
import type { Backend } from "../../core/backend.ts";

/** How often and from which seed a law is tried. */
export interface Tries {
  readonly examples: number;
  readonly seed: number;
}

/** What the tries of a law came to. */
export interface Outcome {
  /** The largest part of what is allowed that an example used: 0 where numbers were equal, 1 at the bound. */
  readonly worst: number;
  readonly failure?: Failure;
}

/** How a law failed, in the smallest example that was found. */
export interface Failure {
  readonly message: string;
  /** The example in words: what its tables, rows, slots or inputs are. */
  readonly example: string;
}

/** What a law says about a subject: a try of it, or why it says nothing. */
export type Said = Try | { readonly skip: string };

/** Tries a law on a subject. It never throws for a broken law: that is an outcome. */
export type Try = (tries: Tries) => Promise<Outcome>;

/** Random examples, and what must hold of each. */
interface Trial<Example> {
  readonly examples: fc.Arbitrary<Example>;
  /** Throws where the law fails. Returns how much of what is allowed was used, 0 … 1; 0 where nothing is allowed. */
  readonly check: (example: Example) => number | Promise<number>;
  readonly words: (example: Example) => string;
}

/** A law tried on random examples; where one fails, on ever smaller ones. A check that returns no verdict fails too. */
export const trial =
  <Example>({ examples, check, words }: Trial<Example>): Try =>
  async ({ examples: numRuns, seed }) => {
    let worst = 0;
    const property = fc.asyncProperty(examples, async (example) => {
      const used: unknown = await check(example);
      if (!(typeof used === "number" && used >= 0)) throw new Error("the law returned without a verdict");
      worst = Math.max(worst, used);
    });
    const result = await fc.check(property, { numRuns, seed });
    if (!result.failed) return { worst };
    const { errorInstance: cause, counterexample } = result;
    return {
      worst,
      failure: {
        message:
          cause instanceof Error ? cause.message : "too few examples are of the kind that the law speaks of",
        example: counterexample === null ? "none was made" : words(counterexample[0]),
      },
    };
  };

/** A law that is one comparison, the same every time. */
export const once = (check: () => number | Promise<number>, words: string): Try => {
  const single = trial({ examples: fc.constant(null), check, words: () => words });
  return ({ seed }) => single({ seed, examples: 1 });
};

/** Seeds of whatever an example draws. */
export const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

/** What a law says of the oracle where it compares with it: that an array equals itself is no finding. */
export const unlessOracle = (backend: Backend, said: () => Said): Said =>
  backend === cpu64 ? { skip: "is the oracle, which would be compared with itself" } : said();

/** A property of every backend, of one thing that it does. */
export interface FormLaw {
  readonly law: string;
  readonly subject: string;
  readonly of: (backend: Backend) => Said;
}
