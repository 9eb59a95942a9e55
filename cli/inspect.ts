import { cpu } from "../backends/cpu/index.ts";
import { check, shownWord } from "../core/errors.ts";
import { bytes, count, counted, grouped } from "../core/format.ts";
import { tablesOption } from "../models/data/source.ts";
import type { About } from "../models/dlrm/saved/about.ts";
import { describe } from "../models/dlrm/saved/load.ts";
import { checkpointIn } from "../models/dlrm/saved/save.ts";
import { type Inspection, inspect } from "../models/embeddings/inspect.ts";
import { everyOption, type Flags, jsonFlag, type Texts, verb } from "./flags.ts";
import { configFlag, configFrom, embeddingFlag, layerFlags, seedFlag } from "./model.ts";

const flags = {
  config: configFlag,
  tables: tablesOption,
  dim: layerFlags.dim,
  embedding: embeddingFlag,
  seed: seedFlag("of the hashes"),
  json: jsonFlag,
};

/** `pss-dlrm inspect` */
export const inspectVerb = verb({
  name: "inspect",
  about: "How an embedding uses its memory: of a checkpoint, or as the flags describe it.",
  words: { form: "[DIR]", help: "a checkpoint folder; flags change what it was trained with", most: 1 },
  flags,
  async complete({ texts, words: [folder] }) {
    return folder === undefined
      ? texts
      : {
          ...ofCheckpoint(
            await describe(folder.endsWith(".safetensors") ? folder : checkpointIn(folder)),
            texts,
          ),
          ...texts,
        };
  },
  async run(settings, { words: [folder] }) {
    const { kind, options } = settings.embedding;
    check(
      options.lazyRows !== true,
      () =>
        `${shownWord(folder ?? "This")} was trained with --lazy-rows: its rows are those of its data, which inspect does not read.`,
    );
    const found = inspect(kind.make(options)({ ...shapeFrom(settings), backend: cpu, seed: settings.seed }));
    console.log(settings.json ? JSON.stringify(found) : inWords(found));
    return 0;
  },
});

/** What a checkpoint says of its embedding, where `given` does not say otherwise: another embedding has other options. */
function ofCheckpoint({ settings = {}, config }: About, given: Texts): Texts {
  const options = Object.entries(everyOption({ embedding: embeddingFlag }));
  const resized = options.some(([name, { isSize }]) => isSize && given[name] !== undefined);
  const kept = options.filter(([, { isSize }]) => given.embedding === undefined && !(isSize && resized));
  const own = Object.entries(settings).filter(([name]) =>
    ["embedding", "seed", ...kept.map(([own]) => own)].includes(name),
  );
  const tables = { tables: config.tables.join(","), dim: String(config.dim) };
  return { ...Object.fromEntries(own), ...(given.config === undefined && tables) };
}

function shapeFrom(given: Flags<typeof flags>) {
  const config = configFrom(given);
  const tables = given.tables ?? config?.tables;
  check(
    tables !== undefined,
    () => "inspect needs tables: --config criteo-kaggle, or --tables 1000,50 and --dim 16.",
  );
  return { tables, dim: given.dim ?? config?.dim ?? 16 };
}

/** What was found, as lines for people. */
export function inWords({
  name,
  tables,
  rows,
  dim,
  memorySize,
  bytes: own,
  virtualSize,
  compression,
  guarantee,
  load,
}: Inspection): string {
  const lines = [
    `${name}: ${counted(rows, "row")} in ${counted(tables, "table")} of dim ${dim}: ${count(virtualSize)} weights, ${bytes(virtualSize * 4)}`,
    `memory      ${count(memorySize)} floats, ${bytes(own)}: compression ${grouped(compression, 4)}×`,
    `guarantee   ${guarantee}`,
  ];
  if (load) {
    const { counted, exact, mean, largest, largestBound, unused, collision, expectedCollision } = load;
    lines.push(
      `slot load   ${exact ? "all" : "a random sample of"} ${count(counted)} reads: ${mean.toPrecision(4)} a slot on average, ${largest} at most (independent blocks: below ${largestBound.toFixed(1)} in 99 cases of 100), ${count(unused)} slots unused`,
      `collisions  P(two reads share a slot) ${collision.toExponential(2)}; 1/m is ${expectedCollision.toExponential(2)}`,
    );
  }
  return lines.join("\n");
}
