import { basename, dirname } from "node:path";
import { shownWord } from "../../core/errors.ts";
import { rowKinds } from "../../models/data/registry.ts";
import type { About } from "../../models/dlrm/saved/about.ts";
import { checkpointIn } from "../../models/dlrm/saved/save.ts";
import { families } from "../../models/embeddings/registry.ts";
import { commandLine } from "../flags.ts";

/** What to do with the saved model in `file`. */
export function nextOf(file: string, { features, settings, embedding: { family, options } }: About): string {
  const inProgram = `in a program, await load(${JSON.stringify(file)}`;
  if (!families.some(({ name }) => name === family)) return `${inProgram}, { embedding })`;
  if (basename(file) === basename(checkpointIn("")))
    return `the command that trained it, with --resume beside --checkpoint ${shownWord(dirname(file))}`;
  const data = settings?.data ?? "";
  if (features) {
    const word = data.split(":")[0];
    const kind = rowKinds.find(({ name }) => name === word)?.name ?? "csv";
    const command = ["predict", "--model", file, "--data", `${kind}:NEW.${kind}`, "--out", "scores.csv"];
    return `${commandLine(command)}${options.lazyRows === true ? ", of rows whose ids its data had" : ""}`;
  }
  // A text of a file that may come from anywhere: none that a terminal or a shell would take for more than a word.
  const isWord = /^[\w./:,-]+$/.test(data);
  return isWord && options.lazyRows !== true
    ? commandLine(["train", "--from", file, "--data", data, "--checkpoint", "DIR"])
    : `${inProgram})`;
}
