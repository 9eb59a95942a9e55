import {
  type Architecture,
  batchTrace,
  descend,
  gridNumbers,
  initialParameters,
  type Sample,
  written,
  zerosLike,
} from "../models/dlrm/independent-dlrm.ts";

// Files in the layout of golden files, made by plain loops and unbounded integers: none of the framework's code.

// biome-ignore lint/suspicious/noExplicitAny: files of many formats, edited at will
export type Json = Record<string, any>;

/** Bags of 0 … 3 ids, some of them repeated. */
function samples(model: Architecture, size: number, draw: () => number): Sample[] {
  const below = (n: number) => Math.floor((draw() + 0.5) * n);
  return Array.from({ length: size }, () => ({
    dense: Array.from({ length: model.bottom[0]! }, draw),
    bags: model.rows.map((n) => Array.from({ length: below(4) }, () => below(n))),
    label: below(2),
  }));
}

const layOut = (model: Architecture, batch: readonly Sample[]) => ({
  dense: batch.map((s) => s.dense),
  offsets: model.rows.map((_, t) => batch.map((_, b) => batch.slice(0, b).flatMap((s) => s.bags[t]!).length)),
  indices: model.rows.map((_, t) => batch.flatMap((s) => s.bags[t]!)),
  target: batch.map((s) => [s.label]),
});

const configOf = (model: Architecture) => ({
  emb_rows: model.rows,
  d: model.d,
  ln_bot: model.bottom,
  ln_top: model.top,
  interaction: model.interaction,
  interaction_itself: model.itself,
  loss: model.loss,
});

/** A dlrm-golden-1 file of `model`. */
export function goldenFile(model: Architecture, size: number, name: "sgd" | "adagrad", lr: number): Json {
  const [draw, steps] = [gridNumbers(size + 17), 5];
  const params = initialParameters(model, draw);
  const initial = written(params);
  const batches = [samples(model, size, draw), samples(model, size, draw)];
  const first = batchTrace(model, params, batches[0]!);
  const squares = name === "adagrad" ? zerosLike(params) : undefined;
  const [losses, probs, after]: [number[], number[][], unknown[]] = [[], [], []];
  for (let step = 0; step < steps; step++) {
    const { samples, grads, loss } = batchTrace(model, params, batches[step % 2]!);
    losses.push(loss);
    probs.push(samples.map((s) => s.prob));
    descend(params, grads, lr, squares);
    after.push(written(params));
  }
  return {
    format: "dlrm-golden-1",
    config: { ...configOf(model), qr: model.qr ?? null, optimizer: { name, lr, eps: null }, steps },
    params: initial,
    batches: batches.map((batch) => layOut(model, batch)),
    step0: {
      bot_out: first.samples.map((s) => s.vectors[0]),
      emb_out: model.rows.map((_, t) => first.samples.map((s) => s.vectors[t + 1])),
      interact_out: first.samples.map((s) => s.top[0]),
      logit: first.samples.map((s) => [s.logit]),
      prob: first.samples.map((s) => [s.prob]),
      loss: first.loss,
      grad: written(first.grads),
      params_after: after[0],
    },
    losses,
    losses_f32: losses.map(Math.fround),
    probs,
    final_losses: batches.map((batch) => batchTrace(model, params, batch).loss),
    final_params: after.at(-1),
  };
}

/** A dlrm-cli-1 file: the rates are given, one for each time that the program's scheduler is asked. */
export function programFile(
  model: Architecture,
  args: unknown,
  rates: readonly number[],
  adagrad: boolean,
): Json {
  const draw = gridNumbers(91);
  const params = initialParameters(model, draw);
  const initial = written(params);
  const squares = adagrad ? zerosLike(params) : undefined;
  const steps = rates.slice(1).map((_, s) => {
    const batch = samples(model, 4, draw);
    const { samples: traces, grads, loss } = batchTrace(model, params, batch);
    descend(params, grads, rates[s]!, squares);
    return {
      ...layOut(model, batch),
      prob: traces.map((t) => [Math.fround(t.prob)]),
      loss: Math.fround(loss),
    };
  });
  const { loss: _, interaction_itself: __, ...config } = configOf(model);
  return {
    format: "dlrm-cli-1",
    made_by: { program: "dlrm_s_pytorch.py", args },
    config,
    params: initial,
    steps,
    printed_losses: steps.map((s) => Number(s.loss.toFixed(6))),
    lr_trace: rates.map((rate, s) => [s + 1, Number(rate.toPrecision(9))]),
    final_params: written(params),
  };
}

/** w[i] of the index files. */
const weight = (i: number) => (((37 * i) % 1024) - 512) / 1024;

/** What an index file adds to its indices. */
function withWeights(index: readonly (readonly number[])[]) {
  const gradient = new Map<number, number>();
  for (const [i, place] of index.flat().entries()) {
    gradient.set(place, (gradient.get(place) ?? 0) + (((11 * i) % 64) - 32) / 64);
  }
  const entries = [...gradient].filter(([, g]) => g !== 0).sort(([a], [b]) => a - b);
  return { index, embedding_first3: index.slice(0, 3).map((row) => row.map(weight)), weight_grad: entries };
}

/** par_idx_py: blocks are numbered from 1, and the last start is left out. */
export function laterAuthors(
  ids: readonly number[],
  constants: Json,
  [A, B, C]: readonly [bigint, bigint, bigint],
  offset = 0,
) {
  const [m, d, Z] = [90, 10, 4];
  const index = ids.map((id) =>
    Array.from({ length: d }, (_, c) => {
      const hash = BigInt(id + offset) * A + BigInt(Math.floor(c / Z) + 1) * B + C;
      return Number((hash % 2038074743n) % BigInt(m - Z)) + (c % Z);
    }),
  );
  return {
    format: "robe-index-1",
    made_by: { function: "par_idx_py" },
    cases: [{ m, d, Z, ids, ...(offset && { val_offset: offset }), ...constants, ...withWeights(index) }],
  };
}

/** thomasahle/cce: a hash a chunk, then round a circular array. */
export function chunked(
  hash: string,
  coefficients: readonly (string | number)[],
  m: number,
  looked: (string | number)[],
) {
  const [bits, n, size] = [BigInt(Math.ceil(Math.log2(m))), coefficients.length, 5];
  const start = looked.map((id) =>
    coefficients.map((c) => {
      const product = BigInt(id) * BigInt(c);
      const h = hash === "PolyHash" ? product % 2147483647n : (product % 2n ** 62n) / 2n ** (62n - bits);
      return Number(h % BigInt(m));
    }),
  );
  const index = start.map((row) => row.flatMap((s) => Array.from({ length: size }, (_, j) => (s + j) % m)));
  const { weight_grad } = withWeights(index);
  const one = {
    hash,
    m,
    chunk_size: size,
    n_chunks: n,
    coefficients,
    ids: looked,
    start,
    index,
    weight_grad,
  };
  return {
    format: "robe-index-1",
    made_by: { class: "RobeEmbedding with PolyHash or MultiHash" },
    cases: [one],
  };
}
