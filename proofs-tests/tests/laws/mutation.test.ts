import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../backends/cpu/index.ts";
import type { Backend } from "../../../core/backend.ts";
import { ops } from "../../../core/ops/index.ts";
import { optimizers } from "../../../core/optimizers/index.ts";
import { backendLaws } from "../../laws/backend-laws.ts";
import { claimsOf } from "../../laws/claims.ts";
import { embeddingLaws } from "../../laws/embedding-laws.ts";
import type { Said, Try } from "../../laws/law.ts";
import { opLaws } from "../../laws/op-laws.ts";
import { optimizerLaws } from "../../laws/optimizer-laws.ts";
import { type Rule, rulesOf } from "../../laws/optimizer-rules.ts";
import {
  accumulatingInSingle,
  applyingTheFirstLookup,
  averaging,
  droppingSigns,
  hidingNaN,
  losingTheLastTerm,
  standingStillAtNaN,
  steppingPerContribution,
  unsteady,
  withExpOff,
  withoutBias,
  wrappingTooSoon,
} from "../../mutants/backends.ts";
import { brokenOps } from "../../mutants/ops.ts";
import { brokenSchemes } from "../../mutants/schemes.ts";

/** A fault put in on purpose, the law that must see it, and the same law on the sound original, which must hold. */
interface Mutation {
  readonly law: string;
  readonly mutation: string;
  readonly broken: Try;
  readonly sound: Try;
}

/** As many examples as tests of embeddings and backends try: that many must see it. */
const fails = async (tried: Try): Promise<boolean> =>
  (await tried({ seed: 20_240_229, examples: 30 })).failure !== undefined;

function named<Law extends { readonly law: string }>(laws: readonly Law[], name: string): Law {
  return laws.find(({ law }) => law === name) ?? expect.fail(`There is no law "${name}".`);
}

function spoken(said: Said): Try {
  return "skip" in said ? expect.fail(said.skip) : said;
}

const ofOps = brokenOps.map(({ law, mutation, broken, sound }): Mutation => {
  const { of } = named(opLaws, law);
  return { law, mutation, broken: spoken(of(broken)), sound: spoken(of(sound)) };
});

const ofSchemes = brokenSchemes.map(({ law, mutation, broken, sound, backend }): Mutation => {
  const { of } = named(embeddingLaws, law);
  return { law, mutation, broken: spoken(of(broken, backend)), sound: spoken(of(sound)) };
});

const agreement = "agrees with the oracle within the error bound of its form";

const gradientAgreement =
  "runs its gradient, and its gradient's gradient, form by form within their error bounds";

const onBackend = (law: string, op: string, backend: Backend): Try =>
  spoken(named(backendLaws, law).of(ops.find(({ definition }) => definition.name === op)!, backend));

const ofBackends = (
  [
    [agreement, "linear", "forgets the bias", withoutBias],
    [agreement, "linear", "loses the last of k terms", losingTheLastTerm],
    [agreement, "matmul", "loses the last of k terms", losingTheLastTerm],
    [agreement, "embeddingBag", "drops the signs", droppingSigns],
    [agreement, "embeddingBagGrad", "drops the signs", droppingSigns],
    [agreement, "embeddingBag", "wraps one slot too soon", wrappingTooSoon],
    [agreement, "exp", "is off by 100 units in the last place", withExpOff(100)],
    [gradientAgreement, "embeddingBag", "gives a slot the mean of what its readers send", averaging],
    [gradientAgreement, "linear", "loses the last of k terms", losingTheLastTerm],
    ["does not hide a number that is none", "relu", "takes NaN for less than 0", hidingNaN],
    ["gives the same bits every time", "add", "reverses its result by chance", unsteady],
  ] as const
).map(
  ([law, op, mutation, backend]): Mutation => ({
    law: `${op} ${law}`,
    mutation,
    broken: onBackend(law, op, backend),
    sound: onBackend(law, op, cpu),
  }),
);

/** The rule `name`, its optimizer's step changed. */
function mistaken(name: string, change: (rule: Rule) => Partial<Rule["optimizer"]>): Rule {
  const rule = ruleOf(name);
  return { ...rule, optimizer: { ...rule.optimizer, ...change(rule) } };
}

const rules = optimizers.flatMap(rulesOf);

const ruleOf = (name: string): Rule => rules.find((rule) => rule.name.startsWith(name))!;

