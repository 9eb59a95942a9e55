/**
 * A DLRM, its gradients and its training in plain loops over plain arrays, one sample at a time. It shares no code with
 * the framework, so that golden-like files made with it check how conform reads a layout.
 */
export interface Architecture {
  readonly rows: readonly number[];
  readonly d: number;
  /** Layer sizes, inputs first. */
  readonly bottom: readonly number[];
  readonly top: readonly number[];
  readonly interaction: "dot" | "cat";
  readonly itself: boolean;
  readonly loss: "bce" | "mse";
  readonly qr?: {
    readonly operation: "add" | "mult";
    readonly collisions: number;
    readonly threshold: number;
  };
}

export interface Sample {
  readonly dense: readonly number[];
  /** [T] ids of each table. */
  readonly bags: readonly (readonly number[])[];
  readonly label: number;
}

type Vector = number[];
/** Matrices as lists of rows; a bias is a matrix of one row. */
export type Parameters = Record<string, Vector[]>;

interface Layer {
  readonly weight: string;
  readonly bias: string;
  readonly relu: boolean;
}

/** Small numbers on a grid that float32 holds exactly, from a fixed congruential sequence. */
export function gridNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 22) / 1024 - 0.5;
  };
}

export function initialParameters(model: Architecture, draw: () => number): Parameters {
  const matrix = (out: number, inputs: number) =>
    Array.from({ length: out }, () => Array.from({ length: inputs }, draw));
  const params: Parameters = {};
  for (const [t, n] of model.rows.entries()) {
    if (model.qr && n > model.qr.threshold) {
      params[`emb_l.${t}.weight_q`] = matrix(Math.ceil(n / model.qr.collisions), model.d);
      params[`emb_l.${t}.weight_r`] = matrix(model.qr.collisions, model.d);
    } else params[`emb_l.${t}.weight`] = matrix(n, model.d);
  }
  for (const [name, sizes] of [["bot_l", model.bottom] as const, ["top_l", model.top] as const]) {
    for (let i = 0; i + 1 < sizes.length; i++) {
      params[`${name}.${2 * i}.weight`] = matrix(sizes[i + 1]!, sizes[i]!);
      params[`${name}.${2 * i}.bias`] = matrix(1, sizes[i + 1]!);
    }
  }
  return params;
}

const layersOf = (name: string, sizes: readonly number[], logit: boolean): Layer[] =>
  sizes.slice(1).map((_, i) => ({
    weight: `${name}.${2 * i}.weight`,
    bias: `${name}.${2 * i}.bias`,
    relu: !(logit && i === sizes.length - 2),
  }));

/** The input and every layer's output. */
function through(params: Parameters, layers: readonly Layer[], x: Vector): Vector[] {
  const outputs = [x];
  for (const { weight, bias, relu } of layers) {
    const y = params[weight]!.map((row, o) => {
      let sum = params[bias]![0]![o]!;
      for (const [i, w] of row.entries()) sum += w * outputs.at(-1)![i]!;
      return relu && sum < 0 ? 0 : sum;
    });
    outputs.push(y);
  }
  return outputs;
}

/** Adds the gradients of `layers` to `grads` and returns that of their input. */
function backThrough(
  params: Parameters,
  grads: Parameters,
  layers: readonly Layer[],
  outputs: readonly Vector[],
  upstream: Vector,
): Vector {
  let g = upstream;
  for (let l = layers.length - 1; l >= 0; l--) {
    const { weight, bias, relu } = layers[l]!;
    const [x, y] = [outputs[l]!, outputs[l + 1]!];
    const below: Vector = x.map(() => 0);
    for (let o = 0; o < y.length; o++) {
      const local = relu && y[o]! <= 0 ? 0 : g[o]!;
      grads[bias]![0]![o]! += local;
      for (let i = 0; i < x.length; i++) {
        grads[weight]![o]![i]! += local * x[i]!;
        below[i]! += local * params[weight]![o]![i]!;
      }
    }
    g = below;
  }
  return g;
}

/** The arrays and rows of a bag: one sum of rows, or two with the quotient–remainder trick. */
function sumsOf({ rows, qr }: Architecture, t: number, bag: readonly number[]) {
  if (!qr || rows[t]! <= qr.threshold) return [{ array: `emb_l.${t}.weight`, ids: [...bag] }];
  return [
    { array: `emb_l.${t}.weight_q`, ids: bag.map((id) => Math.floor(id / qr.collisions)) },
    { array: `emb_l.${t}.weight_r`, ids: bag.map((id) => id % qr.collisions) },
  ];
}

function bagSum(params: Parameters, array: string, ids: readonly number[], d: number): Vector {
  const sum: Vector = new Array<number>(d).fill(0);
  for (const id of ids) for (let k = 0; k < d; k++) sum[k]! += params[array]![id]![k]!;
  return sum;
}

function embed(model: Architecture, params: Parameters, t: number, bag: readonly number[]): Vector {
  const sums = sumsOf(model, t, bag).map(({ array, ids }) => bagSum(params, array, ids, model.d));
  const multiplied = model.qr?.operation === "mult";
  return sums.reduce((a, b) => a.map((x, k) => (multiplied ? x * b[k]! : x + b[k]!)));
}

