import { check, shownWord } from "../core/errors.ts";
import { writeWhole } from "../core/file.ts";
import { counted } from "../core/format.ts";
import { wholeOption } from "../core/options.ts";
import { ofFeatures } from "../models/data/formats/table.ts";
import { filesNamed } from "../models/data/reader/files.ts";
import type { Source, SourceKind } from "../models/data/source.ts";
import { dlrm } from "../models/dlrm/dlrm.ts";
import { fullFamily } from "../models/embeddings/families/full.ts";
import { backendFlag, backendFrom } from "./common/backend.ts";
import { knownWithLine } from "./common/known.ts";
import { machine } from "./common/machine.ts";
import { dataFlag } from "./common/source.ts";
import { type Chosen, type Flags, fileFlag, jsonFlag, verb } from "./flags.ts";
import {
  embeddingFlag,
  layerFlags,
  layersFrom,
  optimizerFlag,
  optimizerFrom,
  rateFlag,
  seedFlag,
} from "./model.ts";
import { passingLine, standardError } from "./progress.ts";
import { type Day, dayByDay, describeDays } from "./training/days.ts";

const flags = {
  data: dataFlag,
  ...layerFlags,
  embedding: { ...embeddingFlag, help: "how tables are kept, beside full ones" },
  optimizer: optimizerFlag,
  lr: rateFlag,
  batch: wholeOption({ from: 1, help: "rows of a step", otherwise: "256" }),
  epochs: wholeOption({ from: 1, default: 1, help: "walks over the rows of a day" }),
  seed: seedFlag("of the splits, weights, hashes and order of the rows"),
  backend: backendFlag,
  html: fileFlag("a page with a picture"),
  json: jsonFlag,
};

type DaysFlags = Flags<typeof flags>;

/** `pss-dlrm days` */
export const daysVerb = verb({
  name: "days",
  about:
    "Trains day by day on files in their order, and measures on all rows of each day before they are trained on (progressive validation). Columns are read as the first day's rows suggest.",
  flags,
  async run(given) {
    const { html, json, data } = given;
    const files = filesOf(data);
    const names = files.map(shownWord);
    if (!json)
      standardError.out.write(
        `Trains day by day on ${counted(files.length, "file")}, ${names[0]} first, and measures each before it is trained on.\n`,
      );
    const { backend } = await backendFrom(given.backend);
    const optimizer = optimizerFrom(given.optimizer, given.lr, undefined);
    const line = passingLine(json === true);
    const days: Day[] = [];
    const sources = opened(files, data!, given.seed, (rows) => line.show(`reading: ${rows} rows`));
    const made = async (source: Source) =>
      (await modelsOf(given, source)).map(({ name, embedding }) => {
        const { dense, tables } = source.train;
        return {
          name,
          model: dlrm({
            dense,
            tables,
            ...layersFrom(given, undefined),
            embedding,
            backend,
            seed: given.seed,
          }),
        };
      });
    for await (const day of dayByDay(sources, made, {
      optimizer,
      batch: given.batch ?? 256,
      epochs: given.epochs,
      seed: given.seed,
    })) {
      days.push(day);
      line.show(`${day.name}: ${day.rows} rows`);
    }
    line.end();
    const study = { days, machine: machine() };
    if (html !== undefined) {
      const { pageOf } = await import("./report/days.ts");
      await writeWhole(html, pageOf(days));
    }
    console.log(json ? JSON.stringify(study) : describeDays(days));
    return 0;
  },
});

/** The files of the days, which have columns with names. */
function filesOf(data: Chosen<SourceKind> | undefined): readonly string[] {
  check(
    data !== undefined,
    () => "Say which files, in the order of days: --data csv:'day_*.csv' or csv:monday.csv,tuesday.csv.",
  );
  const { kind, argument } = data;
  check(
    kind.hasNamedColumns === true,
    () =>
      `--data ${kind.name} has no files of days with named columns; give csv:FILES, parquet:FILES or arrow:FILES.`,
  );
  const files = argument === undefined ? [] : filesNamed(argument);
  check(
    files.length > 1,
    () =>
      `days needs a file for each of several days, but was given ${files.length}: --data ${kind.name}:'day_*.csv'.`,
  );
  return files;
}

/** Each day's rows, all of them read by the features of the first. */
async function* opened(
  files: readonly string[],
  { kind, options }: Chosen<SourceKind>,
  seed: number,
  watch: (rows: number) => void,
): AsyncGenerator<Source> {
  const [first, ...others] = files;
  const source = await (await kind.open(first, options, { watch }))(seed);
  yield source;
  const features = { all: source.features!, file: first! };
  const own = Object.fromEntries(
    Object.entries(options).filter(([name]) => !(ofFeatures as readonly string[]).includes(name)),
  );
  for (const file of others) yield (await kind.open(file, own, { watch, features }))(seed);
}

/** The embeddings side by side: full tables first, and what was chosen, if that is another, by what the first day tells of it. */
async function modelsOf({ embedding: { kind, options }, json }: DaysFlags, first: Source) {
  const full = { name: "full", embedding: fullFamily.make({}) };
  if (kind.name === "full") return [full];
  const known = await knownWithLine(kind.needs?.(options), first, json === true);
  return [full, { name: kind.name, embedding: kind.make(options, known) }];
}
