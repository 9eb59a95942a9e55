import type { Rounding, Update, UpdateGradient } from "../backend.ts";
import { dense } from "../backward.ts";
import { finite, require } from "../errors.ts";
import { itemCount } from "../lookup.ts";
import { random } from "../numeric/random.ts";
import type { HalfRounding, Parameter } from "../parameter.ts";
import { type Cotangent, keep, scope, Tensor, tensor } from "../tensor.ts";

/**
 * How a step changes a weight, written once as expressions that every backend runs. They may name the weight `w`, its
 * gradient `g`, the state arrays, the hyper-parameters of the step, and `meanSquare`: the mean of g² over the weights
 * that share a state entry (g² itself where none do). State is stored, rounded, before the next expression reads it.
 */
export interface Optimizer {
  readonly name: string;
  /** Base learning rate. */
  readonly rate: number;
  /** State arrays and what they start at. */
  readonly state: readonly { readonly name: string; readonly initial: number }[];
  readonly steps: Update["steps"];
  /** Numbers of step t = 1, 2, … at learning rate `rate`. */
  readonly hyper: (t: number, rate: number) => Readonly<Record<string, number>>;
  /**
   * What a gradient of zero does. "nothing": weight and state stay, so touching only the slots that were looked up is
   * the same step (SGD, Adagrad). "something": momentum moves on or weights decay, so every slot must be visited.
   * "skip": slots that were not looked up are left alone by definition (SparseAdam).
   */
  readonly zeroGradient: Update["zeroGradient"];
  /** Rows of an embedding share one state entry a row. */
  readonly rowWise?: boolean;
}

/** Step number t (from 1) of `optimizer` on one parameter, at learning rate `rate`. */
export function update(
  optimizer: Optimizer,
  parameter: Parameter,
  gradient: Cotangent,
  t: number,
  rate: number,
): void {
  const { backend } = parameter.tensor;
  const width = stateWidth(optimizer, parameter);
  makeState(optimizer, parameter);
  scope(() => {
    const result = backend.update(
      {
        name: optimizer.name,
        steps: optimizer.steps,
        state: optimizer.state.map((s) => s.name),
        hyper: optimizer.hyper(t, rate),
        zeroGradient: optimizer.zeroGradient,
        width,
        ...(parameter.halves && { rounding: roundingOf(parameter.name, parameter.halves, t) }),
      },
      parameter.tensor.handle,
      parameter.state.map((s) => s.handle),
      prepare(optimizer, parameter, gradient),
    );
    parameter.tensor.replace(result.weights);
    for (const [i, handle] of result.state.entries()) parameter.state[i]!.replace(handle);
  });
}

/** Words of a step of its own: what it rounds up depends on no other step, nor on how the step is carried out. */
function roundingOf(name: string, { mode, seed }: HalfRounding, t: number): Rounding {
  if (mode === "nearest") return { mode };
  const stream = random(seed, `${name} rounding ${t}`);
  return { mode, keys: [stream.bits(), stream.bits()] };
}

/**
 * Decides between the two ways of one step. A small memory is cheaper to sweep whole; of a large one only the slots
 * that the batch touched are visited, where a gradient of zero means no change. A law holds the two equal.
 */
function prepare(optimizer: Optimizer, parameter: Parameter, gradient: Cotangent): UpdateGradient {
  const whole = (): UpdateGradient => ({ kind: "dense", values: dense(gradient).handle });
  if (gradient instanceof Tensor || optimizer.zeroGradient === "something") return whole();
  const reads = gradient.parts.reduce((n, { lookup }) => n + itemCount(lookup) * lookup.dim, 0);
  if (optimizer.zeroGradient === "nothing" && parameter.whole <= 4 * reads) return whole();
  return {
    kind: "sparse",
    parts: gradient.parts.map(({ lookup, cotangent }) => ({ lookup, values: cotangent.handle })),
  };
}

