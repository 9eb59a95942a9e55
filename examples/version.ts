import { readFileSync } from "node:fs";

/** The version of this package, or of one that examples/peers has installed, by its package.json. */
export function versionOf(name: string): string {
  const folder = name === "pss-dlrm" ? ".." : `peers/node_modules/${name}`;
  const file = new URL(`${folder}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
