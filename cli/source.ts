import { check } from "../core/errors.ts";
import { sources } from "../models/data/registry.ts";
import type { Source, SourceKind } from "../models/data/source.ts";
import type { NamedConfig } from "../models/dlrm/configs.ts";
import type { Chooser, Chosen, Texts } from "./flags.ts";
import { withArgument } from "./help.ts";

/** `--data` */
export const dataFlag: Chooser<SourceKind> = {
  what: "data",
  all: sources,
  help: "which rows",
};

/** Opens what `--data` chose once, to be cut in three by any seed; `watch` is told how many rows a first walk has read. */
export async function openRows(
  data: Chosen<SourceKind> | undefined,
  config: NamedConfig | undefined,
  watch?: (rows: number) => void,
): Promise<(seed: number) => Promise<Source>> {
  check(data !== undefined, () => `Say which rows: --data ${sources.map(withArgument).join(", ")}.`);
  return data.kind.open(data.argument, data.options, {
    dense: config?.dense,
    tables: config?.tables,
    watch,
  });
}

/** Of what was written, that which says which rows. */
export const dataTexts = (texts: Texts): Texts => {
  const own = new Set(["data", "config", ...sources.flatMap(({ options }) => Object.keys(options))]);
  return Object.fromEntries(Object.entries(texts).filter(([name]) => own.has(name)));
};