const sparseIsDense = "a step on the slots that were looked up is the step on all slots, bit for bit";
const textbook = "is its textbook definition, weights and state";
const noGradient = "does not hide a gradient that is none";
const squareOfSum = "squares the sum of what a slot's readers send, not each of them";

const ofOptimizers = (
  [
    [squareOfSum, "adagrad", "each contribution is squared", steppingPerContribution],
    [textbook, "adagrad", "each contribution is squared", steppingPerContribution],
    [sparseIsDense, "adagrad", "each contribution is squared", steppingPerContribution],
    [noGradient, "adagrad", "a step that is none is not made", standingStillAtNaN],
    [textbook, "sparseAdam", "each contribution is a step", steppingPerContribution],
    [sparseIsDense, "sgd", "the second lookup of a memory is lost", applyingTheFirstLookup],
    [textbook, "rowWiseAdagrad", "the second lookup of a memory is lost", applyingTheFirstLookup],
    [
      sparseIsDense,
      "sgd with momentum",
      "momentum is said to stand still at no gradient",
      mistaken("sgd with momentum", () => ({ zeroGradient: "nothing" })),
    ],
    [
      textbook,
      "sgd with momentum",
      "momentum is said to stand still at no gradient",
      mistaken("sgd with momentum", () => ({ zeroGradient: "nothing" })),
    ],
    [
      textbook,
      "adam",
      "no correction of the bias towards 0",
      mistaken("adam", ({ optimizer }) => ({
        hyper: (t, now) => ({ ...optimizer.hyper(t, now), stepSize: now }),
      })),
    ],
    [
      textbook,
      "rowWiseAdagrad",
      "a row's state is fed twice its mean square",
      mistaken("rowWiseAdagrad", ({ optimizer }) => ({
        steps: [{ target: "total", expression: "total + 2.0 * meanSquare" }, optimizer.steps[1]!],
      })),
    ],
  ] as const
).map(([law, name, mutation, fault]): Mutation => {
  const { of } = named(optimizerLaws, law);
  const broken = "optimizer" in fault ? of(fault, cpu) : of(ruleOf(name), fault);
  return {
    law: `${name}: ${law}`,
    mutation,
    broken: spoken(broken),
    sound: spoken(of(ruleOf(name), cpu)),
  };
});

describe.each([
  ["ops", ofOps],
  ["schemes", ofSchemes],
  ["backends", ofBackends],
  ["optimizers", ofOptimizers],
] as const)("a law of %s sees", (_, mutations) => {
  it.each(mutations.map((m) => [m.mutation, m.law, m] as const))(
    "%s: %s",
    async (_, __, { broken, sound }) => {
      expect({ broken: await fails(broken), sound: await fails(sound) }).toEqual({
        broken: true,
        sound: false,
      });
    },
  );
});

describe("a law of backends raises no false alarm at", () => {
  it.each([
    ["linear", "sums kept in f32", accumulatingInSingle],
    ["matmul", "sums kept in f32", accumulatingInSingle],
    ["exp", "8 units in the last place", withExpOff(8)],
  ] as const)("%s with %s", async (op, _, backend) => {
    expect(await fails(onBackend(agreement, op, backend))).toBe(false);
  });
});

it("a law that compares with the oracle says nothing of the oracle itself, and what it says of others", () => {
  const subjects = { ops: ops.slice(0, 1), optimizers: optimizers.slice(0, 1), definitions: false };
  const lawsOf = (backend: Backend) => [...claimsOf({ ...subjects, backends: [backend] })];
  const silent = lawsOf(cpu64).flatMap(({ law, said }) => ("skip" in said ? [law] : []));
  const also = lawsOf(cpu).flatMap(({ law, said }) => ("skip" in said ? [law] : []));
  const itself = new Set(silent.filter((law) => !also.includes(law)));
  expect([...itself]).toEqual([
    agreement,
    gradientAgreement,
    "does not hide a number that is none",
    noGradient,
  ]);
});

it("every law of ops, schemes, backends and optimizers is shown to see something", () => {
  const shown = [...ofOps, ...ofSchemes, ...ofBackends, ...ofOptimizers].map(({ law }) => law);
  for (const { law } of [...opLaws, ...embeddingLaws, ...backendLaws, ...optimizerLaws])
    expect(shown.filter((name) => name.endsWith(law))).not.toEqual([]);
});
