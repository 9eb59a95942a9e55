import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../temporary.ts";

/** Where files of data are written. It goes with the run of all tests. */
export const folder = temporaryFolder();

let written = 0;
/** A new file with this content. */
export function put(content: string | Uint8Array, name = `${written++}.txt`): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
