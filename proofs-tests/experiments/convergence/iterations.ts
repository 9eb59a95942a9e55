import { cpu } from "../../../backends/cpu/index.ts";
import { adagrad } from "../../../core/optimizers/adagrad.ts";
import { type Synthetic, synthetic } from "../../../models/data/synthetic/synthetic.ts";
import { dlrm } from "../../../models/dlrm/dlrm.ts";
import { train } from "../../../models/dlrm/train.ts";
import { full } from "../../../models/embeddings/families/full.ts";
import { robe } from "../../../models/embeddings/families/robe.ts";

/** What is trained, and how long. */
export interface IterationsOptions {
  /** N/m of each memory; 1 is a full table. */
  readonly loads: readonly number[];
  /** Each a model of its own, the same at every load. */
  readonly seeds: readonly number[];
  /** The full table's validation loss after this many steps is what all others have to reach. */
  readonly target: number;
  /** Steps at most. */
  readonly most: number;
  /** Steps between two looks at the validation loss. */
  readonly every: number;
}

/** How long a DLRM took to the full table's quality. */
export interface Iterations {
  readonly load: number;
  readonly memory: number;
  /** Steps of each seed; null where `most` were not enough. */
  readonly steps: readonly (number | null)[];
  /** Their median over the full table's; null where most seeds did not arrive. */
  readonly ratio: number | null;
}

export const usualIterations: IterationsOptions = {
  loads: [1, 2, 4, 8, 16, 32],
  seeds: [1, 2, 3],
  target: 300,
  most: 1500,
  every: 25,
};

const [tables, dense, dim, batch] = [[2000, 500, 100], 4, 8, 64] as const;

/** A small DLRM on synthetic clicks, by load: steps until the validation loss is what the full table's was. */
export async function iterationsToQuality(options: IterationsOptions): Promise<Iterations[]> {
  const { loads, seeds, target, most, every } = options;
  const rows = Math.ceil((batch * most) / 0.8); // of which 80 % are trained on, once
  const data = synthetic({ tables, dense, rows, seed: 5, signal: 2.5 });
  const goals: number[] = [];
  for (const seed of seeds) {
    const curve = await lossesOf(data, 1, seed, { most: target, every: target, below: 0 });
    goals.push(curve.at(-1)!.loss);
  }
  const found: Omit<Iterations, "ratio">[] = [];
  for (const load of loads) {
    const steps: (number | null)[] = [];
    for (const [i, seed] of seeds.entries()) {
      const last = (await lossesOf(data, load, seed, { most, every, below: goals[i]! })).at(-1)!;
      steps.push(last.loss <= goals[i]! ? last.step : null);
    }
    const memory = Math.floor((tables.reduce((n, t) => n + t, 0) * dim) / load);
    found.push({ load, memory, steps });
  }
  return withRatios(found);
}

/** The first is the full table, which all others are beside. */
export function withRatios(found: readonly Omit<Iterations, "ratio">[]): Iterations[] {
  const full = median(found[0]!.steps);
  return found.map((one) => {
    const middle = median(one.steps);
    return { ...one, ratio: middle === null || full === null ? null : middle / full };
  });
}

/** Validation losses of one model, until one is at most `below`. */
async function lossesOf(
  data: Synthetic,
  load: number,
  seed: number,
  { most, every, below }: { readonly most: number; readonly every: number; readonly below: number },
): Promise<{ step: number; loss: number }[]> {
  const embedding = load === 1 ? full() : robe({ compression: load, seed });
  const layers = { dense, tables, dim, bottom: [16, dim], top: [16, 1] };
  const model = dlrm({ ...layers, embedding, backend: cpu, seed });
  const losses: { step: number; loss: number }[] = [];
  const validation = { on: data.validation, every };
  for await (const { step, validation: seen } of train(model, data.train, {
    optimizer: adagrad(0.03),
    batch,
    steps: most,
    evaluate: validation,
  })) {
    if (seen === undefined) continue;
    losses.push({ step, loss: seen.logLoss });
    if (seen.logLoss <= below) break;
  }
  for (const { tensor } of model.parameters) tensor.free();
  return losses;
}

/** The middle one of an odd number; those that never arrived count as latest. */
export function median(steps: readonly (number | null)[]): number | null {
  const sorted = [...steps].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
  return sorted[sorted.length >> 1]!;
}
