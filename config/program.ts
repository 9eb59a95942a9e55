import { join } from "node:path";

/** What follows `node` to run a program of this checkout: as tests have compiled it (tests/compiled.ts), or else as it is. */
export function programWords(file: string): string[] {
  const folder = process.env.COMPILED;
  return folder === undefined ? ["--import", "tsx", file] : [join(folder, file.replace(/\.ts$/, ".js"))];
}
