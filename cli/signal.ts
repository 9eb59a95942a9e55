import { check } from "../core/errors.ts";
import { aligned, bytes, count, counted, grouped, percent } from "../core/format.ts";
import { short } from "../core/numeric/number.ts";
import { listOption, numberOption } from "../core/options.ts";
import { type IdSignal, idSignal } from "../models/data/id-signal.ts";
import type { Source } from "../models/data/source.ts";
import { virtualFloats } from "../models/embeddings/scheme.ts";
import { keptAtMost, keptBySketch } from "../theory/theorems/r19-kept-signal.ts";
import { dataFlag, openRows } from "./common/source.ts";
import { commandLine, jsonFlag, verb } from "./flags.ts";
import { configFlag, configFrom, layerFlags, layersFrom, seedFlag } from "./model.ts";
import { passingLine, standardError } from "./progress.ts";

const usualCompressions: readonly number[] = [10, 100, 1000, 10_000];

const flags = {
  data: dataFlag,
  config: configFlag,
  dim: layerFlags.dim,
  compressions: listOption(numberOption({ above: 1, help: "" }), {
    help: "full tables' floats over a memory's",
    otherwise: usualCompressions.join(),
  }),
  seed: seedFlag("of the split, and of synthetic clicks"),
  json: jsonFlag,
};

/** What ids tell, and what of it memories keep. */
export interface SignalReport {
  readonly data: string;
  /** Rows to train on, and how many of them are labeled 1. */
  readonly rows: number;
  readonly ones: number;
  readonly dim: number;
  /** About how much lower the log loss of these rows is for what all ids tell; 0 where that is no more than chance. */
  readonly gain: number;
  /** Of each table: its column, where that has a name, ids that occur, and its share of what all ids tell. */
  readonly tables: readonly { readonly column?: string; readonly ids: number; readonly share: number }[];
  readonly memories: readonly {
    readonly compression: number;
    readonly floats: number;
    /** {@link keptAtMost} and {@link keptBySketch} of so many floats. */
    readonly atMost: number;
    readonly shared: number;
  }[];
}

/** `pss-dlrm signal` */
export const signalVerb = verb({
  name: "signal",
  about:
    "How much the ids of each column tell of the labels, and what of it a memory of each size can keep: known from the rows to train on, before any model is trained.",
  flags,
  async run(given) {
    const { data, json, seed } = given;
    const config = configFrom(given);
    const { dim } = layersFrom(given, config);
    const source = await (await openRows(data, config, { exact: true }))(seed);
    const read: Pick<Source, "train" | "features"> = source.exact ?? source;
    const { name, tables } = read.train;
    if (!json)
      standardError.out.write(
        `Walks over the rows of ${name} to train on four times a table, which are ${tables.length}, and five times more.\n`,
      );
    const passing = passingLine(json === true);
    const found = await idSignal(read.train, (done, of) =>
      passing.show(`${done} of ${of} measurements of a table`),
    );
    passing.end();
    const floats = virtualFloats({ tables, dim });
    const compressions = given.compressions ?? usualCompressions.filter((times) => times <= floats);
    const { rows, ones } = source.survey.parts.train;
    const report: SignalReport = {
      data: name,
      ...{ rows, ones, dim },
      gain: found.weights.reduce((sum, weight) => sum + weight, 0) / 2 / rows,
      tables: tablesOf(found, read),
      memories: compressions.map((compression) =>
        memoryOf(found, compression, Math.floor(floats / compression)),
      ),
    };
    console.log(json ? JSON.stringify(report) : inWords(report, 4 * floats));
    return 0;
  },
});

function tablesOf(
  { rows, weights }: IdSignal,
  { features }: Pick<Source, "features">,
): SignalReport["tables"] {
  let at = 0;
  const sums = rows.map((ids) => ids.reduce((sum) => sum + weights[at++]!, 0));
  const all = sums.reduce((a, b) => a + b, 0);
  return rows.map((ids, t) => {
    const column = features?.categorical[t]?.column;
    return {
      ...(column !== undefined && { column }),
      ids: ids.length,
      share: all === 0 ? 0 : sums[t]! / all,
    };
  });
}

function memoryOf(
  { weights, information }: IdSignal,
  compression: number,
  floats: number,
): SignalReport["memories"][number] {
  check(
    floats >= 1,
    () => `At compression ${grouped(compression, 3)} no float of these tables is left; take a smaller one.`,
  );
  return {
    compression,
    floats,
    atMost: keptAtMost(weights, floats),
    shared: keptBySketch(weights, information, floats),
  };
}

function inWords({ data, rows, dim, gain, tables, memories }: SignalReport, fullBytes: number): string {
  const ids = tables.reduce((sum, own) => sum + own.ids, 0);
  const told = tables.map(({ column, ids, share }, t) => [
    column ?? `table ${t + 1}`,
    count(ids),
    percent(share),
  ]);
  const kept = memories.map(({ compression, floats, atMost, shared }) => [
    `${grouped(compression, 6)}×`,
    count(floats),
    bytes(4 * floats),
    percent(shared),
    percent(atMost),
  ]);
  const head = `${data}: ${counted(rows, "row")} to train on, ${counted(ids, "id")}; full tables of dim ${dim} take ${bytes(fullBytes)}`;
  const repeat = `repeat: ${commandLine(process.argv.slice(2))}`;
  if (gain === 0)
    return [head, "The ids tell nothing of the labels that chance does not.", repeat].join("\n");
  return [
    head,
    `What all ids tell lowers the log loss of these rows by about ${short(gain, 2)}.`,
    "",
    ...aligned([["column", "ids", "of what all ids tell"], ...told], [false, true, true]),
    "",
    ...aligned(
      [["smaller", "floats", "bytes", "kept, shared by all", "kept, at most"], ...kept],
      [true, true, true, true, true],
    ),
    "",
    "Shared by all: about what a memory keeps that all ids read alike, fitted as well as can be. At most: what rows of one",
    "float for the ids that tell most would keep; no linear memory keeps more, on average over signs (R19). Both are of",
    "what ids add to the log odds, one by one; training stops short of it.",
    repeat,
  ].join("\n");
}
