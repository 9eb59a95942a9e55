import { cpu } from "../backends/cpu/index.ts";
import { InputError, require } from "../core/errors.ts";
import { bytes, count, grouped } from "../core/format.ts";
import { configByName, configs } from "../models/dlrm/configs.ts";
import { progressOf } from "../models/dlrm/saved.ts";
import { type Inspection, inspect } from "../models/embeddings/inspect.ts";
import { families } from "../models/embeddings/registry.ts";
import { type Flags, listed, sizes, text, type Verb, whole } from "./flags.ts";
import { embeddingFlags, embeddingFrom } from "./model.ts";

/** `pss-dlrm inspect` */
export const inspectVerb: Verb = {
  name: "inspect",
  summary: "loads, collisions, memory of an embedding or checkpoint",
  options: {
    ...embeddingFlags,
    config: { type: "string" },
    tables: { type: "string" },
    dim: { type: "string" },
    seed: { type: "string" },
  },
  help: `pss-dlrm inspect [DIR] [flags]

  DIR             a checkpoint folder, with the flags it was trained with
  --config        ${Object.keys(configs).join(", ")}, or --tables 1000,50 --dim 16
  --embedding     ${listed(families.map((f) => f.name))}
                  with the flags of each as in train
  --seed N        of the hashes
  --json          one JSON object`,
  async run(flags, files) {
    const [folder, ...more] = files;
    if (more.length > 0)
      throw new InputError(
        `inspect takes one checkpoint folder, but was given ${files.length}: ${files.join(", ")}.`,
      );
    const saved = folder === undefined ? undefined : await progressOf(folder);
    const settings: Flags = { ...(saved?.settings as Flags | undefined), ...flags };
    require(settings.touched !== true, () =>
      `${folder} was trained with --touched: its rows are those of its data, which inspect does not read.`);
    const shape = saved?.shape ?? shapeFrom(settings);
    const seed = whole(settings, "seed", 0) ?? 0;
    const found = inspect(embeddingFrom(settings)({ ...shape, backend: cpu, seed }));
    console.log(flags.json ? JSON.stringify(found) : inWords(found));
    return 0;
  },
};

function shapeFrom(flags: Flags) {
  const name = text(flags, "config");
  const config = name === undefined ? undefined : configByName(name);
  const tables = sizes(flags, "tables") ?? config?.tables;
  if (tables === undefined)
    throw new InputError("inspect needs tables: --config criteo-kaggle, or --tables 1000,50 and --dim 16.");
  return { tables, dim: whole(flags, "dim", 1) ?? config?.dim ?? 16 };
}

/** What was found, as lines for people. */
export function inWords({
  name,
  tables,
  rows,
  dim,
  memory,
  bytes: own,
  virtual,
  compression,
  guarantee,
  load,
}: Inspection): string {
  const lines = [
    `${name}: ${count(rows)} rows in ${tables} tables of dim ${dim}: ${count(virtual)} weights, ${bytes(virtual * 4)}`,
    `memory      ${count(memory)} floats, ${bytes(own)}: compression ${grouped(compression, 4)}×`,
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
