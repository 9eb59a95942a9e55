import { statSync } from "node:fs";
import { crc32 } from "node:zlib";
import { cpu } from "../../backends/cpu/index.ts";
import { partNames } from "../../models/data/split.ts";
import { interactionSize } from "../../models/dlrm/interaction.ts";
import type { About } from "../../models/dlrm/saved/about.ts";
import { digits, type Entry, widthOf } from "../../models/dlrm/saved/header.ts";
import { isRecord, type Json } from "../../models/dlrm/saved/json.ts";
import { type Looked, look } from "../../models/dlrm/saved/load.ts";
import { optimizerIn } from "../../models/dlrm/saved/optimizers.ts";
import { inspect } from "../../models/embeddings/inspect.ts";
import { virtualFloats } from "../../models/embeddings/scheme.ts";
import { stretchesOf, textFrom, wholeFrom } from "./history.ts";
import { nextOf } from "./next.ts";

/** All that a saved model's file says: what `inspect FILE --json` prints. null is what it does not say. */
export type Report = Awaited<ReturnType<typeof reportOf>>;

/** What the saved model at `file` is. Throws an InputError where it is none, or one that `load` refuses. */
export async function reportOf(file: string) {
  const looked = await look(file, cpu);
  const { about } = looked;
  const { size, mtime } = statSync(file);
  return {
    ...{ file, bytes: size, changed: mtime.toISOString(), version: about.version ?? null },
    label: about.features?.label ?? null,
    data: dataOf(about.data),
    samplingRate: about.samplingRate ?? 1,
    columns: columnsOf(about),
    embedding: embeddingOf(looked),
    layers: layersOf(looked),
    optimizer: optimizerOf(looked),
    model: modelOf(looked),
    training: trainingOf(about),
    history: stretchesOf(about),
    quality: about.quality ?? null,
    next: nextOf(file, about),
  };
}

/** What a model was trained on, as far as it is said as this program says it. */
function dataOf(data: Json | undefined) {
  if (!isRecord(data)) return null;
  const rows = isRecord(data.rows) ? data.rows : {};
  const parts = partNames.map((name) => [name, countsOf(rows[name])] as const);
  return {
    name: textFrom(data.name),
    rows: Object.fromEntries(parts) as Record<(typeof partNames)[number], ReturnType<typeof countsOf>>,
    /** Alike of models whose rows had the same name, counts, and labels along the file. */
    identity: digits(crc32(JSON.stringify(data))),
  };
}

function countsOf(part: unknown) {
  const { rows, ones } = isRecord(part) ? part : {};
  const [all, labeled] = [wholeFrom(rows), wholeFrom(ones)];
  return all === null || labeled === null || labeled > all ? null : { rows: all, ones: labeled };
}

function columnsOf({ features }: About) {
  if (!features) return null;
  return {
    dense: features.dense.map(({ column, scaling, range }) => ({ column, scaling, range: range ?? null })),
    categorical: features.categorical.map(({ column, rows, distinct, separator, vocabulary }) => ({
      ...{ column, rows, distinct, separator: separator ?? null },
      /** Whether each id of the rows to train on has a row of its own. */
      exact: vocabulary !== undefined,
    })),
  };
}

/** Floats and bytes of arrays, as a file keeps them. */
function sizeOf(entries: readonly Entry[]) {
  return {
    floats: entries.reduce((n, { size }) => n + size, 0),
    bytes: entries.reduce((n, { size, dtype }) => n + size * widthOf(dtype), 0),
  };
}

/** The arrays of a file by what they are. */
function arraysOf({ about: { config }, entries }: Looked) {
  const layers = (["bottom", "top"] as const).flatMap((name) =>
    config[name].flatMap((_, i) => [`${name}.${i}.weight`, `${name}.${i}.bias`]),
  );
  const all = [...entries.values()];
  const isState = ({ name }: Entry) => /\/state\.\d+$/.test(name);
  const isOfLayers = ({ name }: Entry) => layers.includes(name);
  const isIds = ({ name }: Entry) => /^(features\.vocabulary|embedding\.rows)\.\d+$/.test(name);
  return {
    layers: all.filter(isOfLayers),
    state: all.filter(isState),
    embedding: all.filter((entry) => !isOfLayers(entry) && !isState(entry) && !isIds(entry)),
  };
}

