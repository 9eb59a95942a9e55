import type { DlrmConfig } from "../../../models/dlrm/dlrm.ts";
import type { Judge } from "../../../models/dlrm/early-stopping.ts";

/** The optimizer of a study. */
export interface StudyOptimizer {
  /** For methods that name no other. */
  readonly optimizer: string;
  /** Its options, where any are given. */
  readonly optimizerOptions?: Readonly<Record<string, unknown>>;
}

/** What all methods of a comparison share. Trials of one folder have the same setting. */
export interface Setting extends Pick<DlrmConfig, "dim" | "bottom" | "top">, StudyOptimizer {
  /** Flags that name the data, as the command line takes them. */
  readonly data: Readonly<Record<string, string | boolean>>;
  /** Of rows of a file: how many are labeled 1 in each stretch of it, which tells whether they are still the same. */
  readonly labels?: readonly number[];
  /** Whether full tables have a row for each id that occurs in the rows to train on, where the others hash ids. */
  readonly vocabulary?: true;
  readonly batch: number;
  /** Walks over the training rows, at most. */
  readonly epochs: number;
  /** Steps between two measurements on the validation rows. */
  readonly every: number;
  /** Training ends when this many measurements in a row brought no better quality. */
  readonly patience: number;
  /** Of rows whose AUC is undefined: quality is log loss. Absent where it is AUC. */
  readonly judge?: "logLoss";
}

/** A comparison of methods at equal memory. */
export interface Protocol {
  readonly setting: Setting;
  /** Names of methods, as `methodByName` takes them. */
  readonly methods: readonly string[];
  /** Bytes of the full tables over bytes of a method's, largest first or not. */
  readonly compressions: readonly number[];
  /** Multiples of an optimizer's usual rate. Each is tried at the first seed; the best is kept for the others. */
  readonly rates: readonly number[];
  /** Cells that are left out, such as `dhe@10`: too slow, not impossible. They are listed as missing. */
  readonly skipped: readonly string[];
  /** Of the split, the initial weights, the hashes and the order of the rows, all at once. */
  readonly seeds: readonly number[];
  /** AUC that small tables may lose, or log loss that they may add: less is to be shown. */
  readonly tolerance: number;
}

/** One model to train. */
export interface Trial {
  readonly method: string;
  /** 1 for full tables, and for the floor. */
  readonly compression: number;
  readonly rate: number;
  readonly seed: number;
}

/** Quality on rows after a step. */
export interface Point {
  readonly step: number;
  /** Null where it is undefined: the rows have one label only. */
  readonly auc: number | null;
  readonly logLoss: number;
}

/** What came of a trial. */
export type Outcome =
  | {
      readonly kind: "trained";
      /** Bytes that stand for the tables, and of all that the model keeps. */
      readonly bytes: number;
      readonly modelBytes: number;
      /** The optimizer, and the rate that it had. */
      readonly optimizer: string;
      readonly learningRate: number;
      /** Steps taken until patience or epochs ended. */
      readonly steps: number;
      readonly curve: readonly Point[];
      /** On the test rows, of the model as it was at the best point of the curve. */
      readonly test: Point;
    }
  /** The method cannot be this small, or its loss became infinite: in words. */
  | { readonly kind: "refused" | "diverged"; readonly reason: string };

/** A trial's name, which is a file name too. */
export const keyOf = ({ method, compression, rate, seed }: Trial): string =>
  `${method}@${compression}x,rate${rate},seed${seed}`.replaceAll(/[^\w.,@=-]/g, "+");

/** A method at a compression: trials that differ in nothing but rate and seed. */
export interface Cell {
  readonly method: string;
  readonly compression: number;
}

/** Full tables: what the methods of a study are held against. */
export const full: Cell = { method: "full", compression: 1 };

/**
 * What every study trains beside them: the same model of the same rows, whose ids tell it nothing. How far full tables are
 * above it is the ids' signal.
 */
export const floor: Cell = { method: "floor", compression: 1 };

/** All cells of a protocol: full tables and the floor, then every other method at every compression; without those left out. */
export const cellsOf = ({ methods, compressions, skipped }: Protocol): Cell[] =>
  [
    full,
    floor,
    ...methods
      .filter((method) => method !== full.method)
      .flatMap((method) => compressions.map((compression) => ({ method, compression }))),
  ].filter(({ method, compression }) => !skipped.includes(`${method}@${compression}`));

