import type { Backend } from "../../../core/backend.ts";
import { eventInterval } from "../../../core/numeric/distributions.ts";
import type { Dataset } from "../../../models/data/dataset.ts";
import { inMemory } from "../../../models/data/memory.ts";
import { split } from "../../../models/data/split.ts";
import { type Planted, synthetic } from "../../../models/data/synthetic/synthetic.ts";
import { methodByName } from "../../experiments/tradeoff/method.ts";
import {
  floor,
  keyOf,
  type Outcome,
  openTrials,
  type Protocol,
} from "../../experiments/tradeoff/protocol.ts";
import { type Summary, summarize } from "../../experiments/tradeoff/summary.ts";
import { runTrial } from "../../experiments/tradeoff/trial.ts";

/** What is planted, but for how many rows and by which seed. */
type Kind = Omit<Planted, "dense" | "rows" | "seed">;

/** How often studies call a memory small enough where its true loss is so much. */
export interface Claims {
  readonly what: string;
  /** The mean over all studies and seeds: what the loss is for rows of this kind. */
  readonly loss: number;
  readonly tolerance: number;
  readonly studies: number;
  readonly claims: number;
  /** Of the share of claims, 95 % (Clopper & Pearson). */
  readonly interval: readonly [number, number];
}

const seedsEach = 5;
const rowsEach = 3000;

/** Clicks whose ids say more than a tenth of the tables can hold; and tables of which so few rows occur that a tenth holds all. */
const dense = 2;
const tooMuch = { tables: [120, 60], exponent: 0.5, signal: 2.5, interaction: 0.1 };
const little = { ...tooMuch, tables: [12_000, 6000], occurring: 60 };

/**
 * Whole studies of small planted data, so many that their claims can be counted: for each 3,000 rows of its own, all of one kind,
 * which five seeds cut anew; full tables and `robe` at ten times less memory, at two rates. The tolerance is set to the true loss of `robe`, where a
 * claim is false and likeliest to be made; to half of it; and as it is, where nothing is lost.
 */
export async function power(
  backend: Backend,
  { studies, seed }: { readonly studies: number; readonly seed: number },
  tell: (done: number, all: number) => void,
): Promise<Claims[]> {
  const all = studies + Math.ceil(studies / 4);
  const run = async (count: number, kind: Kind, before: number) => {
    const known: ReadonlyMap<string, Outcome>[] = [];
    const seeds: number[][] = [];
    const rows = await rowsOf(kind, count * rowsEach, seed);
    for (let i = 0; i < count; i++) {
      tell(before + i, all);
      const first = seed + seedsEach * (before + i);
      seeds.push(Array.from({ length: seedsEach }, (_, j) => first + j));
      const own = rows.select((row) => Math.floor(row / rowsEach) === i);
      known.push(await outcomes(own, protocolOf(seeds[i]!, 1), backend));
    }
    return (tolerance: number) =>
      known.map((each, i) => summarize(protocolOf(seeds[i]!, tolerance), each, []));
  };
  const losing = await run(studies, tooMuch, 0);
  const keeping = await run(all - studies, little, studies);
  const loss = lossIn(losing(1));
  return [
    claimsIn("its true loss, the worst case", losing(loss), loss),
    claimsIn("half its true loss", losing(loss / 2), loss / 2),
    claimsIn("where memory holds all that occurs", keeping(loss), loss),
  ];
}

const protocolOf = (seeds: readonly number[], tolerance: number): Protocol => ({
  setting: {
    ...{ data: {}, dim: 4, bottom: [8, 4], top: [8, 1], optimizer: "adagrad" },
    ...{ batch: 128, epochs: 6, every: 19, patience: 3 },
  },
  ...{ methods: ["full", "robe"], compressions: [10], rates: [1, 3], skipped: [], seeds, tolerance },
});

/** So many rows of a kind, as a file has them. */
async function rowsOf(kind: Kind, count: number, seed: number): Promise<Dataset> {
  const { tables } = kind;
  const { train, validation, test } = synthetic({ ...kind, dense, rows: count, seed });
  const [numbers, ids, labels]: number[][] = [[], [], []];
  for (const part of [train, validation, test])
    for await (const batch of part.batches(4096)) {
      numbers!.push(...batch.dense);
      ids!.push(...batch.bags.ids);
      labels!.push(...batch.labels);
    }
  const columns = { dense: Float32Array.from(numbers!), ids: Uint32Array.from(ids!) };
  return inMemory({
    ...{ name: "planted clicks", dense, tables },
    columns: { ...columns, labels: Float32Array.from(labels!) },
  });
}

/** What all trials of a study but the floor's come to, each rate and seed as a study asks for it. */
async function outcomes(data: Dataset, protocol: Protocol, backend: Backend): Promise<Map<string, Outcome>> {
  const known = new Map<string, Outcome>();
  for (;;) {
    const [trial] = openTrials(protocol, known).filter(({ method }) => method !== floor.method);
    if (trial === undefined) return known;
    const parts = await split(data, { by: "random", seed: trial.seed });
    const method = methodByName(trial.method);
    known.set(keyOf(trial), await runTrial(trial, method, protocol.setting, parts, backend));
  }
}

/** The loss of `robe` over all seeds of all studies. */
function lossIn(summaries: readonly Summary[]): number {
  const all = summaries.flatMap(({ rows }) =>
    rows.filter(({ method }) => method === "robe").flatMap(({ difference }) => difference.values),
  );
  return -all.reduce((sum, x) => sum + x, 0) / all.length;
}

function claimsIn(what: string, summaries: readonly Summary[], tolerance: number): Claims {
  const claims = summaries.filter(({ small }) => small.smallest !== undefined).length;
  const studies = summaries.length;
  const interval = eventInterval(claims, studies, 0.05);
  return { what, loss: lossIn(summaries), tolerance, studies, claims, interval };
}
