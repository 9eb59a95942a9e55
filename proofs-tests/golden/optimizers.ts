import { cpu, cpu64 } from "../../backends/cpu/index.ts";
import type { Backend } from "../../core/backend.ts";
import { check, InputError } from "../../core/errors.ts";
import { adagrad } from "../../core/optimizers/adagrad.ts";
import { adam } from "../../core/optimizers/adam.ts";
import { type Optimizer, optimizerStep } from "../../core/optimizers/optimizer.ts";
import { rmsprop } from "../../core/optimizers/rmsprop.ts";
import { sgd } from "../../core/optimizers/sgd.ts";
import { sparseAdam } from "../../core/optimizers/sparse-adam.ts";
import { Parameter } from "../../core/parameter.ts";
import { type Cotangent, tensor, tidy } from "../../core/tensor.ts";
import type { Accuracy, Recomputed } from "./compare.ts";
import { f32Accuracy, f64Accuracy } from "./dlrm.ts";
import type { Golden } from "./golden.ts";

interface Problem {
  /** [rows × width] */
  readonly params: readonly number[];
  /** [steps] gradients like `params`. */
  readonly grads: readonly (readonly number[])[];
  readonly width: number;
  readonly optimizer: Optimizer;
  readonly sparse: boolean;
}

/** Format optimizers-1: each optimizer of torch.optim, over some steps with given gradients. */
export async function recomputeOptimizers(golden: Golden): Promise<Recomputed[]> {
  const { shape, values: params } = golden.numbers("params");
  check(shape.length === 2, () => `params must be a list of rows, but has ${shape.length} axes.`);
  const steps = golden.numbers("grads").shape[0] ?? 0;
  const all = golden.numbers("grads", [steps, ...shape]);
  const grads = Array.from({ length: steps }, (_, k) =>
    all.values.slice(k * params.length, (k + 1) * params.length),
  );
  const results: Recomputed[] = [];
  for (const one of golden.cases("cases")) {
    const problem: Problem = {
      params,
      grads,
      width: shape[1]!,
      optimizer: optimizerOf(one.text("cls"), one.section("options")),
      sparse: one.flag("sparse"),
    };
    const array = `${one.path}.params_after_each_step`;
    for (const [backend, accuracy] of runs) {
      results.push({ array, shape: all.shape, values: await follow(problem, backend), ...accuracy });
    }
  }
  return results;
}

const runs: readonly [Backend, Accuracy][] = [
  [cpu64, f64Accuracy],
  [cpu, f32Accuracy],
];

/** The parameters after each step. */
async function follow({ params, grads, width, optimizer, sparse }: Problem, backend: Backend) {
  // Below four times what is looked up, a step sweeps the memory whole; rows that no one looks up keep it sparse.
  const spare = new Array<number>(sparse ? 4 * params.length : 0).fill(0);
  const memory = [...params, ...spare];
  const parameter = new Parameter("embedding", tensor(backend, [memory.length], memory), width);
  const after: number[] = [];
  for (const [k, grad] of grads.entries()) {
    tidy(() => {
      const gradient = sparse
        ? rowsOnly(backend, grad, width, memory.length)
        : tensor(backend, [memory.length], grad);
      optimizerStep(optimizer, parameter, gradient, k + 1, optimizer.learningRate);
    });
    after.push(...(await parameter.tensor.data()).subarray(0, params.length));
  }
  parameter.free();
  return after;
}

/** A gradient that holds only its rows that are not all zero, as a lookup of them would leave it. */
function rowsOnly(backend: Backend, grad: readonly number[], width: number, memory: number): Cotangent {
  const starts = Array.from({ length: grad.length / width }, (_, row) => row * width).filter((start) =>
    grad.slice(start, start + width).some((g) => g !== 0),
  );
  const values = starts.flatMap((start) => grad.slice(start, start + width));
  const lookup = {
    dim: width,
    block: width,
    starts: Uint32Array.from(starts),
    bags: Uint32Array.from({ length: starts.length + 1 }, (_, item) => item),
    memorySize: memory,
  };
  return {
    kind: "contributions",
    parts: [{ lookup, cotangent: tensor(backend, [starts.length, width], values) }],
  };
}

/** torch.optim's class and options, by its names, as this framework's optimizer. */
function optimizerOf(name: string, options: Golden): Optimizer {
  const rate = options.number("lr");
  const weightDecay = options.number("weight_decay", 0);
  switch (name) {
    case "SGD":
      return sgd(rate, {
        weightDecay,
        momentum: options.number("momentum", 0),
        dampening: options.number("dampening", 0),
        nesterov: options.flag("nesterov"),
      });
    case "Adagrad":
      return adagrad(rate, {
        weightDecay,
        eps: options.number("eps", 1e-10),
        learningRateDecay: options.number("lr_decay", 0),
        initialAccumulator: options.number("initial_accumulator_value", 0),
      });
    case "Adam":
    case "AdamW":
      return adam(rate, {
        ...momentsOf(options),
        weightDecay,
        decoupled: name === "AdamW",
        amsgrad: options.flag("amsgrad"),
      });
    case "SparseAdam":
      return sparseAdam(rate, momentsOf(options));
    case "RMSprop":
      check(
        weightDecay === 0,
        () => `${options.path}: RMSprop with weight_decay is not part of this framework.`,
      );
      return rmsprop(rate, {
        alpha: options.number("alpha", 0.99),
        eps: options.number("eps", 1e-8),
        momentum: options.number("momentum", 0),
        centered: options.flag("centered"),
      });
    default:
      throw new InputError(`${options.path}: there is no optimizer "${name}" here.`);
  }
}

function momentsOf(options: Golden) {
  const [beta1, beta2] = options.has("betas") ? options.numbers("betas", [2]).values : [0.9, 0.999];
  return { betas: [beta1!, beta2!] as const, eps: options.number("eps", 1e-8) };
}
