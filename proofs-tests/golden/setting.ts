import type { Backend } from "../../core/backend.ts";
import { check, InputError } from "../../core/errors.ts";
import { adagrad } from "../../core/optimizers/adagrad.ts";
import type { Optimizer } from "../../core/optimizers/optimizer.ts";
import { rowWiseAdagrad } from "../../core/optimizers/row-wise-adagrad.ts";
import { sgd } from "../../core/optimizers/sgd.ts";
import type { Batch } from "../../models/data/dataset.ts";
import type { DlrmConfig } from "../../models/dlrm/dlrm.ts";
import type { EmbeddingMaker } from "../../models/embeddings/embedding.ts";
import { full } from "../../models/embeddings/families/full.ts";
import {
  type QuotientRemainderOptions,
  quotientRemainder,
} from "../../models/embeddings/families/quotient-remainder.ts";
import { type RobeOptions, robe } from "../../models/embeddings/families/robe.ts";
import { tableOffsets } from "../../models/embeddings/scheme.ts";
import type { Golden } from "./golden.ts";

/** The model of a golden file, as its `config` describes it. */
export interface Setting extends Omit<DlrmConfig, "backend" | "bottom" | "top"> {
  /** Layer sizes of the bottom MLP, its input first. */
  readonly bottom: readonly number[];
  /** Layer sizes of the top MLP, its input first. */
  readonly top: readonly number[];
  /** Bags are weighted by a learned number a row. */
  readonly learned: boolean;
  readonly qr?: Required<QuotientRemainderOptions>;
  readonly robe?: RobeOptions & { readonly memorySize: number };
}

/** What the program's command line gives where `config` is silent; its own defaults elsewhere. */
export type Defaults = Pick<Setting, "interaction" | "itself" | "loss" | "clamp">;

export function readSetting(config: Golden, defaults: Defaults = {}): Setting {
  const tables = config.numbers("emb_rows").values;
  const bottom = config.numbers("ln_bot").values;
  const learned = readPooling(config);
  const shared = config.has("robe") ? { robe: readRobe(config.section("robe"), tables) } : {};
  const quotients = config.has("qr") ? { qr: readQr(config.section("qr")) } : {};
  return {
    dense: bottom[0]!,
    tables,
    dim: config.number("d"),
    bottom,
    top: config.numbers("ln_top").values,
    interaction: config.text("interaction", defaults.interaction ?? "dot") as "dot" | "cat",
    itself: config.has("interaction_itself") ? config.flag("interaction_itself") : defaults.itself === true,
    loss: config.text("loss", defaults.loss) as "bce" | "mse",
    clamp: config.number("loss_threshold", defaults.clamp ?? 0),
    learned,
    ...shared,
    ...quotients,
    embedding: embeddingOf({ learned, ...shared, ...quotients }),
  };
}

/** This framework's model of a setting, with initial values of its own. */
export const configOf = (setting: Setting, backend: Backend): DlrmConfig => ({
  ...setting,
  bottom: setting.bottom.slice(1),
  top: setting.top.slice(1),
  backend,
});

function embeddingOf({
  learned,
  robe: shared,
  qr,
}: Pick<Setting, "learned" | "robe" | "qr">): EmbeddingMaker {
  const pooling = learned ? "learned" : "sum";
  if (shared) return robe({ ...shared, pooling });
  if (!qr) return full({ pooling });
  check(!learned, () => "config has both qr and weighted_pooling, which no golden file combines.");
  return quotientRemainder(qr);
}

function readPooling(config: Golden): boolean {
  const pooling = config.text("pooling", "sum");
  const weighted = config.text("weighted_pooling", "");
  check(
    pooling === "sum" && (weighted === "" || weighted === "learned"),
    () =>
      `config asks for pooling ${pooling}${weighted && ` weighted by ${weighted}`}; golden files sum bags, plainly or weighted by "learned".`,
  );
  return weighted === "learned";
}

function readQr(qr: Golden): Required<QuotientRemainderOptions> {
  const operation = qr.text("operation");
  check(
    operation === "add" || operation === "mult",
    () => `config.qr.operation is "${operation}", but must be add or mult.`,
  );
  return { operation, collisions: qr.number("collisions"), threshold: qr.number("threshold") };
}

function readRobe(shared: Golden, tables: readonly number[]) {
  const offsets = shared.numbers("val_offset", [tables.length]).values;
  const before = tableOffsets(tables);
  check(
    offsets.every((offset, t) => offset === before[t]),
    () =>
      `config.robe.val_offset is ${offsets.join(", ")}, but the rows of the tables before each are ${before.slice(0, -1).join(", ")}.`,
  );
  const [prime, r1, r2, r3] = ["P", "r1", "r2", "r3"].map((name) => shared.number(name)) as Four;
  return {
    memorySize: shared.number("m"),
    block: shared.number("Z"),
    index: "noWrap" as const,
    sign: "none" as const,
    coefficients: { prime, r1, r2, r3 },
  };
}

type Four = [number, number, number, number];

/** The optimizer that `name` is in the program, with the options of `config.optimizer`. */
export function optimizerOf(name: string, rate: number, options?: Golden): Optimizer {
  const accumulated = {
    eps: options?.number("eps", 1e-10) ?? 1e-10,
    initialAccumulator: options?.number("initial_accumulator", 0) ?? 0,
  };
  switch (name) {
    case "sgd":
      return sgd(rate);
    case "adagrad":
      return adagrad(rate, accumulated);
    case "rwsadagrad":
      return rowWiseAdagrad(rate, accumulated);
    default:
      throw new InputError(
        `There is no optimizer "${name}" here; golden files use sgd, adagrad or rwsadagrad.`,
      );
  }
}

/** A batch of the file: bags table by table there, sample by sample here. */
export function readBatch(batch: Golden, { dense, tables }: Setting): Batch {
  const labels = batch.numbers("target");
  const size = labels.shape[0] ?? 0;
  const offsets = batch.numbers("offsets", [tables.length, size]).values;
  const indices = batch.lists("indices", tables.length);
  const ids: number[] = [];
  const ends = [0];
  for (let sample = 0; sample < size; sample++) {
    for (const [t, list] of indices.entries()) {
      const end = sample + 1 < size ? offsets[t * size + sample + 1] : list.length;
      ids.push(...list.slice(offsets[t * size + sample], end));
      ends.push(ids.length);
    }
  }
  return {
    size,
    dense: Float32Array.from(batch.numbers("dense", [size, dense]).values),
    labels: Float32Array.from(batch.numbers("target", [size, 1]).values),
    bags: { ids: Uint32Array.from(ids), offsets: Uint32Array.from(ends) },
  };
}