function embeddingOf(looked: Looked) {
  const { about, blank, entries } = looked;
  const { config, embedding } = about;
  const found = blank && inspect(blank.embedding);
  const kept = blank
    ? blank.embedding.parameters.map(({ name }) => entries.get(name)!)
    : arraysOf(looked).embedding;
  const { floats, bytes } = found ? { floats: found.memorySize, bytes: found.bytes } : sizeOf(kept);
  const ids = idsOf(looked);
  const ofFloats = (full: number) => (4 * full) / bytes;
  return {
    ...{ family: embedding.family, options: embedding.options },
    seed: wholeFrom(embedding.options.seed) ?? config.seed,
    ...{
      tables: config.tables.length,
      dim: config.dim,
      rows: config.tables.reduce((n, rows) => n + rows, 0),
    },
    ...{ floats, bytes },
    /** How this file keeps the floats. */
    storage: [...new Set(kept.map(({ dtype }) => dtype))].toSorted(),
    /** Ids that occur: of each column about so many among the rows to train on; or rows that all its data looked up. */
    ids,
    /** Bytes of 32-bit floats over the bytes that stand for them: of whole tables, and of a row for each id that occurs. */
    compression: {
      ofTables: ofFloats(virtualFloats(config)),
      ofIds: ids === null ? null : ofFloats(ids * config.dim),
    },
    guarantee: found?.guarantee ?? null,
    load: found?.load ?? null,
  };
}

function idsOf({ about: { features }, blank }: Looked): number | null {
  const lazy = blank?.embedding.origin?.rows;
  if (features && features.categorical.length > 0)
    return features.categorical.reduce((n, { distinct }) => n + distinct, 0);
  return lazy?.count ?? null;
}

function layersOf(looked: Looked) {
  const { dense, tables, dim, bottom, top, interaction, itself, loss, clamp, seed } = looked.about.config;
  const width = interactionSize({ interaction, itself }, tables.length, dim);
  return {
    bottom: [dense, ...bottom],
    top: [width, ...top],
    ...{ interaction, itself, loss, clamp, seed },
    ...sizeOf(arraysOf(looked).layers),
  };
}

function optimizerOf(looked: Looked) {
  const { optimizer } = looked.about;
  const state = sizeOf(arraysOf(looked).state);
  if (!optimizer) return null;
  const { name, learningRate, options = {} } = optimizer;
  return {
    name,
    learningRate,
    options,
    state: { arrays: optimizerIn({ optimizer })?.state.length ?? null, ...state },
  };
}

/** Floats and bytes of all that is learned. */
function modelOf(looked: Looked) {
  const { embedding, layers } = arraysOf(looked);
  if (!looked.blank) return sizeOf([...embedding, ...layers]);
  const { parameters, embedding: own } = looked.blank;
  const floats = parameters.reduce((n, { size }) => n + size, 0);
  return { floats, bytes: own.bytes + 4 * (floats - own.memorySize) };
}

function trainingOf({ training }: About) {
  if (!training) return null;
  const { step, priorSteps = 0, ended, best } = training;
  const { step: at, value, judge } = isRecord(best) ? best : {};
  const measured = wholeFrom(at);
  return {
    /** Steps that this model has taken on the rows of its data, and before that on others. */
    ...{ step, priorSteps: wholeFrom(priorSteps) },
    ended: ended ?? null,
    /** The best measurement so far on the rows to choose by, and of what: log loss, in a study AUC. */
    best:
      measured !== null && Number.isFinite(value)
        ? {
            step: measured,
            judge: judge === "auc" ? ("auc" as const) : ("logLoss" as const),
            value: value as number,
          }
        : null,
  };
}
