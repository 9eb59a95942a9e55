import type { Backend, FloatArray } from "../../core/backend.ts";
import { check, finite, integer } from "../../core/errors.ts";
import { multiply, scale, subtract } from "../../core/ops/arithmetic.ts";
import { bce, bceWithLogits, clamp, sigmoid } from "../../core/ops/functions.ts";
import { sumAll } from "../../core/ops/sum.ts";
import type { Parameter } from "../../core/parameter.ts";
import { type Tensor, tensor, tidy } from "../../core/tensor.ts";
import type { Batch, Inputs } from "../data/dataset.ts";
import type { Embedding, EmbeddingMaker } from "../embeddings/embedding.ts";
import { type Interaction, interact, interactionSize } from "./interaction.ts";
import { mlp } from "./mlp.ts";

/** Everything that defines a deep learning recommendation model (Naumov et al. 2019, arXiv 1906.00091). */
export interface DlrmConfig extends Partial<Interaction> {
  /** Dense features a sample. */
  readonly dense: number;
  /** [T] rows of each embedding table. */
  readonly tables: readonly number[];
  /** d, floats of an embedding. */
  readonly dim: number;
  /** Layer sizes of the bottom MLP after its input; the last is `dim`. */
  readonly bottom: readonly number[];
  /** Layer sizes of the top MLP after the interaction; the last is 1. */
  readonly top: readonly number[];
  readonly embedding: EmbeddingMaker;
  readonly backend: Backend;
  /** Seeds every initial value. Default 0. */
  readonly seed?: number;
  /** Binary cross entropy (default), or mean squared error of the probability. */
  readonly loss?: "bce" | "mse";
  /** t: probabilities are clamped to [t, 1 − t]; the gradient is 0 where they are. Default 0: none. */
  readonly clamp?: number;
}

/** What a forward pass makes on the way; B samples. */
interface Forward {
  /** [B × d] */
  readonly bottom: Tensor;
  /** [B × T·d] */
  readonly embeddings: Tensor;
  /** [B × interaction size] */
  readonly interaction: Tensor;
  /** [B × 1] */
  readonly logits: Tensor;
  /** [B × 1], clamped where the model clamps. */
  readonly probabilities: Tensor;
}

/** A model: its parameters on a backend, and what they make of a batch of B samples. */
export interface Dlrm {
  readonly config: DlrmConfig;
  readonly backend: Backend;
  readonly embedding: Embedding;
  /** Embedding first, then bottom and top, layer by layer. */
  readonly parameters: readonly Parameter[];
  /** Logits and probabilities of a batch. Throws an InputError for rows that its tables do not have. */
  forward(batch: Inputs): Forward;
  /** Mean loss of a batch by the weights of its rows, a tensor of one number. */
  loss(batch: Batch): Tensor;
  /** The same model, with a copy of these parameters, on another backend; from and to any. */
  to(backend: Backend): Promise<Dlrm>;
  /** Frees the parameters. */
  free(): void;
}

/**
 * A DLRM: dense features through a bottom MLP, bags through embeddings, their interaction through a top MLP. Weights are
 * drawn by `seed`. Throws an InputError for layers whose sizes do not fit each other, or an option that cannot be.
 */
export const dlrm = (config: DlrmConfig): Dlrm => made(config);

/**
 * A DLRM whose weights are all 0, to be filled with `numbers` numbers. Throws a SizeError, before memory is taken, where it
 * would have an array of more.
 */
export const blankDlrm = (config: DlrmConfig, numbers: number): Dlrm => made(config, numbers);

function made(config: DlrmConfig, blank?: number): Dlrm {
  checkConfig(config);
  const {
    dense,
    tables,
    dim,
    backend,
    seed = 0,
    interaction = "dot",
    itself = false,
    loss = "bce",
    clamp: t = 0,
  } = config;
  const setting = { interaction, itself };
  const embedding = config.embedding({ tables, dim, backend, seed, blank });
  const bottom = mlp("bottom", [dense, ...config.bottom], { logit: false, seed, backend, blank });
  const top = mlp("top", [interactionSize(setting, tables.length, dim), ...config.top], {
    logit: true,
    seed,
    backend,
    blank,
  });
  const parameters = [...embedding.parameters, ...bottom.parameters, ...top.parameters];
  const forward = (batch: Inputs): Forward => {
    checkInputs(config, batch);
    const x = bottom.forward(tensor(backend, [batch.size, dense], batch.dense));
    const embeddings = embedding.forward(batch.bags);
    const features = interact(setting, x, embeddings);
    const logits = top.forward(features);
    const p = sigmoid(logits);
    const probabilities = t > 0 ? clamp(p, { low: t, high: 1 - t }) : p;
    return { bottom: x, embeddings, interaction: features, logits, probabilities };
  };
  const lossOf = (batch: Batch): Tensor => {
    checkLabels(batch);
    const { logits, probabilities } = forward(batch);
    const labels = tensor(backend, [batch.size, 1], batch.labels);
    const losses = () => {
      if (loss === "mse") {
        const error = subtract(probabilities, labels);
        return multiply(error, error);
      }
      return t > 0 ? bce(probabilities, labels) : bceWithLogits(logits, labels);
    };
    return meanOf(losses(), batch);
  };
  const model: Dlrm = {
    config,
    backend,
    embedding,
    parameters,
    forward,
    loss: lossOf,
    to: (other) => moved(model, other),
    free: () => {
      for (const p of [...parameters, ...(embedding.constants ?? [])]) p.free();
    },
  };
  return model;
}

