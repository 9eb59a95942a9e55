import {
  adagrad,
  adam,
  type Optimizer,
  rmsprop,
  rowWiseAdagrad,
  sgd,
  sparseAdam,
} from "../../core/optimizers/optimizer.ts";

/** State of one weight, or of one row of them, by the names that the optimizer gives its arrays. */
export type State = Record<string, number>;

/** An optimizer beside its textbook: new weights of a group that shares one state, which it changes. */
export interface Rule {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly definition: (s: State, w: readonly number[], g: readonly number[], t: number) => number[];
}

/** A definition for one weight alone. */
const alone =
  (step: (s: State, w: number, g: number, t: number) => number): Rule["definition"] =>
  (s, w, g, t) =>
    w.map((x, i) => step(s, x, g[i]!, t));

const rate = 0.3;

const sgdRule = (name: string, options: NonNullable<Parameters<typeof sgd>[1]>): Rule => ({
  name,
  optimizer: sgd(rate, options),
  definition: alone((s, w, g, t) => {
    const { momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } = options;
    let d = g + weightDecay * w;
    if (momentum > 0) {
      s.velocity = t === 1 ? d : momentum * s.velocity! + (1 - dampening) * d;
      d = nesterov ? d + momentum * s.velocity : s.velocity;
    }
    return w - rate * d;
  }),
});

const adagradRule = (name: string, options: NonNullable<Parameters<typeof adagrad>[1]>): Rule => ({
  name,
  optimizer: adagrad(rate, options),
  definition: alone((s, w, g, t) => {
    const { eps = 1e-10, rateDecay = 0, weightDecay = 0 } = options;
    const d = g + weightDecay * w;
    s.total = s.total! + d ** 2;
    return w - ((rate / (1 + (t - 1) * rateDecay)) * d) / (Math.sqrt(s.total) + eps);
  }),
});

const rowWiseRule: Rule = {
  name: "rowWiseAdagrad",
  optimizer: rowWiseAdagrad(rate, { initial: 0.1 }),
  definition(s, w, g) {
    let squares = 0;
    for (const x of g) squares += x ** 2;
    s.total = s.total! + squares / g.length;
    return w.map((x, i) => x - (rate * g[i]!) / (Math.sqrt(s.total!) + 1e-10));
  },
};

const adamRule = (name: string, options: NonNullable<Parameters<typeof adam>[1]>): Rule => ({
  name,
  optimizer: adam(rate, options),
  definition: alone((s, w, g, t) => {
    const { betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, decoupled = false, amsgrad = false } = options;
    const d = decoupled ? g : g + weightDecay * w;
    const start = decoupled ? w - rate * weightDecay * w : w;
    s.first = betas[0] * s.first! + (1 - betas[0]) * d;
    s.second = betas[1] * s.second! + (1 - betas[1]) * d ** 2;
    if (amsgrad) s.largest = Math.max(s.largest!, s.second);
    const mean = s.first / (1 - betas[0] ** t);
    const square = (amsgrad ? s.largest! : s.second) / (1 - betas[1] ** t);
    return start - (rate * mean) / (Math.sqrt(square) + eps);
  }),
});

const sparseAdamRule: Rule = {
  name: "sparseAdam",
  optimizer: sparseAdam(rate),
  definition: alone((s, w, g, t) => {
    s.first = 0.9 * s.first! + 0.1 * g;
    s.second = 0.999 * s.second! + 0.001 * g ** 2;
    const size = (rate * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
    return w - (size * s.first) / (Math.sqrt(s.second) + 1e-8);
  }),
};

const rmspropRule = (name: string, options: NonNullable<Parameters<typeof rmsprop>[1]>): Rule => ({
  name,
  optimizer: rmsprop(rate, options),
  definition: alone((s, w, g) => {
    const { alpha = 0.99, eps = 1e-8, momentum = 0, centered = false, weightDecay = 0 } = options;
    const d = g + weightDecay * w;
    s.square = alpha * s.square! + (1 - alpha) * d ** 2;
    if (centered) s.mean = alpha * s.mean! + (1 - alpha) * d;
    const spread = Math.sqrt(s.square - (centered ? s.mean! ** 2 : 0)) + eps;
    if (momentum === 0) return w - (rate * d) / spread;
    s.velocity = momentum * s.velocity! + d / spread;
    return w - rate * s.velocity;
  }),
});

/** Every optimizer, with each of its options set in one of them. */
export const rules: readonly Rule[] = [
  sgdRule("sgd", {}),
  sgdRule("sgd with momentum", { momentum: 0.9, dampening: 0.2 }),
  sgdRule("sgd with Nesterov's momentum", { momentum: 0.8, nesterov: true }),
  sgdRule("sgd with weight decay", { weightDecay: 0.1 }),
  sgdRule("sgd with momentum and weight decay", { momentum: 0.5, weightDecay: 0.1 }),
  adagradRule("adagrad", {}),
  adagradRule("adagrad with rate decay, from 0.5", { rateDecay: 0.25, initial: 0.5, eps: 1e-4 }),
  adagradRule("adagrad with weight decay", { weightDecay: 0.1 }),
  rowWiseRule,
  adamRule("adam", {}),
  adamRule("adam with weight decay", { weightDecay: 0.1, betas: [0.8, 0.99] }),
  adamRule("AdamW", { weightDecay: 0.1, decoupled: true }),
  adamRule("amsgrad", { amsgrad: true }),
  sparseAdamRule,
  rmspropRule("rmsprop", {}),
  rmspropRule("centered rmsprop", { centered: true, alpha: 0.9 }),
  rmspropRule("rmsprop with momentum and weight decay", { momentum: 0.7, weightDecay: 0.1 }),
];
