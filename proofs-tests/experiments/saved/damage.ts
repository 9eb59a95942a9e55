/**
 * Damages saved models at random and loads them: `npx tsx proofs-tests/experiments/saved/damage.ts [COUNT] [SEED]` tries
 * 10,000 and says what came of them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpu } from "../../../backends/cpu/index.ts";
import type { Backend } from "../../../core/backend.ts";
import { InputError } from "../../../core/errors.ts";
import { drawnSeed, type Random, random } from "../../../core/numeric/random.ts";
import { adagradFamily } from "../../../core/optimizers/adagrad.ts";
import type { Batch } from "../../../models/data/dataset.ts";
import { type Dlrm, dlrm, predict } from "../../../models/dlrm/dlrm.ts";
import { optimizerIn } from "../../../models/dlrm/saved/about.ts";
import { load } from "../../../models/dlrm/saved/load.ts";
import { save } from "../../../models/dlrm/saved/save.ts";
import { trainStep } from "../../../models/dlrm/train.ts";
import { families } from "../../../models/embeddings/registry.ts";
import { edited, ofBytes, resummed } from "./damages.ts";

/** What came of damaged files. */
export interface Damaged {
  readonly refused: number;
  /** Loaded as what was saved: the damage was none. */
  readonly same: number;
  /** Loaded as another model that is sound: whoever changed it gave the right sum. */
  readonly other: number;
}

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
      features: { columns: ["a", "b"], encoders: [{ kind: "hash" }] },
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
 * Damages `count` files, one way or another, and loads each. Throws where one is neither refused with an InputError that
 * names it, nor loaded as a model that can be used: as the very one that was saved, unless the damage came with its sum.
 */
export async function damage({ count, seed }: { count: number; seed: number }): Promise<Damaged> {
  const stream = random(seed, "damage");
  const folder = mkdtempSync(join(tmpdir(), "pss-dlrm-damage-"));
  try {
    const files = await samples(folder, stream);
    const path = join(folder, "damaged.safetensors");
    const found = { refused: 0, same: 0, other: 0 };
    for (let i = 0; i < count; i++) {
      const whole = files[stream.integer(files.length)]!;
      const names = Object.keys(ofBytes);
      const kind = stream.integer(2) === 0 ? "edit" : names[stream.integer(names.length)]!;
      const damaged = kind === "edit" ? edited(whole, stream) : ofBytes[kind]!(whole, stream);
      const summed = stream.integer(kind === "edit" ? 8 : 2) > 0;
      const bytes = summed ? resummed(damaged) : damaged;
      writeFileSync(path, bytes);
      try {
        found[await outcome(path, bytes, whole, stream)]++;
      } catch (error) {
        throw new Error(`file ${i} of seed ${seed}, ${kind}${summed ? ", with its sum" : ""}`, {
          cause: error,
        });
      }
    }
    return found;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function outcome(path: string, bytes: Buffer, whole: Buffer, stream: Random): Promise<keyof Damaged> {
  const loaded = await load(path, { backend: upTo(Math.max(64, bytes.length)) }).catch(
    (error: unknown) => error,
  );
  if (loaded instanceof InputError) {
    if (!loaded.message.startsWith(path) || loaded.message.length > 1000 || /\p{Cc}/u.test(loaded.message))
      throw new Error(`refused in a sentence that is none: ${loaded.message}`);
    return "refused";
  }
  if (loaded instanceof Error) throw loaded;
  const { model, about } = loaded as Awaited<ReturnType<typeof load>>;
  await usable(model, about.optimizer && optimizerIn(about.optimizer), stream);
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = 10_000, seed = drawnSeed()] = process.argv.slice(2).map(Number);
  console.log(JSON.stringify({ count, seed, ...(await damage({ count, seed })) }));
}
