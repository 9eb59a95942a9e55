import type { DeviceBackend } from "../../core/backend.ts";
import { adagrad } from "../../core/optimizers/adagrad.ts";
import { liveTensors } from "../../core/tensor.ts";
import { synthetic } from "../../models/data/synthetic/synthetic.ts";
import { dlrm } from "../../models/dlrm/dlrm.ts";
import { train } from "../../models/dlrm/train.ts";
import { type RobeOptions, robe } from "../../models/embeddings/families/robe.ts";

/** What a long training run held: distinct numbers of live tensors and of device arrays after its steps. */
export interface LongRun {
  readonly steps: number;
  readonly losses: readonly number[];
  readonly tensors: readonly number[];
  readonly arrays: readonly number[];
  /** Arrays after the model was freed. */
  readonly left: number;
  /** Bytes of all parameters. */
  readonly parameterBytes: number;
  /** What the backend had counted after the first step, and after the last. */
  readonly first: Counts;
  readonly last: Counts;
}

type Counts = Readonly<Record<string, number>>;

/** Trains a small model with shared memory, stored as asked, for `steps` steps, without a shorter last batch. */
export async function trainLong(
  backend: DeviceBackend,
  steps: number,
  storage: Pick<RobeOptions, "storage" | "rounding"> = {},
): Promise<LongRun> {
  const tables = [5000, 200, 5];
  const data = synthetic({ tables, dense: 4, rows: 2000, seed: 3 });
  const embedding = robe({ compression: 4, block: 4, seed: 5, ...storage });
  const model = dlrm({ dense: 4, tables, dim: 4, bottom: [8, 4], top: [8, 1], embedding, backend, seed: 1 });
  const parameterBytes = model.parameters.reduce((n, { size }) => n + 4 * size, 0);
  const [losses, tensors, arrays] = [[] as number[], new Set<number>(), new Set<number>()];
  const counts: Counts[] = [];
  for await (const { loss } of train(model, data.train, {
    optimizer: adagrad(0.05),
    batch: 32,
    epochs: 100,
    steps,
  })) {
    losses.push(loss);
    tensors.add(liveTensors());
    arrays.add(backend.statistics.arrays);
    counts.push({ ...backend.statistics });
  }
  model.free();
  const settled = backend.upload([0]); // work is done in order: what came before is done when this is
  await backend.read(settled);
  const left = backend.statistics.arrays - 1;
  backend.free(settled);
  return {
    steps: losses.length,
    losses,
    tensors: [...tensors],
    arrays: [...arrays],
    left,
    parameterBytes,
    first: counts[0]!,
    last: counts.at(-1)!,
  };
}
