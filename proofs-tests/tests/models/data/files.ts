import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import { temporaryFolder } from "../../temporary.ts";

/** A folder that is removed when the test file that imports it is done. */
export const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));

let written = 0;
/** A new file with this content. */
export function put(content: string | Uint8Array, name = `${written++}.txt`): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
