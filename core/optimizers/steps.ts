import type { Update } from "../backend.ts";
import { InputError } from "../errors.ts";
import type { NumberTree } from "../expression.ts";
import { memoize } from "../memoize.ts";
import { checkNames, parse } from "../parse.ts";

/** One assignment of an optimizer's step, parsed. */
export interface Step {
  /** "w", or the name of a state array. */
  readonly target: string;
  /** The text, for people. */
  readonly expression: string;
  readonly tree: NumberTree;
}

/** The steps of an optimizer as they were parsed, by the names that its expressions might hold. */
const parsed = memoize((_: Update["steps"]) => new Map<string, readonly Step[]>());

/**
 * The assignments of an optimizer's step as trees, parsed once for each optimizer. An expression may name the weight
 * `w`, its gradient `g`, `meanSquare`, state arrays and hyper-parameters; where weights share state, that of the state
 * neither `w` nor `g`, of which there are several, and that of the weight no `meanSquare`, which is the state's to keep.
 * What is assigned to state comes first: where weights share it, it is kept once for all of them. Throws an InputError, a
 * sentence, of what is none of these, of an assignment to state after one to `w`, and of what cannot be parsed.
 */
export function stepsOf(update: Update): readonly Step[] {
  const { steps, state, hyper, width } = update;
  const key = JSON.stringify([state, Object.keys(hyper), width > 1]);
  const known = parsed(steps);
  const made = known.get(key) ?? parseAll(update);
  known.set(key, made);
  return made;
}

function parseAll({ name, steps, state, hyper, width }: Update): readonly Step[] {
  const numbers = Object.keys(hyper);
  checkNames(["w", "g", "meanSquare", ...state, ...numbers], `A step of ${name}`);
  const first = steps.findIndex(({ target }) => target === "w");
  return steps.map(({ target, expression }, i) => {
    if (target !== "w" && !state.includes(target))
      throw new InputError(
        `A step of ${name} cannot assign to "${target}": it is neither "w" nor a state array (${state.join(", ") || "there is none"}).`,
      );
    if (target !== "w" && first >= 0 && first < i)
      throw new InputError(
        `A step of ${name} assigns to "${target}" after "w": put what it assigns to state first, and keep in a state array of its own what "w" needs of the state before.`,
      );
    const own = width === 1 ? ["w", "g", "meanSquare"] : target === "w" ? ["w", "g"] : ["meanSquare"];
    const tree = parse(expression, [...own, ...state, ...numbers], `The step of ${name} for "${target}"`);
    return { target, expression, tree };
  });
}
