import { cpu64 } from "../../backends/cpu/index.ts";
import type { Backend, Rounding, UpdateGradient } from "../../core/backend.ts";
import { dense } from "../../core/backward.ts";
import { eachRead } from "../../core/lookup.ts";
import { unitRoundoff } from "../../core/numeric/number.ts";
import { optimizerStep } from "../../core/optimizers/optimizer.ts";
import { type HalfRounding, Parameter } from "../../core/parameter.ts";
import { type SparseGradient, tensor, tidy } from "../../core/tensor.ts";
import { type Said, trial, unlessOracle } from "./law.ts";
import {
  type Case,
  memorySize,
  optimizerCase,
  optimizerSpecs,
  type Part,
  stepsInWords,
} from "./optimizer-cases.ts";
import type { Rule, State } from "./optimizer-rules.ts";

/** A property of every optimizer on every backend. */
export interface OptimizerLaw {
  readonly law: string;
  readonly of: (rule: Rule, backend: Backend) => Said;
}

/** The gradient of a step by definition, and the slots it touches. */
function gradientOf(step: readonly Part[]): { gradient: number[]; touched: Set<number> } {
  const gradient = new Array<number>(memorySize).fill(0);
  const touched = new Set<number>();
  for (const { lookup, cotangent } of step) {
    eachRead(lookup, (bag, column, slot, sign) => {
      gradient[slot]! += sign * cotangent[bag * lookup.dim + column]!;
      touched.add(slot);
    });
  }
  return { gradient, touched };
}

/** What steps left, and what the backend was told of each. */
export interface Run {
  readonly weights: readonly number[];
  readonly state: readonly (readonly number[])[];
  readonly kinds: readonly UpdateGradient["kind"][];
  readonly roundings: readonly (Rounding | undefined)[];
}

/** What is done to the memory after step t = 0, 1, … */
export type Settled = (memory: Parameter, t: number) => Promise<void>;

interface RunOptions {
  /** Hands the gradient over as one tensor, not as contributions. */
  readonly whole?: boolean;
  /** Stores the weights as halves. */
  readonly halves?: HalfRounding;
  readonly settled?: Settled;
}

/** The steps of a case on a backend. */
export async function run(
  rule: Rule,
  backend: Backend,
  { weights, width, steps }: Case,
  { whole = false, halves, settled }: RunOptions = {},
): Promise<Run> {
  const kinds: UpdateGradient["kind"][] = [];
  const roundings: (Rounding | undefined)[] = [];
  const watched: Backend = {
    ...backend,
    update: (step, w, state, gradient) => {
      kinds.push(gradient.kind);
      roundings.push(step.rounding);
      return backend.update(step, w, state, gradient);
    },
  };
  const rowLength = rule.optimizer.rowWise ? width : undefined;
  const values = tensor(watched, [memorySize], weights, halves && "f16");
  const memory = new Parameter("embedding.memory", values, rowLength, { halves });
  for (const [i, parts] of steps.entries()) {
    tidy(() => {
      const gradient: SparseGradient = {
        kind: "contributions",
        parts: parts.map(({ lookup, cotangent }) => ({
          lookup,
          cotangent: tensor(watched, [lookup.bags.length - 1, lookup.dim], cotangent),
        })),
      };
      optimizerStep(
        rule.optimizer,
        memory,
        whole ? dense(gradient) : gradient,
        i + 1,
        rule.optimizer.learningRate,
      );
    });
    await settled?.(memory, i);
  }
  const state = await Promise.all(memory.state.map(async (s) => [...(await s.data())]));
  const after = [...(await memory.tensor.data())];
  memory.free();
  return { weights: after, state, kinds, roundings };
}

const tried = (rule: Rule, check: (example: Case) => Promise<number>): Said =>
  trial({
    examples: optimizerSpecs,
    check: (spec) => check(optimizerCase(rule, spec)),
    words: (spec) => stepsInWords(optimizerCase(rule, spec)),
  });