/** What a study judges by. */
export const judgeOf = ({ judge }: Pick<Setting, "judge">): Judge => judge ?? "auc";

/** Quality of which more is better: AUC, or the negative of log loss. */
export const qualityOf = ({ auc, logLoss }: Omit<Point, "step">, judge: Judge): number =>
  judge === "auc" ? (auc ?? Number.NaN) : -logLoss;

/** The rate that did best at the first seed on the validation rows; undefined while one of them is not known, or none trained. */
export function bestRate(
  cell: Cell,
  protocol: Protocol,
  known: ReadonlyMap<string, Outcome>,
): number | undefined {
  const { rates, seeds } = protocol;
  const judge = judgeOf(protocol.setting);
  const outcomes = rates.map((rate) => known.get(keyOf({ ...cell, rate, seed: seeds[0]! })));
  if (outcomes.includes(undefined)) return undefined;
  const qualities = outcomes.map((outcome) =>
    outcome?.kind === "trained" ? qualityOf(bestPoint(outcome.curve, judge), judge) : -Infinity,
  );
  const highest = Math.max(...qualities);
  return highest === -Infinity ? undefined : rates[qualities.indexOf(highest)];
}

/** The first point of the highest quality. */
export const bestPoint = (curve: readonly Point[], judge: Judge): Point =>
  curve.reduce((best, point) => (qualityOf(point, judge) > qualityOf(best, judge) ? point : best));

/** The step at which a curve first reaches a quality; undefined where it never does. */
export const stepTo = (curve: readonly Point[], target: number, judge: Judge): number | undefined =>
  curve.find((point) => qualityOf(point, judge) >= target)?.step;

/** Every trial that a protocol may come to ask for: all rates at all seeds. */
export const allTrials = (protocol: Protocol): Trial[] =>
  cellsOf(protocol).flatMap((cell) =>
    protocol.seeds.flatMap((seed) => protocol.rates.map((rate) => ({ ...cell, rate, seed }))),
  );

/**
 * The trials that can be done now: every rate at the first seed; where those are known, the best of them at every other
 * seed. In the order of seeds, so that a process reads each seed's data once.
 */
export function openTrials(protocol: Protocol, known: ReadonlyMap<string, Outcome>): Trial[] {
  const trials = cellsOf(protocol).flatMap((cell): Trial[] => {
    const [first, ...others] = protocol.seeds;
    const tuning = protocol.rates.map((rate) => ({ ...cell, rate, seed: first! }));
    const rate = bestRate(cell, protocol, known);
    return [...tuning, ...(rate === undefined ? [] : others.map((seed) => ({ ...cell, rate, seed })))];
  });
  return trials.filter((trial) => !known.has(keyOf(trial))).toSorted((a, b) => order(protocol, a, b));
}

/**
 * Trials that are left at most: those that can be done now, and those at other seeds that follow where one of these trains.
 * It never grows as trials end.
 */
export function trialsLeft(protocol: Protocol, known: ReadonlyMap<string, Outcome>): number {
  const { rates, seeds } = protocol;
  const [first, ...others] = seeds;
  const unknown = (trials: readonly Trial[]) => trials.filter((trial) => !known.has(keyOf(trial))).length;
  return cellsOf(protocol).reduce((sum, cell) => {
    const tuning = unknown(rates.map((rate) => ({ ...cell, rate, seed: first! })));
    if (tuning > 0) return sum + tuning + others.length;
    const rate = bestRate(cell, protocol, known);
    return rate === undefined ? sum : sum + unknown(others.map((seed) => ({ ...cell, rate, seed })));
  }, 0);
}

const order = ({ seeds }: Protocol, a: Trial, b: Trial) => seeds.indexOf(a.seed) - seeds.indexOf(b.seed);

/** How long a training step of a cell takes, beside one of the full tables in the same minute. */
export interface Latency extends Cell {
  /** Milliseconds of a step: median and quartiles. */
  readonly step: number;
  readonly quartiles: readonly [number, number];
  /** Median over rounds of the full tables' step over this one: above 1 this is faster. */
  readonly speedup: number;
  /** Rows a second of prediction. */
  readonly predicted: number;
}

/** Whether a measurement is of this cell. */
export const isOf = (cell: Cell, other: Cell): boolean =>
  cell.method === other.method && cell.compression === other.compression;
