import { picturesAsFiles } from "../../cli/report/tradeoff.ts";
import type { Study } from "../../proofs-tests/experiments/tradeoff/study.ts";

/** Pictures of each study that docs/tradeoff.md shows. */
const shown = {
  whole: ["quality", "latency"],
  flights: ["quality", "latency"],
  fits: ["quality", "iterations", "time", "latency"],
};

/** The pictures of docs/tradeoff.md, as SVG files by their path. */
export function picturesOf(study: (name: string) => Study): Record<string, string> {
  return Object.fromEntries(
    Object.entries(shown).flatMap(([name, own]) => {
      const drawn = picturesAsFiles(study(name));
      return own.map((picture) => [`docs/tradeoff-${name}-${picture}.svg`, drawn[picture]!]);
    }),
  );
}
