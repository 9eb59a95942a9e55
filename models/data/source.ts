import { check, shown, shownWord } from "../../core/errors.ts";
import {
  accepted,
  type Choice,
  choiceOption,
  flagOf,
  type Given,
  listOption,
  type Options,
  wholeOption,
} from "../../core/options.ts";
import type { Dataset } from "./dataset.ts";
import type { Features } from "./encoders/features.ts";
import { type Parts, partOf, selected } from "./split.ts";
import { type Survey, survey } from "./survey.ts";
import type { Quality } from "./synthetic/bayes.ts";
import type { Strengths } from "./synthetic/signal.ts";

/** Rows that were read by features. */
export interface Encoded extends Parts {
  readonly features: Features;
}

/** Rows cut in three, what they are, and the best possible quality where it is known. */
export interface Source extends Parts {
  readonly survey: Survey;
  /** What the columns of a file became. */
  readonly features?: Features;
  /** The same rows, where each id of the rows to train on has a row of its table to itself; where that was wanted, of a file. */
  readonly exact?: Encoded;
  /** The same in words, a line each. */
  readonly columns?: readonly string[];
  readonly best?: Quality;
  /** What the true probabilities reach on the labels that were drawn. */
  readonly realized?: Quality;
  readonly strengths?: Strengths;
}

/** What a named model takes, where the source leaves it open, and who is told how many rows a first walk has read. */
export interface Wanted {
  readonly dense?: number | undefined;
  readonly tables?: readonly number[] | undefined;
  readonly watch?: ((rows: number) => void) | undefined;
  /** Whether rows of a file are wanted {@link Source.exact}ly, too. */
  readonly exact?: boolean | undefined;
  /** By which the rows are read, where a model was trained before: nothing is fitted to them. */
  readonly features?: KnownFeatures | undefined;
}

/** Features of a saved model. */
export interface KnownFeatures {
  readonly all: Features;
  /** Its file, for sentences. */
  readonly file: string;
}

/** A kind of rows by name, `csv` of `--data csv:FILE`: what the command line offers. */
export interface SourceKind<Declared extends Options = Options> extends Choice {
  readonly options: Declared;
  /** What follows the colon: `FILE`. Absent where nothing may. */
  readonly argument?: { readonly form: string; readonly isOptional?: true };
  /** Whether rows can be read by the features of a saved model. */
  readonly hasNamedColumns?: true;
  /** Opens it once, to be cut in three by any seed. Throws an InputError where it cannot be opened. */
  open(
    argument: string | undefined,
    options: Given<Declared>,
    wanted: Wanted,
  ): Promise<(seed: number) => Promise<Source>>;
  /**
   * All of its rows as they come, to be measured by a model of the shape that is wanted; the seed is of rows that are made.
   * Throws an InputError where it cannot be opened.
   */
  whole(
    argument: string | undefined,
    options: Given<Declared>,
    wanted: Wanted,
    seed: number,
  ): Promise<Dataset>;
}

/** The kind that is described; it throws an InputError for an option that it does not have. */
export const sourceKind = <Declared extends Options>(kind: SourceKind<Declared>): SourceKind<Declared> => ({
  ...kind,
  async open(argument, options, wanted) {
    checkArgument(kind, argument, wanted);
    return kind.open(argument, accepted(kind, options), wanted);
  },
  async whole(argument, options, wanted, seed) {
    checkArgument(kind, argument, wanted);
    for (const name of ["split", "time", "group"])
      check(
        (options as Readonly<Record<string, unknown>>)[name] === undefined,
        () =>
          `${flagOf(name)} says how rows are cut or go together, but all are measured alike; leave it out.`,
      );
    return kind.whole(argument, accepted(kind, options), wanted, seed);
  },
});

function checkArgument(
  { name, argument: takes, hasNamedColumns }: Pick<SourceKind, "name" | "argument" | "hasNamedColumns">,
  argument: string | undefined,
  { features }: Wanted,
): void {
  check(
    takes !== undefined || argument === undefined,
    () => `--data ${name} takes nothing after a colon, but was given ${shown(argument)}.`,
  );
  const isMissing = takes !== undefined && !takes.isOptional && !argument;
  check(
    !isMissing && argument !== "",
    () => `--data ${name} needs a ${takes?.form}: --data ${name}:${takes?.form}.`,
  );
  check(
    features === undefined || hasNamedColumns === true,
    () =>
      `--data ${name} has no columns with the names by which ${shownWord(features!.file)} reads rows; give csv:FILE, parquet:FILE or arrow:FILE.`,
  );
}

/** How rows are cut in three: 80 % to train on, 10 % to choose by, 10 % to test on. */
export const splitOption = choiceOption(["random", "order"], {
  default: "random",
  help: "cuts 80 % to train on, 10 % to choose by, 10 % to test on: by the seed, or by their order",
});

export const tablesOption = listOption(
  wholeOption({ from: 1, to: 2 ** 32, help: "" }),
  { form: "N,N,…", help: "rows of each table", otherwise: "the config's" },
  /[,-]/,
);

/** Cuts `data` by any seed, and counts its rows. */
export const cutBy =
  (data: Dataset, by: "random" | "order" = splitOption.default, watch?: Wanted["watch"]) =>
  async (seed: number): Promise<Source> => {
    const part = await partOf(data, { by, seed });
    return { ...selected(data, part), survey: await survey([{ data, part }], { watch }) };
  };
