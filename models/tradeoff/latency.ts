import type { Backend } from "../../core/backend.ts";
import { InputError } from "../../core/errors.ts";
import { spread } from "../bench/bench.ts";
import type { Batch } from "../data/dataset.ts";
import { type Dlrm, predict } from "../dlrm.ts";
import { trainStep } from "../train.ts";
import { methodByName } from "./method.ts";
import { type Cell, cellsOf, isOf, type Latency, type Protocol } from "./protocol.ts";
import { modelOf, type Rows } from "./trial.ts";
import type { Means } from "./work.ts";

/** Rounds that are timed; each is a step of the full tables, then a step of the method, on a batch of its own. */
const rounds = 15;

/** The times of every cell: those that the folder has, and the others, measured now and added to it. */
export async function latenciesOf(
  protocol: Protocol,
  { backend, folder, open }: Means,
  tell: (latency: Latency) => void,
): Promise<Latency[]> {
  const known = folder.latencies();
  const missing = cellsOf(protocol).filter((cell) => !known.some((latency) => isOf(cell, latency)));
  if (missing.length > 0) {
    const parts = await open(protocol.seeds[0]!);
    for await (const latency of measured(missing, protocol, parts, backend)) {
      known.push(latency);
      tell(latency);
    }
    await folder.recordLatencies(known);
  }
  return known.filter((latency) => cellsOf(protocol).some((cell) => isOf(cell, latency)));
}

/** Times every cell that can be made, in turn with the full tables. Nothing else should run meanwhile. */
async function* measured(
  cells: readonly Cell[],
  { setting, seeds }: Protocol,
  parts: Rows,
  backend: Backend,
): AsyncGenerator<Latency> {
  const batches = await firstBatches(parts, setting.batch);
  const made = (cell: Cell): Contestant | undefined => {
    const method = methodByName(cell.method);
    try {
      const trial = { ...cell, seed: seeds[0]! };
      return { model: modelOf(method, trial, setting, parts, backend), method, steps: 0, setting };
    } catch (error) {
      if (error instanceof InputError) return undefined; // its trials say why
      throw error;
    }
  };
  const full = made({ method: "full", compression: 1 })!;
  for (const cell of cells) {
    const contestant = made(cell);
    if (contestant === undefined) continue;
    yield await beside(full, contestant, cell, batches);
    contestant.model.free();
  }
  full.model.free();
}

interface Contestant {
  readonly model: Dlrm;
  readonly method: ReturnType<typeof methodByName>;
  readonly setting: Protocol["setting"];
  steps: number;
}

async function beside(
  full: Contestant,
  contestant: Contestant,
  cell: Cell,
  batches: readonly Batch[],
): Promise<Latency> {
  const [own, ratios, predictions]: number[][] = [[], [], []];
  for (let round = -2; round < rounds; round++) {
    const batch = batches[(round + 2) % batches.length]!;
    const ofFull = await timed(() => step(full, batch));
    const ofThis = await timed(() => step(contestant, batch));
    const predicted = await timed(() => predict(contestant.model, batch));
    if (round < 0) continue;
    own!.push(ofThis);
    ratios!.push(ofFull / ofThis);
    predictions!.push((1000 * batch.size) / predicted);
  }
  const { median, quartiles } = spread(own!);
  return {
    ...cell,
    step: median,
    quartiles,
    speedup: spread(ratios!).median,
    predicted: spread(predictions!).median,
  };
}

const step = (contestant: Contestant, batch: Batch) => {
  const { model, method, setting } = contestant;
  return trainStep(model, batch, ++contestant.steps, { optimizer: method.optimizer(setting.optimizer, 1) });
};

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** As many batches as rounds, where there are so many: ids that no cache has seen. */
async function firstBatches({ train }: Rows, size: number): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of train.batches(size, { seed: 0, epoch: 0 })) {
    if (batch.size === size || batches.length === 0) batches.push(batch);
    if (batches.length === rounds + 2) break;
  }
  return batches;
}
