import fc from "fast-check";
import type { Backend, Rounding } from "../../core/backend.ts";
import { InputError } from "../../core/errors.ts";
import type { Lookup } from "../../core/lookup.ts";
import { halfBy, halfValues } from "../../core/numeric/half.ts";
import { definedHalf, definedHalfValue, definedOnGrid } from "../../core/numeric/number.ts";
import { type Random, random } from "../../core/numeric/random.ts";
import { ops } from "../../core/ops/index.ts";
import { optimizers } from "../../core/optimizers/index.ts";
import { sgd } from "../../core/optimizers/sgd.ts";
import type { HalfRounding } from "../../core/parameter.ts";
import { anyGrid, hardNumber, hardOnGrid } from "./half-numbers.ts";
import { type FormLaw, type Said, seeds, trial } from "./law.ts";
import { type Case, optimizerCase, optimizerSpecs, stepsInWords } from "./optimizer-cases.ts";
import { type Run, run, type Settled } from "./optimizer-laws.ts";
import { type Rule, rulesOf } from "./optimizer-rules.ts";

/** A property of every backend that has arrays of halves. */
interface HalfLaw {
  readonly law: string;
  /** Of each optimizer, where it takes steps. */
  readonly of: (backend: Backend, rule: Rule) => Said;
  readonly ofOptimizers?: true;
}

