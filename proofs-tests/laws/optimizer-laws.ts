import fc from "fast-check";
import { cpu } from "../../backends/cpu/index.ts";
import type { Backend, Rounding, UpdateGradient } from "../../core/backend.ts";
import { dense } from "../../core/backward.ts";
import { eachRead, type Lookup, wordsPerBlock } from "../../core/lookup.ts";
import { unitRoundoff } from "../../core/numeric/number.ts";
import { type Random, random } from "../../core/numeric/random.ts";
import { optimizerStep } from "../../core/optimizers/optimizer.ts";
import { type HalfRounding, Parameter } from "../../core/parameter.ts";
import { type SparseGradient, tensor, tidy } from "../../core/tensor.ts";
import type { Rule, State } from "./optimizer-rules.ts";

/** What a few steps of an optimizer are tried on: a memory much larger than what each step looks up. */
interface Case {
  readonly weights: readonly number[];
  /** Floats a row, where the optimizer keeps one state a row; else 1. */
  readonly width: number;
  /** The lookups of each step, with the cotangent of what each returned. */
  readonly steps: readonly (readonly Part[])[];
}

interface Part {
  readonly lookup: Lookup;
  readonly cotangent: readonly number[];
}

/** A statement about every optimizer: a property to check on a backend, or why it says nothing about this one. */
export interface OptimizerLaw {
  readonly law: string;
  readonly of: (rule: Rule, backend: Backend) => fc.IAsyncProperty<unknown> | { readonly skip: string };
}

const memorySize = 720;

/** Cotangents are multiples of 2⁻¹⁰ below 2: their sums are exact in f32 in any order, so that equal means equal bits. */
const onGrid = (stream: Random): number => (stream.integer(4097) - 2048) / 1024;

export function optimizerCase({ optimizer }: Rule, seed: number): Case {
  const stream = random(seed, "optimizer case");
  const width = optimizer.rowWise ? [1, 2, 3, 4, 6][stream.integer(5)]! : 1;
  const steps = Array.from({ length: 1 + stream.integer(4) }, () =>
    Array.from({ length: 1 + stream.integer(3) }, () => {
      const lookup = randomLookup(stream, optimizer.rowWise ? width : undefined);
      const floats = (lookup.bags.length - 1) * lookup.dim;
      return { lookup, cotangent: Array.from({ length: floats }, () => onGrid(stream)) };
    }),
  );
  return { weights: Array.from({ length: memorySize }, () => stream.normal()), width, steps };
}

/** Up to 8 items in bags that may be empty. Half of the blocks meet in few slots, around the end of memory. */
function randomLookup(stream: Random, row?: number): Lookup {
  const dim = row ?? 1 + stream.integer(7);
  const block = row ?? 1 + stream.integer(dim);
  const sizes = Array.from({ length: 1 + stream.integer(4) }, () => stream.integer(3));
  const bags = new Uint32Array(sizes.length + 1);
  for (const [i, size] of sizes.entries()) bags[i + 1] = bags[i]! + size;
  const blocks = bags.at(-1)! * Math.ceil(dim / block);
  const places = memorySize / (row ?? 1);
  const start = () => (stream.integer(2) ? stream.integer(places) : places - 1 - stream.integer(4));
  return {
    dim,
    block,
    memorySize: memorySize,
    bags,
    starts: Uint32Array.from({ length: blocks }, () => start() * (row ?? 1)),
    ...(stream.integer(3) > 0 && {
      signs: Uint32Array.from({ length: blocks * wordsPerBlock(block) }, () => stream.bits()),
    }),
  };
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

const property = (rule: Rule, check: (example: Case) => Promise<void>) =>
  fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => check(optimizerCase(rule, seed)));

