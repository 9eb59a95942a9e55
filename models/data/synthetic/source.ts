import { check } from "../../../core/errors.ts";
import { type Given, wholeOption } from "../../../core/options.ts";
import { sourceKind, tablesOption, type Wanted } from "../source.ts";
import { piecesOf, survey } from "../survey.ts";
import { regimeByName, regimes } from "./regimes.ts";
import { type Synthetic, synthetic } from "./synthetic.ts";

/** Synthetic clicks where nothing else is said: few ids, each seen often, so that a full table can come near the best. */
const easy = { tables: [30, 20, 10], rows: 600_000 };

const rowsOfRegimes = Object.entries(regimes).map(([name, { rows }]) => `${rows} of ${name}`);

const syntheticOptions = {
  rows: wholeOption({
    from: 1,
    help: "rows in all",
    otherwise: [easy.rows, ...rowsOfRegimes].join("; "),
  }),
  tables: tablesOption,
};

export const syntheticSource = sourceKind({
  name: "synthetic",
  summary: `clicks whose probabilities are known; REGIME is one of ${Object.keys(regimes).join(", ")}`,
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
  const tables = options.tables ?? wanted.tables;
  if (regime === undefined) {
    const { rows = easy.rows } = options;
    const shape = { tables: tables ?? easy.tables, dense: wanted.dense ?? 4 };
    return (seed) => synthetic({ ...shape, rows, seed });
  }
  const { shape, planted, rows: usual } = regimeByName(regime);
  const own = tables ?? shape?.tables;
  check(
    own !== undefined,
    () => `--data synthetic:${regime} needs tables: give --config criteo-tb, or --tables ROWS,ROWS,….`,
  );
  const { rows = usual } = options;
  const dense = wanted.dense ?? shape?.dense ?? 4;
  return (seed) => synthetic({ tables: own, dense, rows, seed, ...planted(own) });
}
