import { InputError } from "../core/errors.ts";
import { adagrad } from "../core/optimizers/adagrad.ts";
import { adam } from "../core/optimizers/adam.ts";
import type { Optimizer } from "../core/optimizers/optimizer.ts";
import { rmsprop } from "../core/optimizers/rmsprop.ts";
import { rowWiseAdagrad } from "../core/optimizers/row-wise-adagrad.ts";
import { sgd } from "../core/optimizers/sgd.ts";
import { sparseAdam } from "../core/optimizers/sparse-adam.ts";
import type { TouchedRows } from "../models/data/lazy-rows.ts";
import type { NamedConfig } from "../models/dlrm/configs.ts";
import {
  type EmbeddingFamily,
  type EmbeddingMaker,
  type EmbeddingOptions,
  oneOf,
} from "../models/embeddings/embedding.ts";
import { familyByName } from "../models/embeddings/registry.ts";
import { roundings, storages } from "../models/embeddings/storage.ts";
import { type Flags, number, sizes, text, whole } from "./flags.ts";

const optimizers: Readonly<Record<string, (rate: number) => Optimizer>> = {
  sgd,
  adagrad,
  rowWiseAdagrad,
  adam,
  sparseAdam,
  rmsprop,
};

export const optimizerNames: readonly string[] = Object.keys(optimizers);

/** Flags that choose an embedding, for `parseArgs`. */
export const embeddingFlags = {
  embedding: { type: "string" },
  compression: { type: "string" },
  memory: { type: "string" },
  block: { type: "string" },
  index: { type: "string" },
  hash: { type: "string" },
  sign: { type: "string" },
  hashes: { type: "string" },
  collisions: { type: "string" },
  threshold: { type: "string" },
  operation: { type: "string" },
  "hot-share": { type: "string" },
  bias: { type: "boolean" },
  temperature: { type: "string" },
  rank: { type: "string" },
  width: { type: "string" },
  pooling: { type: "string" },
  "table-scale": { type: "boolean" },
  storage: { type: "string" },
  rounding: { type: "string" },
} as const;

/** The embedding that the flags describe; `touched` are the rows that `--touched` speaks of. */
export const embeddingFrom = (flags: Flags, touched?: TouchedRows): EmbeddingMaker =>
  familyFrom(flags).make({ ...optionsFrom(flags), ...(touched && { touched }) });

/** The family that `--embedding` names. */
export const familyFrom = (flags: Flags): EmbeddingFamily => familyByName(text(flags, "embedding") ?? "full");

/** What the flags say of an embedding. */
export function optionsFrom(flags: Flags): EmbeddingOptions {
  const given: { -readonly [name in keyof EmbeddingOptions]: EmbeddingOptions[name] | undefined } = {
    memory: whole(flags, "memory", 1),
    compression: number(flags, "compression"),
    block: whole(flags, "block", 1),
    index: text(flags, "index"),
    hash: text(flags, "hash"),
    sign: text(flags, "sign"),
    hashes: whole(flags, "hashes", 1),
    collisions: whole(flags, "collisions", 1),
    threshold: whole(flags, "threshold", 0),
    operation: text(flags, "operation"),
    hotShare: number(flags, "hot-share"),
    bias: flags.bias === true ? true : undefined,
    temperature: number(flags, "temperature"),
    rank: whole(flags, "rank", 1),
    width: whole(flags, "width", 1),
    pooling: poolingFrom(text(flags, "pooling")),
    tableScale: flags["table-scale"] === true ? true : undefined,
    storage: oneOf("storage", text(flags, "storage"), storages, "f32"),
    rounding: roundingFrom(text(flags, "rounding")),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

const roundingFrom = (given: string | undefined) =>
  given === undefined ? undefined : oneOf("rounding", given, roundings, "nearest");

function poolingFrom(given: string | undefined): "sum" | "mean" | "learned" | undefined {
  if (given === undefined || given === "sum" || given === "mean" || given === "learned") return given;
  throw new InputError(`There is no pooling "${given}"; choose sum, mean or learned.`);
}

/** Layers and dim: the named config's, or small ones, with what the flags change. */
export function layersFrom(flags: Flags, config: NamedConfig | undefined) {
  const dim = whole(flags, "dim", 1) ?? config?.dim ?? 16;
  return {
    dim,
    bottom: sizes(flags, "bottom") ?? config?.bottom ?? [64, dim],
    top: sizes(flags, "top") ?? config?.top ?? [64, 32, 1],
  };
}

/** The optimizer that the flags or the config name. Default: Adagrad at 0.05. */
export function optimizerFrom(flags: Flags, config: NamedConfig | undefined): Optimizer {
  const name = text(flags, "optimizer") ?? config?.optimizer ?? "adagrad";
  const make = optimizers[name];
  if (make === undefined)
    throw new InputError(`There is no optimizer "${name}"; choose one of ${optimizerNames.join(", ")}.`);
  const usual = { sgd: 0.1, adam: 0.001, sparseAdam: 0.001, rmsprop: 0.001 }[name] ?? 0.05;
  return make(number(flags, "lr") ?? (name === config?.optimizer ? config.rate : usual));
}
