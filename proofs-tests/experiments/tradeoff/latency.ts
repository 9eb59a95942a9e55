import type { Backend } from "../../../core/backend.ts";
import { spread } from "../../../core/numeric/statistics.ts";
import type { Batch } from "../../../models/data/dataset.ts";
import { type Dlrm, predict } from "../../../models/dlrm/dlrm.ts";
import { trainStep } from "../../../models/dlrm/train.ts";
import { methodByName } from "./method.ts";
import { bestRate, type Cell, cellsOf, isOf, type Latency, type Outcome, type Protocol } from "./protocol.ts";
import { modelOf, type Rows } from "./trial.ts";
import { type Means, others } from "./work.ts";

/** Rounds that are timed; each is a step of the full tables, then a step of the method, on a batch of its own. */
const rounds = 15;

/**
 * The times of every cell that trained: those that the folder has, and the others, measured now and added to it. Only one
 * process measures at a time; the others wait for what it finds.
 */
export async function latenciesOf(
  protocol: Protocol,
  known: ReadonlyMap<string, Outcome>,
  { backend, folder, open }: Means,
  tell: (latency: Latency) => void,
): Promise<Latency[]> {
  const cells = cellsOf(protocol).filter((cell) => bestRate(cell, protocol, known) !== undefined);
  for (;;) {
    const claim = folder.claim("latencies");
    if (claim === undefined) {
      await others();
      continue;
    }
    try {
      const all = folder.latencies();
      const missing = cells.filter((cell) => !all.some((latency) => isOf(cell, latency)));
      for await (const latency of measured(missing, protocol, open, backend)) {
        claim.renew();
        all.push(latency);
        tell(latency);
      }
      if (missing.length > 0) await folder.recordLatencies(all);
      return all.filter((latency) => cells.some((cell) => isOf(cell, latency)));
    } finally {
      claim.release();
    }
  }
}

/** Times cells, in turn with the full tables. Nothing else should run meanwhile. */
async function* measured(
  cells: readonly Cell[],
  { setting, seeds }: Protocol,
  open: Means["open"],
  backend: Backend,
): AsyncGenerator<Latency> {
  if (cells.length === 0) return;
  const rows = await open(seeds[0]!);
  const batches = await firstBatches(rows, setting.batch);
  const made = (cell: Cell): Contestant => {
    const method = methodByName(cell.method);
    const trial = { ...cell, seed: seeds[0]! };
    return { model: modelOf(method, trial, setting, rows, backend), method, steps: 0, setting };
  };
  const full = made({ method: "full", compression: 1 });
  for (const cell of cells) {
    const contestant = made(cell);
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
  return trainStep(model, batch, ++contestant.steps, { optimizer: method.optimizer(setting, 1) });
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
