import { check, shown } from "../../../core/errors.ts";
import {
  accepted,
  choiceOption,
  listOption,
  numberOption,
  switchOption,
  wholeOption,
} from "../../../core/options.ts";
import { asFeatures, type Features, inJson } from "../../data/encoders/features.ts";
import type { Vocabulary } from "../../data/encoders/vocabulary.ts";
import type { Dlrm, DlrmConfig } from "../dlrm.ts";
import { isRecord, type Json } from "./json.ts";
import { checkQuality, type SavedQuality } from "./quality.ts";

/** How a training ended. */
export type Ended = {
  /** Steps it took in all, of which the model that is kept may not be the last. */
  readonly step: number;
  /** Whether patience ended it before all steps that it was given. */
  readonly early: boolean;
  /** How far the logit of the model was moved after its last step, for its probabilities to be right on average. */
  readonly shift: number;
};

/** How far a training is. */
export interface Training {
  /** Steps taken. */
  readonly step: number;
  /** Steps taken before, on other rows. */
  readonly priorSteps?: Json;
  /** How it ended; absent of a training that goes on, or did when this was saved. */
  readonly ended?: Ended;
  /** Whatever else its caller needs to go on. */
  readonly [name: string]: Json;
}

/** What a model's file says besides its numbers, as far as the caller has to say it. */
export interface AboutGiven<Kept = Vocabulary> {
  /** Columns and their encoders: by which raw rows are read as the model was trained. */
  readonly features?: Features<Kept>;
  /** Share of the rows labeled 0 that the rows it was trained on kept; its probabilities are of those. Absent: all. */
  readonly samplingRate?: number;
  /** What trained it; a family's name where it has one, and the options that it was given. */
  readonly optimizer?: {
    readonly name: string;
    readonly learningRate: number;
    readonly options?: { readonly [name: string]: Json };
  };
  readonly training?: Training;
  /** What it was trained on. */
  readonly data?: Json;
  /** What happened to it, one entry after the other. */
  readonly history?: readonly Json[];
  /** Flags of the command line that trained it, as texts. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How good it is. A model that goes on is another one, whose own replaces this. */
  readonly quality?: SavedQuality;
  /** Version of the program that trained it. */
  readonly version?: string;
}

/** All that a model's file says besides its numbers. In its JSON `Kept` is `true`: vocabularies are arrays beside it. */
export interface About<Kept = Vocabulary> extends AboutGiven<Kept> {
  /** Everything that defines the model but its embedding. */
  readonly config: Required<Omit<DlrmConfig, "embedding" | "backend">>;
  /** The family of the embedding and what it was given, or the family `own`, which only a program knows. */
  readonly embedding: { readonly family: string; readonly options: { readonly [name: string]: Json } };
}

/** The family of an embedding that no family made. */
export const own = "own";

const layers = () => listOption(wholeOption({ from: 1, help: "" }), { help: "" });
const config = {
  name: "config",
  options: {
    dense: wholeOption({ from: 1, help: "" }),
    tables: listOption(wholeOption({ from: 1, to: 2 ** 32, help: "" }), { help: "" }),
    dim: wholeOption({ from: 1, help: "" }),
    bottom: layers(),
    top: layers(),
    interaction: choiceOption(["dot", "cat"], { help: "" }),
    itself: switchOption({ help: "" }),
    loss: choiceOption(["bce", "mse"], { help: "" }),
    clamp: numberOption({ from: 0, help: "" }),
    seed: wholeOption({ help: "" }),
  },
};

/** What is known of `model` itself, and what is given of it. */
export function aboutOf(model: Dlrm, { features, ...given }: AboutGiven): About<true> {
  const { dense, tables, dim, bottom, top, interaction = "dot", itself = false, loss = "bce" } = model.config;
  const { clamp = 0, seed = 0 } = model.config;
  const { origin } = model.embedding;
  const options = { ...origin?.options, ...(origin?.rows && { lazyRows: true }) };
  return {
    config: { dense, tables, dim, bottom, top, interaction, itself, loss, clamp, seed },
    embedding: { family: origin?.family ?? own, options: options as About["embedding"]["options"] },
    ...(features && { features: inJson(features) }),
    ...given,
  };
}

const fields = [
  ...["config", "embedding", "features", "samplingRate", "optimizer", "training", "data", "history"],
  ...["settings", "quality", "version"],
];

/** `value` if it is what {@link aboutOf} makes, in all but what only its caller can know. Throws an InputError otherwise. */
export function checkedAbout(value: unknown): About<true> {
  check(isRecord(value), () => "its description is no object");
  const stray = Object.keys(value).find((name) => !fields.includes(name));
  check(stray === undefined, () => `its description has a field ${shown(stray)}, which none has`);
  check(isRecord(value.config), () => "its description has no config");
  accepted(config, value.config);
  const missing = Object.keys(config.options).find((name) => !Object.hasOwn(value.config as object, name));
  check(missing === undefined, () => `its config has no ${missing}`);
  const { embedding, optimizer, training, history, settings, quality, version } = value;
  check(
    isRecord(embedding) && typeof embedding.family === "string" && isRecord(embedding.options),
    () => "its description has no embedding: a family, and options",
  );
  if (value.features !== undefined)
    asFeatures(value.features, value.config as unknown as About["config"], "its features");
  if (value.samplingRate !== undefined)
    numberOption({ above: 0, to: 1, help: "" }).accept(value.samplingRate, "its sampling rate");
  if (optimizer !== undefined) checkOptimizer(optimizer);
  if (training !== undefined) {
    check(isRecord(training), () => "what it says of its training is no object");
    wholeOption({ from: 0, help: "" }).accept(training.step, "the step of its training");
    if (training.ended !== undefined) checkEnded(training.ended, training.step as number);
  }
  check(history === undefined || Array.isArray(history), () => "its history is no list");
  check(
    settings === undefined ||
      (isRecord(settings) && Object.values(settings).every((text) => typeof text === "string")),
    () => "its settings are no texts by name",
  );
  if (quality !== undefined) checkQuality(quality);
  check(version === undefined || typeof version === "string", () => "its version is no text");
  return value as unknown as About<true>;
}

/** Throws an InputError unless `value` could describe an optimizer: `optimizerIn` knows whether there is one. */
function checkOptimizer(value: unknown): void {
  check(
    isRecord(value) &&
      typeof value.name === "string" &&
      (value.options === undefined || isRecord(value.options)),
    () => "what it says of its optimizer is no name, learning rate and options",
  );
  numberOption({ from: 0, help: "" }).accept(value.learningRate, "the learning rate of its optimizer");
}

/** Throws an InputError unless `value` could be the end of a training whose model is that of step `kept`. */
function checkEnded(value: unknown, kept: number): void {
  check(
    isRecord(value) && `${Object.keys(value).toSorted()}` === "early,shift,step",
    () => "the end of its training must have step, early and shift and nothing else",
  );
  wholeOption({ from: kept, help: "" }).accept(value.step, "the last step of its training");
  check(typeof value.early === "boolean", () => "it does not say whether its training ended early");
  numberOption({ help: "" }).accept(value.shift, "how far its logit was moved");
}

/** By which features raw rows are read. Throws an InputError where the file, `file` in sentences, has none. */
export function featuresOf({ features, data }: About, file: string): Features {
  const name = isRecord(data) && typeof data.name === "string" ? ` on ${shown(data.name)}` : "";
  check(
    features !== undefined,
    () =>
      `${file} does not say by which columns rows are read: its model was trained${name}, not on a CSV or Parquet file. Train on one with --checkpoint DIR, which writes DIR/model.safetensors.`,
  );
  return features;
}
