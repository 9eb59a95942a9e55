import { spread } from "../../../core/numeric/statistics.ts";
import type { Judge } from "../../../models/dlrm/early-stopping.ts";
import { type OverSeeds, overSeeds, ratioOverSeeds, type Share } from "./over-seeds.ts";
import {
  bestPoint,
  bestRate,
  type Cell,
  cellsOf,
  floor,
  full,
  isOf,
  judgeOf,
  keyOf,
  type Latency,
  type Outcome,
  type Protocol,
  qualityOf,
  stepTo,
} from "./protocol.ts";
import { type SmallEnough, smallEnough } from "./small-enough.ts";

/** Steps until quality on the validation rows reaches a share of the best that the full tables reach at the same seed. */
export interface Iterations {
  /** 1, 0.999, 0.99 */
  readonly share: number;
  /** Seeds at which it was reached. */
  readonly reached: number;
  /** Median steps over those seeds, and median of the steps over the full tables' to the same AUC. */
  readonly steps?: number;
  readonly ratio?: number;
  /** Those steps at the median time of a step, where that was measured. */
  readonly seconds?: number;
}

/** All that a study says of one method at one compression. */
export interface Row extends Cell {
  readonly bytes: number;
  readonly modelBytes: number;
  readonly optimizer: string;
  readonly learningRate: number;
  /** Whether the best rate was the lowest or highest that was tried: a better one may lie beyond. */
  readonly edge: "lowest" | "highest" | undefined;
  /** The seeds that trained, in the order of all values here. */
  readonly seeds: readonly number[];
  /** On the test rows; AUC is absent where it is undefined. */
  readonly auc?: OverSeeds;
  readonly logLoss: OverSeeds;
  /** What the study judges by, more is better: AUC, or the negative of log loss. */
  readonly quality: OverSeeds;
  /** Quality minus that of the full tables, seed by seed: same rows, same first layers, same order. */
  readonly difference: OverSeeds;
  /**
   * What it keeps of the ids' signal: (quality − floor)/(full − floor), of means over seeds. Absent where that signal is not shown
   * to be above 0.
   */
  readonly kept?: Share;
  readonly iterations: readonly Iterations[];
  readonly latency?: Latency;
}

/** A method that could not be trained at a compression, and why. */
interface Missing extends Cell {
  readonly reason: string;
}

export interface Summary {
  readonly judge: Judge;
  readonly rows: readonly Row[];
  readonly missing: readonly Missing[];
  /** The ids' signal: quality of full tables minus that of the floor, at the seeds at which both trained; absent without any. */
  readonly signal?: OverSeeds;
  /** How small tables can be. */
  readonly small: SmallEnough;
}

/** Shares of the full tables' best AUC that methods are to reach; of log loss, which is to be low, it is their best over the share. */
export const shares = [1, 0.999, 0.99] as const;

type Trained = Extract<Outcome, { kind: "trained" }>;
type BySeed = ReadonlyMap<number, Trained>;

/** What full tables and the floor came to, which all rows are held against. */
interface References {
  readonly full: BySeed;
  readonly floor: BySeed;
  readonly judge: Judge;
}

/** What the outcomes of all trials say. */
export function summarize(
  protocol: Protocol,
  known: ReadonlyMap<string, Outcome>,
  latencies: readonly Latency[],
): Summary {
  const references = {
    full: trainedOf(full, protocol, known).outcomes,
    floor: trainedOf(floor, protocol, known).outcomes,
    judge: judgeOf(protocol.setting),
  };
  const rows: Row[] = [];
  const missing: Missing[] = [];
  for (const cell of cellsOf(protocol)) {
    const { rate, outcomes } = trainedOf(cell, protocol, known);
    if (rate === undefined) missing.push({ ...cell, reason: reasonOf(cell, protocol, known) });
    else rows.push(rowOf({ ...cell, rate }, outcomes, references, protocol, latencies));
  }
  for (const cell of protocol.skipped) {
    const [method = "", compression] = cell.split("@");
    missing.push({ method, compression: Number(compression), reason: "left out of this study" });
  }
  const above = aboveFloor(references.full, references).map(({ full }) => full);
  const signal = above.length > 0 && overSeeds(above);
  return {
    judge: references.judge,
    rows,
    missing,
    ...(signal && { signal }),
    small: smallEnough(protocol, rows),
  };
}

