import { picturesAsFiles } from "../../cli/report/tradeoff.ts";
import type { Study } from "../../proofs-tests/experiments/tradeoff/study.ts";
import { joined, keptPicture } from "./kept.ts";

/** Pictures of each study that docs/tradeoff.md shows. */
const shown = {
  whole: ["quality", "latency"],
  flights: ["quality", "latency"],
  fits: ["quality", "iterations", "time", "latency"],
};

/** Studies of all flights, which have rows, layers and steps in common. */
export const ofAllFlights = ["whole", "few-bits-whole", "by-frequency", "by-signal"] as const;

/** The pictures of docs/tradeoff.md, as SVG files by their path. */
export function picturesOf(study: (name: string) => Study): Record<string, string> {
  const kept = keptPicture([
    {
      title: "All three million flights",
      summary: joined(ofAllFlights.map(study)),
      methods: {
        robe: undefined,
        "robe:storage=f16": "robe, halves",
        "mixedDimension:storage=int8": "mixedDimension, int8",
        "byFrequency:storage=int8": "byFrequency, int8",
        "byFrequency:widths-by=signal:storage=int4:shared-part=0.05:temperature=0.3":
          "byFrequency, by signal, int4",
      },
    },
    {
      title: "300,000 of them: fewer rows an id",
      summary: joined([study("flights")]),
      methods: {
        robe: undefined,
        "robe:storage=f16": "robe, halves",
        rowHash: undefined,
        mixedDimension: undefined,
        tensorTrain: undefined,
        cafe: undefined,
      },
    },
    {
      title: "Planted clicks like Criteo-Kaggle's",
      summary: joined([study("criteo-like")]),
      methods: { robe: undefined },
    },
  ]);
  return {
    "docs/pictures/tradeoff-kept.svg": kept,
    ...Object.fromEntries(
      Object.entries(shown).flatMap(([name, own]) => {
        const drawn = picturesAsFiles(study(name));
        return own.map((picture) => [`docs/pictures/tradeoff-${name}-${picture}.svg`, drawn[picture]!]);
      }),
    ),
  };
}