function same(what: string, actual: readonly number[], expected: readonly number[], allowed: number[]): void {
  for (const [i, v] of expected.entries()) {
    if (!(Math.abs(actual[i]! - v) <= (allowed[i] ?? 0)))
      throw new Error(`${what} ${i}: ${actual[i]}, not ${v} (± ${allowed[i] ?? 0})`);
  }
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} of ${what}, not ${expected.length}`);
}

const sparseIsDense: OptimizerLaw = {
  law: "a step on the slots that were looked up is the step on all slots, bit for bit",
  of(rule, backend) {
    const { zeroGradient } = rule.optimizer;
    if (zeroGradient === "skip") return { skip: "leaves slots that were not looked up alone by definition" };
    return property(rule, async (example) => {
      const [sparse, whole] = [
        await run(rule, backend, example),
        await run(rule, backend, example, { whole: true }),
      ];
      const expected = zeroGradient === "nothing" ? "sparse" : "dense";
      if (!sparse.kinds.every((kind) => kind === expected))
        throw new Error(`the gradient was ${sparse.kinds}, not ${expected}`);
      same("weight", sparse.weights, whole.weights, []);
      for (const [k, s] of sparse.state.entries()) same(`state ${k} of`, s, whole.state[k]!, []);
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
    property(rule, async (example) => {
      const [actual, expected] = [await run(rule, backend, example), defined(rule, example)];
      const u = 2 ** 11 * unitRoundoff[backend.precision] * example.steps.length;
      const allowed = expected.size.map((size) => u * (1 + size));
      same("weight", actual.weights, expected.weights, allowed);
      const largest = Math.max(...allowed);
      for (const [k, s] of expected.state.entries())
        same(
          `state ${k} of`,
          actual.state[k]!,
          s,
          s.map((v, i) => (example.width > 1 ? largest : allowed[i]!) * (1 + Math.abs(v))),
        );
    }),
};

const squareOfSum: OptimizerLaw = {
  law: "squares the sum of what a slot's readers send, not each of them",
  of(rule, backend) {
    const { optimizer } = rule;
    if (!(optimizer.name === "adagrad" && optimizer.zeroGradient === "nothing"))
      return { skip: "is not plain adagrad, whose state is the sum of squares" };
    return property(rule, async (example) => {
      const { state } = await run(rule, backend, { ...example, steps: example.steps.slice(0, 1) });
      const { gradient } = gradientOf(example.steps[0]!);
      const { initial } = optimizer.state[0]!;
      const squares = gradient.map((g) => initial + g ** 2);
      const u = unitRoundoff[backend.precision];
      same(
        "total of slot",
        state[0]!,
        squares,
        squares.map((v) => 3 * u * v),
      );
    });
  },
};

/** The first part that has a cotangent, spoilt; undefined where no step looks anything up. */
function spoilt({ steps, ...others }: Case): Case | undefined {
  const i = steps.findIndex((parts) => parts.some(({ cotangent }) => cotangent.length > 0));
  if (i < 0) return undefined;
  const k = steps[i]!.findIndex(({ cotangent }) => cotangent.length > 0);
  const { lookup, cotangent } = steps[i]![k]!;
  const part = { lookup, cotangent: cotangent.with(0, Number.NaN) };
  return { ...others, steps: steps.with(i, steps[i]!.with(k, part)) };
}

const noNumber: OptimizerLaw = {
  law: "does not hide a gradient that is none",
  of: (rule, backend) =>
    property(rule, async (example) => {
      const spoiltExample = spoilt(example);
      if (spoiltExample === undefined) return;
      const { weights } = await run(rule, backend, spoiltExample);
      for (const [slot, w] of (await run(rule, cpu, spoiltExample)).weights.entries())
        if (Number.isNaN(w) && Number.isFinite(weights[slot]))
          throw new Error(`weight ${slot}: ${weights[slot]}, but NaN`);
    }),
};

/** Every law about optimizers. */
export const optimizerLaws: readonly OptimizerLaw[] = [sparseIsDense, definitionLaw, squareOfSum, noNumber];