/** Why a backend has no arrays of halves; undefined where it has. */
function refusal(backend: Backend): string | undefined {
  try {
    backend.free(backend.upload([1], "f16"));
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return undefined;
}

function triedOn<Example>(
  backend: Backend,
  examples: fc.Arbitrary<readonly [number, Example]>,
  words: (example: Example) => string,
  check: (stream: Random, seed: number, example: Example) => Promise<void>,
): Said {
  const skip = refusal(backend);
  if (skip !== undefined) return { skip };
  return trial({
    examples,
    async check([seed, example]) {
      await check(random(seed, "halves"), seed, example);
      return 0;
    },
    words: ([seed, example]) => [`numbers drawn by seed ${seed}`, words(example)].filter(Boolean).join("; "),
  });
}

const onNumbers = (backend: Backend, check: (stream: Random) => Promise<void>): Said =>
  triedOn(backend, fc.tuple(seeds, fc.constant(null)), () => "", check);

const onSteps = (
  backend: Backend,
  rule: Rule,
  check: (stream: Random, seed: number, steps: Case) => Promise<void>,
): Said =>
  triedOn(
    backend,
    fc.tuple(seeds, optimizerSpecs),
    (spec) => stepsInWords(optimizerCase(rule, spec)),
    (stream, seed, spec) => check(stream, seed, optimizerCase(rule, spec)),
  );

/** Each number must be the same, NaN included and 0 not −0. */
function same(what: string, actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} of ${what}, not ${expected.length}`);
  for (let i = 0; i < expected.length; i++)
    if (!Object.is(actual[i], expected[i])) throw new Error(`${what} ${i}: ${actual[i]}, not ${expected[i]}`);
}

const numberOf = (bits: number): number => halfValues()[bits]!;

const storing: HalfLaw = {
  law: "reads back the half nearest to each number",
  of: (backend) =>
    onNumbers(backend, async (stream) => {
      const values = Float32Array.from({ length: 500 }, () => hardNumber(stream));
      const handle = backend.upload(values, "f16");
      const read = await backend.read(handle);
      backend.free(handle);
      same(
        "number",
        read,
        Array.from(values, (x) => definedHalfValue(definedHalf(x))),
      );
    }),
};

const { example } = ops.find(({ definition }) => definition.name === "embeddingBag")!.definition;

const gathering: HalfLaw = {
  law: "gathers from halves what it gathers from the numbers they stand for, bit for bit",
  of: (backend) =>
    onNumbers(backend, async (stream) => {
      const { lookup } = example!(stream).options as { lookup: Lookup };
      const values = Float32Array.from({ length: lookup.memorySize }, () => hardNumber(stream));
      const halves = backend.upload(values, "f16");
      const floats = backend.upload(await backend.read(halves));
      const [left, right] = [halves, floats].map((memory) =>
        backend.run({ kind: "gather", lookup }, [memory]),
      );
      same("float", await backend.read(left!), await backend.read(right!));
      for (const handle of [halves, floats, left!, right!]) backend.free(handle);
    }),
};

const anyRounding = (stream: Random): Rounding => ({
  ...(stream.integer(3) === 0
    ? { mode: "nearest" }
    : { mode: "stochastic", keys: [stream.bits(), stream.bits()] }),
  ...(stream.integer(2) && { grid: anyGrid(stream) }),
});

/** 0 − 1 · (−x) is x: what a step rounds may be any number. */
const rounding: HalfLaw = {
  law: "rounds what a step makes to the half that is defined, whatever it is",
  of: (backend) =>
    onNumbers(backend, async (stream) => {
      const how = anyRounding(stream);
      const { name, steps, hyper, zeroGradient } = sgd(1);
      const { grid } = how;
      const values = Float64Array.from({ length: 1 + stream.integer(1000) }, () =>
        grid ? hardOnGrid(stream, grid) : hardNumber(stream),
      );
      const weights = backend.upload(new Float32Array(values.length), "f16");
      const gradient = backend.upload(values.map((x) => -x));
      const step = { name, steps, state: [], hyper: hyper(1, 1), zeroGradient, width: 1, rounding: how };
      const after = backend.update(step, weights, [], { kind: "dense", values: gradient });
      const half = halfBy(how);
      same(
        "weight",
        await backend.read(after.weights),
        Array.from(values, (x, i) => numberOf(half(0 + x, i))),
      );
      for (const handle of [after.weights, gradient]) backend.free(handle);
    }),
};

/** After each step: rounds as the steps of `halves` did, whose words it hears of. */
const roundedAs =
  ({ roundings }: Run): Settled =>
  async (memory, t) => {
    const half = halfBy(roundings[t]!);
    memory.fill((await memory.tensor.data()).map((w, i) => numberOf(half(w, i))));
  };

function sameRuns(actual: Run, expected: Run): void {
  same("weight", actual.weights, expected.weights);
  for (const [k, s] of expected.state.entries()) same(`state ${k} of`, actual.state[k]!, s);
}

const mode = (stream: Random, seed: number): HalfRounding => ({
  mode: stream.integer(3) === 0 ? "nearest" : "stochastic",
  seed,
  ...(stream.integer(2) && { grid: anyGrid(stream) }),
});

/** Steps from weights that are what is stored: halves, or numbers of the grid. */
const fromStored = (steps: Case, { grid }: HalfRounding): Case => ({
  ...steps,
  weights: steps.weights.map((w) => (grid ? definedOnGrid(w, grid) : definedHalfValue(definedHalf(w)))),
});

const stepping: HalfLaw = {
  law: "steps halves as the numbers they stand for, and rounds the result, bit for bit",
  ofOptimizers: true,
  of: (backend, rule) =>
    onSteps(backend, rule, async (stream, seed, steps) => {
      const whole = stream.integer(2) === 1;
      const how = mode(stream, seed);
      const stored = fromStored(steps, how);
      const halves = await run(rule, backend, stored, { whole, halves: how });
      sameRuns(halves, await run(rule, backend, stored, { whole, settled: roundedAs(halves) }));
    }),
};

const sparseIsDense: HalfLaw = {
  law: "steps halves that were looked up as it steps all of them, bit for bit",
  ofOptimizers: true,
  of(backend, rule) {
    if (rule.optimizer.zeroGradient !== "nothing")
      return { skip: "a gradient of zero does something, or was defined to be no step" };
    return onSteps(backend, rule, async (stream, seed, steps) => {
      const halves = mode(stream, seed);
      const [sparse, whole] = [
        await run(rule, backend, fromStored(steps, halves), { halves }),
        await run(rule, backend, fromStored(steps, halves), { halves, whole: true }),
      ];
      if (!sparse.kinds.every((kind) => kind === "sparse"))
        throw new Error(`the gradient was ${sparse.kinds}`);
      sameRuns(sparse, whole);
    });
  },
};

const rules = optimizers.flatMap(rulesOf);

/** Every law about backends with arrays of halves, of each optimizer where it takes steps. */
export const halfLaws: readonly FormLaw[] = [storing, gathering, rounding, stepping, sparseIsDense].flatMap(
  ({ law, of, ofOptimizers }) =>
    (ofOptimizers ? rules : rules.slice(0, 1)).map((rule) => ({
      law,
      subject: ofOptimizers ? rule.name : "float16",
      of: (backend: Backend) => of(backend, rule),
    })),
);