/** The mean of a batch's losses [B × 1], by the weights of its rows. Rows that weigh nothing altogether have a mean of 0. */
function meanOf(losses: Tensor, { size, weights }: Batch): Tensor {
  if (weights === undefined) return scale(sumAll(losses), { by: 1 / size });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const weighted = multiply(losses, tensor(losses.backend, [size, 1], weights));
  return scale(sumAll(weighted), { by: total > 0 ? 1 / total : 0 });
}

/** {@link Dlrm.to}: parameters are read back from whatever device they are on. */
async function moved(model: Dlrm, backend: Backend): Promise<Dlrm> {
  const values = await Promise.all(model.parameters.map((p) => p.tensor.data()));
  return copied(model, backend, values);
}

/** `model` with these parameters on another backend, its ids in the same places. */
function copied({ config, embedding }: Dlrm, backend: Backend, values: readonly FloatArray[]): Dlrm {
  const copy = blankDlrm({ ...config, backend }, Infinity);
  for (const [i, p] of copy.parameters.entries()) p.fill(values[i]!);
  if (embedding.adaptation) copy.embedding.adaptation!.take(embedding.adaptation.arrays);
  return copy;
}

export function checkConfig({
  dense,
  tables,
  dim,
  bottom,
  top,
  clamp: t = 0,
  loss = "bce",
  interaction = "dot",
}: Omit<DlrmConfig, "embedding" | "backend">): void {
  integer("Dense features", dense, 1);
  integer("Embedding dim", dim, 1);
  check(tables.length > 0, () => "A DLRM needs at least one embedding table; `tables` is empty.");
  for (const [t, rows] of tables.entries()) integer(`Rows of table ${t}`, rows, 1, 2 ** 32);
  for (const size of [...bottom, ...top]) integer("MLP layer size", size, 1);
  check(
    bottom.at(-1) === dim,
    () => `The bottom MLP must end in the embedding dim ${dim}, but its sizes are ${bottom.join("-")}.`,
  );
  check(top.at(-1) === 1, () => `The top MLP must end in 1, the logit, but its sizes are ${top.join("-")}.`);
  finite("Clamp threshold", t, 0, 0.499);
  check(loss === "bce" || loss === "mse", () => `There is no loss "${loss}"; choose bce or mse.`);
  check(
    interaction === "dot" || interaction === "cat",
    () => `There is no interaction "${interaction}"; choose dot or cat.`,
  );
}

function checkInputs({ dense, tables }: DlrmConfig, { size, dense: x, bags }: Inputs): void {
  check(
    x.length === size * dense,
    () =>
      `A batch of ${size} samples needs ${size * dense} dense numbers (${dense} each), but has ${x.length}.`,
  );
  check(
    bags.offsets.length === size * tables.length + 1,
    () =>
      `A batch of ${size} samples of a model with ${tables.length} tables needs ${size * tables.length} bags, but has ${bags.offsets.length - 1}; data and model must have the same tables.`,
  );
}

/** `labels`: rows of a file may have been read without, to be predicted. */
function checkLabels({ size, labels }: { readonly size: number; readonly labels?: Float32Array }): void {
  check(
    labels?.length === size,
    () => `A loss of ${size} samples needs ${size} labels, but the batch has ${labels?.length ?? "none"}.`,
  );
}

/** P(label = 1) of each sample, as numbers of the host. */
export async function predict(model: Dlrm, batch: Inputs): Promise<ArrayLike<number>> {
  const probabilities = tidy(() => model.forward(batch).probabilities);
  try {
    return await probabilities.data();
  } finally {
    probabilities.free();
  }
}
