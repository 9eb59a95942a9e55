import { check } from "../../core/errors.ts";
import { cached } from "../../models/data/cached.ts";
import type { Dataset } from "../../models/data/dataset.ts";
import { sources } from "../../models/data/registry.ts";
import type { Source, SourceKind, Wanted } from "../../models/data/source.ts";
import { type Parts, partsOf } from "../../models/data/split.ts";
import type { NamedConfig } from "../../models/dlrm/configs.ts";
import type { About } from "../../models/dlrm/saved/about.ts";
import type { Chooser, Chosen, Texts } from "../flags.ts";
import { withArgument } from "./help.ts";

/** `--data` */
export const dataFlag: Chooser<SourceKind> = {
  what: "data",
  all: sources,
  help: "which rows",
};

/**
 * Opens what `--data` chose once, to be cut in three by any seed: for the numbers and tables of a named config or of a saved
 * model, where there is one. Rows that fit are kept in memory: those to choose by are walked many times.
 */
export async function openRows(
  data: Chosen<SourceKind> | undefined,
  shape: Pick<NamedConfig, "dense" | "tables"> | undefined,
  wanted: Pick<Wanted, "watch" | "features" | "exact"> = {},
): Promise<(seed: number) => Promise<Source>> {
  const { kind, argument, options } = chosenRows(data);
  const open = await kind.open(argument, options, {
    ...wanted,
    dense: shape?.dense,
    tables: shape?.tables,
  });
  return async (seed) => {
    const source = await open(seed);
    const { exact } = source;
    return {
      ...source,
      ...cachedParts(source),
      ...(exact && { exact: { ...exact, ...cachedParts(exact) } }),
    };
  };
}

const cachedParts = (parts: Parts): Parts => partsOf((part) => cached(parts[part]));

/** All rows of what `--data` chose, to be measured by a saved model; `seed` is of rows that are made. */
export async function wholeRows(
  data: Chosen<SourceKind> | undefined,
  { file, about: { config, features } }: { readonly file: string; readonly about: About },
  seed: number,
): Promise<Dataset> {
  const { kind, argument, options } = chosenRows(data);
  const { dense, tables } = config;
  return kind.whole(
    argument,
    options,
    { dense, tables, features: features && { all: features, file } },
    seed,
  );
}

function chosenRows(data: Chosen<SourceKind> | undefined): Chosen<SourceKind> {
  check(data !== undefined, () => `Say which rows: --data ${sources.map(withArgument).join(", ")}.`);
  return data;
}

/** Of what was written, that which says which rows. */
export const dataTexts = (texts: Texts): Texts => {
  const own = new Set(["data", "config", ...sources.flatMap(({ options }) => Object.keys(options))]);
  return Object.fromEntries(Object.entries(texts).filter(([name]) => own.has(name)));
};
