import { join } from "node:path";
import { check, shownWord } from "../../../core/errors.ts";
import type { Dlrm } from "../dlrm.ts";
import { type AboutGiven, aboutOf, checkedAbout } from "./about.ts";
import { arraysOf } from "./arrays.ts";
import { written } from "./json.ts";
import { optimizerIn } from "./optimizers.ts";
import { writeArrays } from "./writer.ts";

/** The file in a folder of checkpoints from which training goes on. */
export const checkpointIn = (folder: string): string => join(folder, "checkpoint.safetensors");

/**
 * Writes `model` to the one file `path`, in the safetensors format, which other programs read too: its parameters, what is
 * stored as halves as F16, and in the metadata all that makes it, so that `load` needs no more. Its optimizer's state is
 * kept where `training` is given, to go on from, or as `state` says. At most one array is held besides the model.
 *
 * The file is written aside, synced and renamed: whatever happens, the old one or the new one is there, whole. Throws an
 * InputError, and leaves the old one, where the file cannot be written, a number is not finite, or `about` holds what JSON
 * cannot say.
 */
export async function save(
  path: string,
  model: Dlrm,
  about: AboutGiven = {},
  { state = about.training !== undefined }: { readonly state?: boolean } = {},
): Promise<void> {
  const text = written(aboutOf(model, about), "about");
  optimizerIn(checkedAbout(JSON.parse(text)));
  const arrays = arraysOf(model, state, about.features);
  const names = new Set<string>();
  const twice = arrays.find(({ name }) => names.size === names.add(name).size);
  check(
    twice === undefined,
    () => `Cannot save ${shownWord(path)}: two parameters are called ${twice!.name}; name them differently.`,
  );
  await writeArrays(path, arrays, text);
}
