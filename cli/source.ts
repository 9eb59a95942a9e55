import { InputError, require } from "../core/errors.ts";
import type { Dataset } from "../models/data/dataset.ts";
import { criteo } from "../models/data/formats/criteo.ts";
import { csv } from "../models/data/formats/csv.ts";
import { flights } from "../models/data/formats/flights.ts";
import { type Parts, split } from "../models/data/split.ts";
import type { Quality } from "../models/data/synthetic/bayes.ts";
import { regimeByName } from "../models/data/synthetic/regimes.ts";
import type { Strengths } from "../models/data/synthetic/signal.ts";
import { type Synthetic, synthetic } from "../models/data/synthetic/synthetic.ts";
import type { NamedConfig } from "../models/dlrm/configs.ts";
import { type Flags, names, sizes, text, whole } from "./flags.ts";

const flag = { type: "string" } as const;

/** Flags that say which rows, for `parseArgs`. */
export const sourceFlags = {
  data: flag,
  label: flag,
  dense: flag,
  categorical: flag,
  "table-rows": flag,
  tables: flag,
  rows: flag,
  config: flag,
  split: flag,
} as const;

/** The rows that `--data` names, cut in three, and the best possible quality where it is known. */
export interface Source extends Parts {
  readonly best?: Quality;
  /** What the true probabilities reach on the labels that were drawn. */
  readonly realised?: Quality;
  readonly strengths?: Strengths;
}

/** Synthetic clicks where the flags say nothing: few ids, each seen often, so that a full table can come near the best. */
const easy = { tables: [30, 20, 10], rows: 600_000 };

/** Rows of a regime, whose claims are for so many. */
const regimeRows = 2_000_000;

/** Opens `--data`, cut in three by `--seed`. */
export async function openSource(flags: Flags, config: NamedConfig | undefined): Promise<Source> {
  return (await openRows(flags, config))(whole(flags, "seed", 0) ?? 0);
}

/** Opens `--data` once, to be cut in three by any seed. */
export async function openRows(
  flags: Flags,
  config: NamedConfig | undefined,
): Promise<(seed: number) => Promise<Source>> {
  const data = text(flags, "data");
  require(data !== undefined, () =>
    "Say what to train on: --data criteo:FILE, csv:FILE, flights, synthetic or synthetic:REGIME.");
  const colon = data.indexOf(":");
  const [kind, file] = colon < 0 ? [data, undefined] : [data.slice(0, colon), data.slice(colon + 1)];
  const tables = sizes(flags, "tables") ?? config?.tables;
  const rows = whole(flags, "rows", 1);
  const by = splitKind(text(flags, "split"));
  const cut = (data: Dataset) => (seed: number) => split(data, { by, seed });
  switch (kind) {
    case "criteo":
      return cut(criteo(fileOf(kind, file), tables ? { tables } : {}));
    case "csv":
      return cut(csv(fileOf(kind, file), csvColumns(flags)));
    case "flights":
      return cut(await flights(rows === undefined ? {} : { rows }));
    case "synthetic":
      return async (seed) => clicks({ regime: file, tables, dense: config?.dense, rows, seed });
    default:
      throw new InputError(
        `There is no data "${data}"; choose criteo:FILE, csv:FILE, flights, synthetic or synthetic:REGIME.`,
      );
  }
}

interface Clicks {
  readonly regime: string | undefined;
  readonly tables: readonly number[] | undefined;
  readonly dense: number | undefined;
  readonly rows: number | undefined;
  readonly seed: number;
}

function clicks({ regime, tables, dense = 4, rows, seed }: Clicks): Synthetic {
  if (regime === undefined)
    return synthetic({ tables: tables ?? easy.tables, dense, rows: rows ?? easy.rows, seed });
  const planted = regimeByName(regime);
  require(tables !== undefined, () =>
    `--data synthetic:${regime} needs tables: give --config criteo-tb, or --tables ROWS,ROWS,….`);
  return synthetic({ tables, dense, rows: rows ?? regimeRows, seed, ...planted(tables) });
}

function fileOf(kind: string, file: string | undefined): string {
  require(file !== undefined && file !== "", () => `--data ${kind} needs a file: --data ${kind}:FILE.`);
  return file;
}

function splitKind(given: string | undefined): "random" | "order" {
  if (given === undefined || given === "random" || given === "order") return given ?? "random";
  throw new InputError(`There is no split "${given}"; choose random or order.`);
}

function csvColumns(flags: Flags) {
  const label = text(flags, "label");
  require(label !== undefined, () => "--data csv:FILE needs --label COLUMN, the column with 0 or 1.");
  const [dense, categorical] = [names(flags, "dense"), names(flags, "categorical")];
  require(dense.length > 0, () => "--data csv:FILE needs --dense A,B: at least one column of numbers.");
  require(categorical.length > 0, () =>
    "--data csv:FILE needs --categorical C,D: at least one column of ids.");
  const rows = whole(flags, "table-rows", 1);
  return {
    label,
    dense,
    categorical,
    ...(rows !== undefined && { rows }),
  };
}
