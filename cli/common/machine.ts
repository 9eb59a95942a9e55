import { createRequire } from "node:module";
import { cpus } from "node:os";

/** The machine and the runtime, in words, for whoever reads a measurement. */
export const machine = (processors = cpus()): string =>
  `${processors[0]?.model.trim() ?? "unknown CPU"}, ${processors.length} cores, Node ${process.versions.node}`;

/** The version of this package. */
export const version = (): string =>
  (createRequire(import.meta.url)("pss-dlrm/package.json") as { version: string }).version;
