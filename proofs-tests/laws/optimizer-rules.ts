import { short } from "../../core/numeric/number.ts";
import { random } from "../../core/numeric/random.ts";
import type { Definition, OptimizerFamily, State } from "../../core/optimizers/family.ts";
import type { Optimizer } from "../../core/optimizers/optimizer.ts";
import { drawn } from "../../core/options.ts";

export type { State };

/** An optimizer beside its textbook. */
export interface Rule {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly definition: Definition;
}

const learningRate = 0.3;

/** One of a family, with these options. */
function ruleOf(family: OptimizerFamily, options: Readonly<Record<string, unknown>>): Rule {
  const said = Object.entries(options).map(
    ([name, value]) => `${name} ${typeof value === "number" ? short(value) : value}`,
  );
  return {
    name: said.length === 0 ? family.name : `${family.name} with ${said.join(", ")}`,
    optimizer: family.make(learningRate, options),
    definition: family.definition(learningRate, options),
  };
}

/** A family as it is usually, with each option that can be drawn, alone, and with those that its own examples combine. */
export function rulesOf(family: OptimizerFamily): Rule[] {
  const some = drawn(family.options, random(1, family.name), { dim: 1 });
  const one = Object.entries(some).map(([name, value]) => ({ [name]: value === false ? true : value }));
  return [{}, ...one, ...family.examples].map((options) => ruleOf(family, options));
}