/** Quality above the floor's, of these outcomes and of full tables, at each seed that all three have. */
const aboveFloor = (own: BySeed, { full, floor, judge }: References) =>
  [...own].flatMap(([seed, { test }]) => {
    const [above, under] = [full.get(seed), floor.get(seed)];
    if (above === undefined || under === undefined) return [];
    const lowest = qualityOf(under.test, judge);
    return [{ own: qualityOf(test, judge) - lowest, full: qualityOf(above.test, judge) - lowest }];
  });

/** The trained outcomes of a cell at its best rate, by seed. */
function trainedOf(cell: Cell, protocol: Protocol, known: ReadonlyMap<string, Outcome>) {
  const rate = bestRate(cell, protocol, known);
  const outcomes = new Map<number, Trained>();
  for (const seed of rate === undefined ? [] : protocol.seeds) {
    const outcome = known.get(keyOf({ ...cell, rate: rate!, seed }));
    if (outcome?.kind === "trained") outcomes.set(seed, outcome);
  }
  return { rate, outcomes };
}

/** Whether the best of several rates was the lowest or the highest. */
function edgeOf(rate: number, rates: readonly number[]): Row["edge"] {
  if (rates.length < 2) return undefined;
  if (rate === Math.min(...rates)) return "lowest";
  return rate === Math.max(...rates) ? "highest" : undefined;
}

function reasonOf(cell: Cell, { rates, seeds }: Protocol, known: ReadonlyMap<string, Outcome>): string {
  const outcome = known.get(keyOf({ ...cell, rate: rates[0]!, seed: seeds[0]! }));
  return outcome && "reason" in outcome ? outcome.reason : "not done yet";
}

function rowOf(
  { rate, ...cell }: Cell & { readonly rate: number },
  own: BySeed,
  references: References,
  { rates }: Protocol,
  latencies: readonly Latency[],
): Row {
  const all = [...own.values()];
  const { bytes, modelBytes, optimizer, learningRate } = all[0]!;
  const paired = [...own].flatMap(([seed, mine]) => {
    const theirs = references.full.get(seed);
    return theirs ? [{ mine, theirs }] : [];
  });
  const above = aboveFloor(own, references);
  const kept = ratioOverSeeds(
    above.map((one) => one.own),
    above.map((one) => one.full),
  );
  const latency = latencies.find((one) => isOf(cell, one));
  const { judge } = references;
  const quality = ({ test }: Trained) => qualityOf(test, judge);
  const auc = all.every(({ test }) => test.auc !== null) && overSeeds(all.map(({ test }) => test.auc!));
  const iterations = shares.map((share) => iterationsTo(share, paired, latency, judge));
  return {
    ...cell,
    bytes,
    modelBytes,
    optimizer,
    learningRate,
    edge: edgeOf(rate, rates),
    seeds: [...own.keys()],
    ...(auc && { auc: within(0, 1, auc) }),
    logLoss: within(0, Infinity, overSeeds(all.map(({ test }) => test.logLoss))),
    quality: overSeeds(all.map(quality)),
    difference: within(
      ...ends[judge],
      overSeeds(paired.map(({ mine, theirs }) => quality(mine) - quality(theirs))),
    ),
    ...(kept && { kept }),
    iterations,
    ...(latency && { latency }),
  };
}

function iterationsTo(
  share: number,
  paired: readonly { mine: Trained; theirs: Trained }[],
  latency: Latency | undefined,
  judge: Judge,
): Iterations {
  const reached = paired.flatMap(({ mine, theirs }) => {
    const best = qualityOf(bestPoint(theirs.curve, judge), judge);
    const target = judge === "auc" ? share * best : best / share;
    const [own, other] = [stepTo(mine.curve, target, judge), stepTo(theirs.curve, target, judge)!];
    return own === undefined ? [] : [{ steps: own, ratio: own / other }];
  });
  if (reached.length === 0) return { share, reached: 0 };
  const steps = spread(reached.map((one) => one.steps)).median;
  return {
    share,
    reached: reached.length,
    steps,
    ratio: spread(reached.map((one) => one.ratio)).median,
    ...(latency && { seconds: (steps * latency.step) / 1000 }),
  };
}

/** What a difference of two qualities lies between. */
const ends: Readonly<Record<Judge, readonly [number, number]>> = {
  auc: [-1, 1],
  logLoss: [-Infinity, Infinity],
};

/** An interval without what cannot be: it misses the true mean as seldom. */
const within = (low: number, high: number, { interval, ...found }: OverSeeds): OverSeeds => ({
  ...found,
  ...(interval && { interval: [Math.max(low, interval[0]), Math.min(high, interval[1])] }),
});
