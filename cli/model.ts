import type { OptimizerFamily } from "../core/optimizers/family.ts";
import { optimizers } from "../core/optimizers/index.ts";
import type { Optimizer } from "../core/optimizers/optimizer.ts";
import { choiceOption, listOption, numberOption, wholeOption } from "../core/options.ts";
import { configByName, configs, type NamedConfig } from "../models/dlrm/configs.ts";
import type { EmbeddingFamily } from "../models/embeddings/family.ts";
import { families } from "../models/embeddings/registry.ts";
import type { Choosing, Chosen, Texts } from "./flags.ts";

export const configFlag = choiceOption(Object.keys(configs), {
  help: "a published model: its layers, tables, optimizer and batch",
});

const layersOption = (help: string, usual: string) =>
  listOption(
    wholeOption({ from: 1, help: "" }),
    { form: "N-N-…", help, otherwise: `the config's, or ${usual}` },
    /[,-]/,
  );

/** Flags of a model's layers. */
export const layerFlags = {
  dim: wholeOption({ from: 1, help: "floats of a row", otherwise: "the config's, or 16" }),
  bottom: layersOption("widths of the bottom layers, the last one the dim", "64-dim"),
  top: layersOption("widths of the top layers, the last one 1", "64-32-1"),
};

interface Layers {
  readonly dim?: number | undefined;
  readonly bottom?: readonly number[] | undefined;
  readonly top?: readonly number[] | undefined;
}

/** Layers and dim: the named config's, or small ones, with what the flags change. */
export function layersFrom(flags: Layers, config: NamedConfig | undefined) {
  const dim = flags.dim ?? config?.dim ?? 16;
  return {
    dim,
    bottom: flags.bottom ?? config?.bottom ?? [64, dim],
    top: flags.top ?? config?.top ?? [64, 32, 1],
  };
}

/** The config that `--config` names. */
export const configFrom = ({ config }: { readonly config?: string | undefined }): NamedConfig | undefined =>
  config === undefined ? undefined : configByName(config);

export const seedFlag = (help: string) => wholeOption({ from: 0, default: 0, help });

/** `--embedding` */
export const embeddingFlag: Choosing<EmbeddingFamily> = {
  what: "embedding",
  all: families,
  help: "how tables are kept",
  usual: () => "full",
  otherwise: "full",
};

/** `--optimizer` */
export const optimizerFlag: Choosing<OptimizerFamily> = {
  what: "optimizer",
  all: optimizers,
  help: "how a step changes weights",
  usual: ({ config }: Texts) =>
    (config !== undefined && Object.hasOwn(configs, config) ? configs[config]?.optimizer : undefined) ??
    "adagrad",
  otherwise: "the config's, or adagrad",
};

export const rateFlag = numberOption({
  above: 0,
  form: "RATE",
  help: "learning rate",
  otherwise: `the config's, or of the optimizer: ${optimizers.map((o) => `${o.name} ${o.usualRate}`).join(", ")}`,
});

/** The optimizer that was chosen, at `--lr`, the config's rate, or the one that is usual for it. */
export function optimizerFrom(
  { kind, options }: Chosen<OptimizerFamily>,
  rate: number | undefined,
  config: NamedConfig | undefined,
): Optimizer {
  return kind.make(rate ?? (kind.name === config?.optimizer ? config.rate : kind.usualRate), options);
}