/** How much of what is allowed the numbers differ by at most; throws where it is more. Nothing is allowed by default. */
function same(
  what: string,
  actual: readonly number[],
  expected: readonly number[],
  allowed: readonly number[] = [],
): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} of ${what}, not ${expected.length}`);
  let worst = 0;
  for (const [i, v] of expected.entries()) {
    if (actual[i] === v) continue;
    const bound = allowed[i] ?? 0;
    const used = Math.abs(actual[i]! - v) / bound;
    if (!(used <= 1)) throw new Error(`${what} ${i}: ${actual[i]}, not ${v} (± ${bound})`);
    worst = Math.max(worst, used);
  }
  return worst;
}

const sparseIsDense: OptimizerLaw = {
  law: "a step on the slots that were looked up is the step on all slots, bit for bit",
  of(rule, backend) {
    const { zeroGradient } = rule.optimizer;
    if (zeroGradient === "skip") return { skip: "leaves slots that were not looked up alone by definition" };
    return tried(rule, async (example) => {
      const [sparse, whole] = [
        await run(rule, backend, example),
        await run(rule, backend, example, { whole: true }),
      ];
      const expected = zeroGradient === "nothing" ? "sparse" : "dense";
      if (!sparse.kinds.every((kind) => kind === expected))
        throw new Error(`the gradient was ${sparse.kinds}, not ${expected}`);
      same("slot", sparse.weights, whole.weights);
      for (const [k, s] of sparse.state.entries()) same(`state ${k} of slot`, s, whole.state[k]!);
      return 0;
    });
  },
};

/** The textbook's steps in doubles. `size` sums what a weight has met: |w|, and |g| of every step. */
function defined({ optimizer, definition }: Rule, { weights, width, steps }: Case) {
  const w = [...weights];
  const size = w.map(Math.abs);
  const state = Array.from(
    { length: w.length / width },
    (): State => Object.fromEntries(optimizer.state.map((s) => [s.name, s.initial])),
  );
  for (const [i, step] of steps.entries()) {
    const { gradient, touched } = gradientOf(step);
    for (const [group, s] of state.entries()) {
      const slots = Array.from({ length: width }, (_, c) => group * width + c);
      if (optimizer.zeroGradient === "skip" && !slots.some((slot) => touched.has(slot))) continue;
      const own = slots.map((slot) => gradient[slot]!);
      const next = definition(
        s,
        slots.map((slot) => w[slot]!),
        own,
        i + 1,
      );
      for (const [c, slot] of slots.entries()) {
        w[slot] = next[c]!;
        size[slot]! += Math.abs(own[c]!) ** 2 + Math.abs(own[c]!);
      }
    }
  }
  return { weights: w, size, state: optimizer.state.map(({ name }) => state.map((s) => s[name]!)) };
}

/**
 * Fewer than 32 roundings a step, each of a number no larger than what the weight has met times the rate (here below 1).
 * A root of a running mean of g² is at least √(1 − β₂) > 1/32 of the gradient it divides; centring, which subtracts
 * mean² ≤ (1 − αᵗ) · square (Cauchy–Schwarz), leaves αᵗ ≥ 0.6 of it. So the factor is below 2¹¹ a step.
 */
const definitionLaw: OptimizerLaw = {
  law: "is its textbook definition, weights and state",
  of: (rule, backend) =>
    tried(rule, async (example) => {
      const [actual, expected] = [await run(rule, backend, example), defined(rule, example)];
      const u = 2 ** 11 * unitRoundoff[backend.precision] * example.steps.length;
      const allowed = expected.size.map((size) => u * (1 + size));
      const largest = Math.max(...allowed);
      const used = expected.state.map((s, k) => {
        const bounds = s.map((v, i) => (example.width > 1 ? largest : allowed[i]!) * (1 + Math.abs(v)));
        return same(`state ${k} of ${example.width > 1 ? "row" : "slot"}`, actual.state[k]!, s, bounds);
      });
      return Math.max(same("slot", actual.weights, expected.weights, allowed), ...used);
    }),
};

const squareOfSum: OptimizerLaw = {
  law: "squares the sum of what a slot's readers send, not each of them",
  of(rule, backend) {
    const { optimizer } = rule;
    if (!(optimizer.name === "adagrad" && optimizer.zeroGradient === "nothing"))
      return { skip: "is not plain adagrad, whose state is the sum of squares" };
    return tried(rule, async (example) => {
      const { state } = await run(rule, backend, { ...example, steps: example.steps.slice(0, 1) });
      const { gradient } = gradientOf(example.steps[0]!);
      const { initial } = optimizer.state[0]!;
      const squares = gradient.map((g) => initial + g ** 2);
      const u = unitRoundoff[backend.precision];
      const bounds = squares.map((v) => 3 * u * v);
      return same("total of slot", state[0]!, squares, bounds);
    });
  },
};

/** The first number that the first step sends back, spoilt. */
function spoilt({ steps, ...others }: Case): Case {
  const [{ lookup, cotangent }] = steps[0] as readonly [Part];
  const part = { lookup, cotangent: cotangent.with(0, Number.NaN) };
  return { ...others, steps: steps.with(0, steps[0]!.with(0, part)) };
}

const noNumber: OptimizerLaw = {
  law: "does not hide a gradient that is none",
  of: (rule, backend) =>
    unlessOracle(backend, () =>
      tried(rule, async (example) => {
        const spoiltExample = spoilt(example);
        const { weights } = await run(rule, backend, spoiltExample);
        for (const [slot, w] of (await run(rule, cpu64, spoiltExample)).weights.entries())
          if (Number.isNaN(w) && Number.isFinite(weights[slot]))
            throw new Error(`slot ${slot}: ${weights[slot]}, but NaN`);
        return 0;
      }),
    ),
};

/** Every law about optimizers. */
export const optimizerLaws: readonly OptimizerLaw[] = [sparseIsDense, definitionLaw, squareOfSum, noNumber];
