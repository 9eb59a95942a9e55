import { check } from "../../../core/errors.ts";
import { type Given, wholeOption } from "../../../core/options.ts";
import { sourceKind, tablesOption, type Wanted } from "../source.ts";
import { piecesOf, survey } from "../survey.ts";
import { regimeByName, regimes } from "./regimes.ts";
import { type Synthetic, synthetic } from "./synthetic.ts";

/** Synthetic clicks where nothing else is said: few ids, each seen often, so that a full table can come near the best. */
const easy = { tables: [30, 20, 10], rows: 600_000 };

/** Rows of a regime, whose claims are for so many. */
const regimeRows = 2_000_000;

const syntheticOptions = {
  rows: wholeOption({ from: 1, help: "rows in all", otherwise: `${easy.rows}; ${regimeRows} of a regime` }),
  tables: tablesOption,
};

export const syntheticSource = sourceKind({
  name: "synthetic",
  summary: `clicks whose probabilities are known; REGIME is ${Object.keys(regimes).join(" or ")}`,
  argument: { form: "REGIME", isOptional: true },
  options: syntheticOptions,
  open: async (...asked) => {
    const draw = drawing(...asked);
    return async (seed) => {
      const { all: _, ...drawn } = draw(seed);
      return { ...drawn, survey: await survey(piecesOf(drawn)) };
    };
  },
  whole: async (regime, options, wanted, seed) => drawing(regime, options, wanted)(seed).all,
});

/** Draws the clicks that are asked for, by any seed. */
function drawing(
  regime: string | undefined,
  options: Given<typeof syntheticOptions>,
  wanted: Wanted,
): (seed: number) => Synthetic {
  const dense = wanted.dense ?? 4;
  const tables = options.tables ?? wanted.tables;
  if (regime === undefined) {
    const { rows = easy.rows } = options;
    return (seed) => synthetic({ tables: tables ?? easy.tables, dense, rows, seed });
  }
  const planted = regimeByName(regime);
  check(
    tables !== undefined,
    () => `--data synthetic:${regime} needs tables: give --config criteo-tb, or --tables ROWS,ROWS,….`,
  );
  const { rows = regimeRows } = options;
  return (seed) => synthetic({ tables, dense, rows, seed, ...planted(tables) });
}
