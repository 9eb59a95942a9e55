import { existsSync, statSync } from "node:fs";
import { cpu } from "../backends/cpu/index.ts";
import { check, shownWord } from "../core/errors.ts";
import { flagOf } from "../core/options.ts";
import { tablesOption } from "../models/data/source.ts";
import { checkpointIn } from "../models/dlrm/saved/save.ts";
import { inspect } from "../models/embeddings/inspect.ts";
import { type Flags, jsonFlag, verb } from "./flags.ts";
import { inWords } from "./inspecting/embedding.ts";
import { reportOf } from "./inspecting/report.ts";
import { describeModel } from "./inspecting/words.ts";
import { configFlag, configFrom, embeddingFlag, layerFlags, seedFlag } from "./model.ts";
import { modelIn } from "./training/checkpoint.ts";

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
  about:
    "All that a saved model says of itself: what it predicts, its columns, memory, training and quality. Without a file: how an embedding that the flags describe uses its memory.",
  words: { form: "[FILE]", help: "a saved model, or a checkpoint folder; takes --json only", most: 1 },
  flags,
  complete({ texts, words: [file] }) {
    const given = Object.keys(texts).find((name) => name !== "json");
    check(
      file === undefined || given === undefined,
      () =>
        `${flagOf(given!)} cannot be given beside ${shownWord(file!)}, whose model is what it is; leave it out, or leave the file out and describe an embedding by flags.`,
    );
    return texts;
  },
  async run(settings, { words: [file] }) {
    if (file !== undefined) {
      const report = await reportOf(fileAt(file));
      const width = process.stdout.columns || 80;
      console.log(settings.json ? JSON.stringify(report) : describeModel(report, Math.max(width, 40)));
      return 0;
    }
    const { kind, options } = settings.embedding;
    const needs = kind.needs?.(options);
    check(
      needs === undefined,
      () =>
        `${needs === "rows" ? "--lazy-rows" : `--embedding ${kind.name}`} is of rows that data looks up, and flags name none; inspect a model that was trained with it.`,
    );
    const found = inspect(kind.make(options)({ ...shapeFrom(settings), backend: cpu, seed: settings.seed }));
    console.log(settings.json ? JSON.stringify(found) : inWords(found));
    return 0;
  },
});

/** The saved model at `path`: of a folder the one that its training kept, or where the training stands. */
function fileAt(path: string): string {
  if (!existsSync(path) || !statSync(path).isDirectory()) return path;
  const found = [modelIn(path), checkpointIn(path)].find(existsSync);
  check(
    found !== undefined,
    () =>
      `The folder ${shownWord(path)} has no model.safetensors and no checkpoint.safetensors; name a saved model, or the folder of train --checkpoint.`,
  );
  return found;
}

function shapeFrom(given: Flags<typeof flags>) {
  const config = configFrom(given);
  const tables = given.tables ?? config?.tables;
  check(
    tables !== undefined,
    () => "inspect needs a saved model, or tables: --config criteo-kaggle, or --tables 1000,50 and --dim 16.",
  );
  return { tables, dim: given.dim ?? config?.dim ?? 16 };
}
