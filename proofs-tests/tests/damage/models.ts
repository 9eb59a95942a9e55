import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpu } from "../../../backends/cpu/index.ts";
import type { Backend } from "../../../core/backend.ts";
import { InputError } from "../../../core/errors.ts";
import { type Random, random } from "../../../core/numeric/random.ts";
import { adagradFamily } from "../../../core/optimizers/adagrad.ts";
import type { Batch } from "../../../models/data/dataset.ts";
import { vocabulary } from "../../../models/data/encoders/vocabulary.ts";
import { type Dlrm, dlrm, predict } from "../../../models/dlrm/dlrm.ts";
import { load } from "../../../models/dlrm/saved/load.ts";
import { optimizerIn } from "../../../models/dlrm/saved/optimizers.ts";
import { save } from "../../../models/dlrm/saved/save.ts";
import { trainStep } from "../../../models/dlrm/train.ts";
import { families } from "../../../models/embeddings/registry.ts";
import { temporaryFolder } from "../temporary.ts";
import { edited, ofBytes, resummed, rewritten } from "./damages.ts";
import { badSentence, Findings, numbersOf, type Tries } from "./tries.ts";

/** A damaged file is refused; or what was saved, its damage being none; or another that is sound, with the right sum of its own. */
type Outcome = "refused" | "same" | "other";

const shape = { tables: [9, 5, 3], dim: 4 };

/** Small models of every family, trained for two steps, as files with all that a file may have. */
async function samples(folder: string, stream: Random): Promise<Buffer[]> {
  const files: Buffer[] = [];
  for (const family of families) {
    const embedding = family.example(shape, stream);
    const model = dlrm({ ...shape, dense: 2, bottom: [4, 4], top: [3, 1], embedding, backend: cpu });
    const optimizer = adagradFamily.make(0.05);
    for (let t = 1; t <= 2; t++) await trainStep(model, batchFor(model, stream), t, { optimizer });
    const path = join(folder, "sample.safetensors");
    const { name, learningRate } = optimizer;
    await save(path, model, {
      features: {
        label: "y",
        dense: ["a", "b"].map((column) => ({ column, scaling: { kind: "none", numbers: [] } })),
        categorical: shape.tables.map((rows, t) => ({
          ...{ column: `c${t}`, rows, distinct: 1 },
          ...(t === 1 && { vocabulary: vocabulary(Uint32Array.of(2, 30, 400, 2 ** 31)) }),
        })),
      },
      samplingRate: 0.5,
      optimizer: { name, learningRate, options: {} },
      training: { step: 2 },
      history: ["made"],
      settings: { lr: "0.05" },
    });
    files.push(readFileSync(path));
  }
  return files;
}

/** Two samples, whose rows are any that the model has. */
function batchFor({ config: { tables, dense } }: Dlrm, stream: Random): Batch {
  const ids = Uint32Array.from([...tables, ...tables], (rows) => stream.integer(rows));
  const offsets = Uint32Array.from({ length: ids.length + 1 }, (_, i) => i);
  return {
    size: 2,
    dense: new Float32Array(2 * dense).fill(0.5),
    bags: { ids, offsets },
    labels: Float32Array.of(0, 1),
  };
}

/** `cpu`, which takes no array that is longer than `numbers`. */
const upTo = (numbers: number): Backend => ({
  ...cpu,
  upload(values, storage) {
    if (values.length > numbers)
      throw new Error(`an array of ${values.length} numbers was made of ${numbers}`);
    return cpu.upload(values, storage);
  },
});

/**
 * Loads damaged files, and keeps those that are neither refused with an InputError that names them, nor loaded as a model
 * that can be used: as the very one that was saved, unless the damage came with its sum.
 */
export async function models(tries: Tries): Promise<Findings> {
  const { seed, kept } = tries;
  const found = new Findings(kept);
  const folder = temporaryFolder();
  const files = await samples(folder, random(seed, "saved models"));
  const path = join(folder, "damaged.safetensors");
  for (const number of numbersOf(tries)) {
    const stream = random(seed, "models", number);
    const whole = files[stream.integer(files.length)]!;
    const kinds = Object.keys(byKind);
    const kind = kinds[stream.integer(2) === 0 ? stream.integer(2) : stream.integer(kinds.length)]!;
    const damaged = byKind[kind]!(whole, stream);
    const summed = stream.integer(kind in ofBytes ? 2 : 8) > 0;
    const bytes = summed ? resummed(damaged) : damaged;
    writeFileSync(path, bytes);
    try {
      found.count(await outcome(path, bytes, whole, stream));
    } catch (error) {
      const what = `${kind}${summed ? ", with its sum" : ""}: ${(error as Error).stack}`;
      found.fault(number, what, { "damaged.safetensors": bytes });
    }
  }
  return found;
}

/** Half of all damage is that of the first two. */
const byKind: typeof ofBytes = { edited, rewritten, ...ofBytes };

async function outcome(path: string, bytes: Buffer, whole: Buffer, stream: Random): Promise<Outcome> {
  const loaded = await load(path, { backend: upTo(Math.max(64, bytes.length)) }).catch(
    (error: unknown) => error,
  );
  if (loaded instanceof InputError) {
    if (!loaded.message.startsWith(path) || badSentence(loaded.message))
      throw new Error(`refused in a sentence that is none: ${loaded.message}`);
    return "refused";
  }
  if (loaded instanceof Error) throw loaded;
  const { model, about } = loaded as Awaited<ReturnType<typeof load>>;
  await usable(model, optimizerIn(about), stream);
  if (bytes.equals(whole)) return "same";
  if (!bytes.equals(resummed(bytes))) throw new Error("loaded, though its sum is wrong");
  return "other";
}

/** Predicts and trains: a model that was loaded may lack rows, and may be no good, but nothing else is wrong with it. */
async function usable(model: Dlrm, optimizer: ReturnType<typeof optimizerIn>, stream: Random): Promise<void> {
  try {
    const batch = batchFor(model, stream);
    await predict(model, batch);
    if (optimizer) await trainStep(model, batch, 1, { optimizer });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}