function backEmbed(
  model: Architecture,
  params: Parameters,
  grads: Parameters,
  t: number,
  bag: readonly number[],
  g: Vector,
): void {
  const sums = sumsOf(model, t, bag);
  for (const [i, { array, ids }] of sums.entries()) {
    const other = sums[1 - i];
    const factor =
      other && model.qr?.operation === "mult" ? bagSum(params, other.array, other.ids, model.d) : undefined;
    for (const id of ids)
      for (let k = 0; k < model.d; k++) grads[array]![id]![k]! += g[k]! * (factor?.[k] ?? 1);
  }
}

/** Pairs (i, j) of vectors in the order of the interaction. */
function pairsOf(vectors: number, itself: boolean): [number, number][] {
  const pairs: [number, number][] = [];
  for (let i = 0; i < vectors; i++) for (let j = 0; itself ? j <= i : j < i; j++) pairs.push([i, j]);
  return pairs;
}

/** What a forward pass of one sample makes on the way. */
export interface Trace {
  /** The input and every layer's output. */
  readonly bottom: Vector[];
  /** The bottom MLP's output, then each table's. */
  readonly vectors: Vector[];
  readonly pairs: [number, number][];
  /** The interaction and every layer's output. */
  readonly top: Vector[];
  readonly logit: number;
  readonly prob: number;
  readonly loss: number;
}

function forward(model: Architecture, params: Parameters, { dense, bags, label }: Sample): Trace {
  const bottom = through(params, layersOf("bot_l", model.bottom, false), [...dense]);
  const vectors = [bottom.at(-1)!, ...bags.map((bag, t) => embed(model, params, t, bag))];
  const pairs = model.interaction === "dot" ? pairsOf(vectors.length, model.itself) : [];
  const products = pairs.map(([i, j]) => vectors[i]!.reduce((sum, x, k) => sum + x * vectors[j]![k]!, 0));
  const features = model.interaction === "cat" ? vectors.flat() : [...vectors[0]!, ...products];
  const top = through(params, layersOf("top_l", model.top, true), features);
  const logit = top.at(-1)![0]!;
  const prob = 1 / (1 + Math.exp(-logit));
  const bce = -(label * Math.log(prob) + (1 - label) * Math.log(1 - prob));
  return { bottom, vectors, pairs, top, logit, prob, loss: model.loss === "bce" ? bce : (prob - label) ** 2 };
}

/** Adds a sample's share 1 / `batch` of the batch's gradient to `grads`. */
function backward(
  model: Architecture,
  params: Parameters,
  grads: Parameters,
  { bags, label }: Sample,
  { bottom, vectors, pairs, top, prob }: Trace,
  batch: number,
): void {
  const slope = model.loss === "bce" ? prob - label : 2 * (prob - label) * prob * (1 - prob);
  const g = backThrough(params, grads, layersOf("top_l", model.top, true), top, [slope / batch]);
  const passed = (i: number) => model.interaction === "cat" || i === 0;
  const split = vectors.map((v, i) => v.map((_, k) => (passed(i) ? g[i * model.d + k]! : 0)));
  for (const [p, [i, j]] of pairs.entries()) {
    for (let k = 0; k < model.d; k++) {
      split[i]![k]! += g[model.d + p]! * vectors[j]![k]!;
      split[j]![k]! += g[model.d + p]! * vectors[i]![k]!;
    }
  }
  backThrough(params, grads, layersOf("bot_l", model.bottom, false), bottom, split[0]!);
  for (const [t, bag] of bags.entries()) backEmbed(model, params, grads, t, bag, split[t + 1]!);
}

export const zerosLike = (params: Parameters): Parameters =>
  Object.fromEntries(Object.entries(params).map(([name, m]) => [name, m.map((row) => row.map(() => 0))]));

/** Forward and gradients of a batch; the loss is the mean. */
export function batchTrace(model: Architecture, params: Parameters, batch: readonly Sample[]) {
  const grads = zerosLike(params);
  const samples = batch.map((sample) => forward(model, params, sample));
  for (const [b, trace] of samples.entries()) backward(model, params, grads, batch[b]!, trace, batch.length);
  return { samples, grads, loss: samples.reduce((sum, s) => sum + s.loss, 0) / batch.length };
}

/** SGD where `squares` is absent, else Adagrad, whose sums of squares they are. */
export function descend(params: Parameters, grads: Parameters, rate: number, squares?: Parameters): void {
  for (const [name, matrix] of Object.entries(params)) {
    for (const [r, row] of matrix.entries()) {
      for (let c = 0; c < row.length; c++) {
        const g = grads[name]![r]![c]!;
        if (!squares) row[c]! -= rate * g;
        else {
          squares[name]![r]![c]! += g * g;
          row[c]! -= (rate * g) / (Math.sqrt(squares[name]![r]![c]!) + 1e-10);
        }
      }
    }
  }
}

/** The parameters as a file has them: biases as plain lists. */
export const written = (params: Parameters): Record<string, Vector[] | Vector> =>
  Object.fromEntries(
    Object.entries(params).map(([name, m]) => [name, structuredClone(name.endsWith("bias") ? m[0]! : m)]),
  );