function stateWidth(optimizer: Optimizer, parameter: Parameter): number {
  if (!optimizer.rowWise) return 1;
  require(parameter.rowLength !== "none", () =>
    `${optimizer.name} keeps one state a row, but the memory of ${parameter.name} has no rows; use adagrad, or an embedding whose memory is rows (full, rowHash, multiHash, quotientRemainder).`);
  return parameter.rowLength;
}

/**
 * The state that `optimizer` keeps of a parameter, where it is not there yet. Made before the first step begins, it
 * lies apart from what a step makes and gives back.
 */
export function makeState(optimizer: Optimizer, parameter: Parameter): void {
  if (parameter.state.length > 0) return;
  const entries = parameter.size / stateWidth(optimizer, parameter);
  parameter.state = optimizer.state.map(({ initial }) => {
    const values =
      parameter.tensor.backend.precision === "f64" ? new Float64Array(entries) : new Float32Array(entries);
    return keep(tensor(parameter.tensor.backend, [entries], initial === 0 ? values : values.fill(initial)));
  });
}

const checked = (rate: number): number => finite("Learning rate", rate, 0);

interface SgdOptions {
  readonly momentum?: number;
  readonly dampening?: number;
  readonly weightDecay?: number;
  readonly nesterov?: boolean;
}

/** w −= rate · g, with optional momentum, as torch.optim.SGD. */
export function sgd(
  rate: number,
  { momentum = 0, dampening = 0, weightDecay = 0, nesterov = false }: SgdOptions = {},
): Optimizer {
  const decayed = weightDecay === 0 ? "g" : "(g + weightDecay * w)";
  const plain = [{ target: "w", expression: `w - rate * ${decayed}` }];
  const heavy = [
    { target: "velocity", expression: `momentum * velocity + keep * ${decayed}` },
    { target: "w", expression: `w - rate * ${nesterov ? `(${decayed} + momentum * velocity)` : "velocity"}` },
  ];
  return {
    name: "sgd",
    rate: checked(rate),
    state: momentum === 0 ? [] : [{ name: "velocity", initial: 0 }],
    steps: momentum === 0 ? plain : heavy,
    hyper: (t, now) => ({ rate: now, momentum, weightDecay, keep: t === 1 ? 1 : 1 - dampening }),
    zeroGradient: momentum === 0 && weightDecay === 0 ? "nothing" : "something",
  };
}

interface AdagradOptions {
  readonly eps?: number;
  readonly rateDecay?: number;
  readonly initial?: number;
  readonly weightDecay?: number;
}

/** s += g², w −= rate · g / (√s + eps), as torch.optim.Adagrad. On shared memory g is the slot's summed gradient. */
export function adagrad(
  rate: number,
  { eps = 1e-10, rateDecay = 0, initial = 0, weightDecay = 0 }: AdagradOptions = {},
): Optimizer {
  const decayed = weightDecay === 0 ? "g" : "(g + weightDecay * w)";
  return {
    name: "adagrad",
    rate: checked(rate),
    state: [{ name: "total", initial }],
    steps: [
      {
        target: "total",
        expression: weightDecay === 0 ? "total + meanSquare" : `total + ${decayed} * ${decayed}`,
      },
      { target: "w", expression: `w - rate * ${decayed} / (Math.sqrt(total) + eps)` },
    ],
    hyper: (t, now) => ({ rate: now / (1 + (t - 1) * rateDecay), eps, weightDecay }),
    zeroGradient: weightDecay === 0 ? "nothing" : "something",
  };
}

/** Adagrad with one accumulator a row of an embedding, fed the row's mean g²; other parameters as {@link adagrad}. */
export function rowWiseAdagrad(rate: number, options: { eps?: number; initial?: number } = {}): Optimizer {
  return { ...adagrad(rate, options), name: "rowWiseAdagrad", rowWise: true };
}

interface AdamOptions {
  readonly betas?: readonly [number, number];
  readonly eps?: number;
  /** Added to the gradient; with `decoupled` (AdamW) it shrinks the weight instead. */
  readonly weightDecay?: number;
  readonly decoupled?: boolean;
  readonly amsgrad?: boolean;
}

/** Kingma & Ba 2015, as torch.optim.Adam and AdamW. */
export function adam(rate: number, options: AdamOptions = {}): Optimizer {
  const {
    betas: [beta1, beta2] = [0.9, 0.999],
    eps = 1e-8,
    weightDecay = 0,
    decoupled = false,
    amsgrad = false,
  } = options;
  const g = weightDecay === 0 || decoupled ? "g" : "(g + weightDecay * w)";
  const kept = decoupled ? "w * (1.0 - rate * weightDecay)" : "w";
  return {
    name: "adam",
    rate: checked(rate),
    state: ["first", "second", ...(amsgrad ? ["largest"] : [])].map((name) => ({ name, initial: 0 })),
    steps: [
      { target: "first", expression: `beta1 * first + (1.0 - beta1) * ${g}` },
      { target: "second", expression: `beta2 * second + (1.0 - beta2) * ${g} * ${g}` },
      ...(amsgrad ? [{ target: "largest", expression: "Math.max(largest, second)" }] : []),
      {
        target: "w",
        expression: `${kept} - stepSize * first / (Math.sqrt(${amsgrad ? "largest" : "second"}) + floor)`,
      },
    ],
    hyper: (t, now) => {
      const root = Math.sqrt(1 - beta2 ** t);
      return {
        rate: now,
        beta1,
        beta2,
        weightDecay,
        stepSize: (now * root) / (1 - beta1 ** t),
        floor: eps * root,
      };
    },
    zeroGradient: "something",
  };
}

/** Adam on the slots that were looked up only, moments of the others frozen, as torch.optim.SparseAdam (note its eps). */
export function sparseAdam(rate: number, options: Pick<AdamOptions, "betas" | "eps"> = {}): Optimizer {
  const plain = adam(rate, options);
  return {
    ...plain,
    name: "sparseAdam",
    hyper: (t, now) => ({ ...plain.hyper(t, now), floor: options.eps ?? 1e-8 }),
    zeroGradient: "skip",
  };
}

interface RmspropOptions {
  readonly weightDecay?: number;
  readonly alpha?: number;
  readonly eps?: number;
  readonly momentum?: number;
  readonly centered?: boolean;
}

/** Running mean of g² in place of Adagrad's sum, as torch.optim.RMSprop. */
export function rmsprop(
  rate: number,
  { alpha = 0.99, eps = 1e-8, momentum = 0, centered = false, weightDecay = 0 }: RmspropOptions = {},
): Optimizer {
  const g = weightDecay === 0 ? "g" : "(g + weightDecay * w)";
  const spread = centered ? "Math.sqrt(square - mean * mean)" : "Math.sqrt(square)";
  return {
    name: "rmsprop",
    rate: checked(rate),
    state: ["square", ...(centered ? ["mean"] : []), ...(momentum > 0 ? ["velocity"] : [])].map((name) => ({
      name,
      initial: 0,
    })),
    steps: [
      { target: "square", expression: `alpha * square + (1.0 - alpha) * ${g} * ${g}` },
      ...(centered ? [{ target: "mean", expression: `alpha * mean + (1.0 - alpha) * ${g}` }] : []),
      ...(momentum > 0
        ? [{ target: "velocity", expression: `momentum * velocity + ${g} / (${spread} + eps)` }]
        : []),
      {
        target: "w",
        expression: momentum > 0 ? "w - rate * velocity" : `w - rate * ${g} / (${spread} + eps)`,
      },
    ],
    hyper: (_, now) => ({ rate: now, alpha, eps, momentum, weightDecay }),
    zeroGradient: "something",
  };
}
