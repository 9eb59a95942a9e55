import { type Fast, fast } from "../../../backends/fast/index.ts";
import type { Backend, FloatArray } from "../../../core/backend.ts";
import { check } from "../../../core/errors.ts";
import type { Optimizer } from "../../../core/optimizers/optimizer.ts";
import { chosen } from "../../../core/options.ts";
import { keep, tensor } from "../../../core/tensor.ts";
import { type LazyRows, lazyRowsFrom } from "../../data/lazy-rows.ts";
import type { EmbeddingMaker } from "../../embeddings/embedding.ts";
import type { EmbeddingFamily } from "../../embeddings/family.ts";
import { families } from "../../embeddings/registry.ts";
import { blankDlrm, checkConfig, type Dlrm } from "../dlrm.ts";
import { interactionSize } from "../interaction.ts";
import { type RawRows, type ScoreOptions, scores } from "../score.ts";
import { type About, featuresOf, optimizerIn, own } from "./about.ts";
import { checkArrays, hostArrays, rowsName, statesIn } from "./arrays.ts";
import type { Entry } from "./header.ts";
import { type Opened, opened } from "./reader.ts";
import { aboutIn } from "./vocabularies.ts";

/** What a file cannot say of its model. */
export interface LoadOptions {
  /** Default: `fast()`. */
  readonly backend?: Backend;
  /** The embedding, where no family made it. */
  readonly embedding?: EmbeddingMaker;
  /** Families of one's own, besides those of this program. */
  readonly families?: readonly EmbeddingFamily[];
}

/** What a saved model says of itself. Reads its header and vocabularies, and says nothing of its other numbers. */
export const describe = (path: string): Promise<About> => opened(path, aboutIn);

/** A model that was saved, and what its file says of it. */
export interface SavedModel {
  readonly model: Dlrm;
  readonly about: About;
  /**
   * P(label = 1) of each row, in their order. A row is an object with every column that the model was trained on, its values
   * as they are in the data: `{ price: 9.99, user: "u17", genres: ["Drama"] }`. Throws an InputError, with row, column and
   * value, for a row that lacks a column or has a value that cannot be, and where the file has no features.
   */
  score(rows: RawRows, options?: ScoreOptions): AsyncGenerator<number>;
}

/**
 * The model that was saved at `path`, with its optimizer's state if that was saved too. The file may come from anywhere:
 * whatever is wrong with it is an InputError that names it, and no more memory is taken than it has numbers to fill.
 */
export const load = (path: string, options: LoadOptions = {}): Promise<SavedModel> =>
  opened(path, async (file) => {
    const about = await aboutIn(file);
    await file.verify(options.backend?.precision ?? "f32");
    const embedding = options.embedding ?? (await embeddingOf(file, about, options.families ?? []));
    const backend = options.backend ?? (await fast());
    try {
      const model = await filled(file, about, embedding, backend);
      return {
        model,
        about,
        score: (rows, how) =>
          scores(model, featuresOf(about, path), rows, { samplingRate: about.samplingRate, ...how }),
      };
    } catch (error) {
      if (options.backend === undefined) await (backend as Fast).destroy();
      throw error;
    }
  });

/** A model that is yet to be filled by a file, and asks for no more than that has. */
function blankOf(file: Opened, about: About, embedding: EmbeddingMaker, backend: Backend): Dlrm {
  checkConfig(about.config);
  checkExtent(file, about);
  return blankDlrm({ ...about.config, embedding, backend }, numbersIn(file));
}

async function filled(
  file: Opened,
  about: About,
  embedding: EmbeddingMaker,
  backend: Backend,
): Promise<Dlrm> {
  const model = blankOf(file, about, embedding, backend);
  try {
    await fill(file, model, about);
    return model;
  } catch (error) {
    model.free();
    throw error;
  }
}

/** Numbers that a file has at most: halves are the shortest. */
const numbersIn = ({ dataSize }: Opened): number => Math.floor(dataSize / 2);

/**
 * Puts the parameters that were saved at `path`, and the state of `optimizer`, in place of those of `model`, which must have
 * the same arrays: else an InputError says so, and `model` stays as it was.
 */
export const restore = (
  path: string,
  model: Dlrm,
  { optimizer }: { readonly optimizer?: Optimizer } = {},
): Promise<About> =>
  opened(path, async (file) => {
    const about = await aboutIn(file);
    await file.verify(model.backend.precision);
    await fill(file, model, about, optimizer);
    return about;
  });

/** What a config may ask for before any array is made by it: layers, and a row of all embeddings. */
function checkExtent(file: Opened, { config }: About): void {
  const { entries } = file;
  const numbers = numbersIn(file);
  const { tables, dim, bottom, top, interaction, itself } = config;
  const widest = Math.max(dim, interactionSize({ interaction, itself }, tables.length, dim));
  check(
    2 * (bottom.length + top.length) <= entries.size &&
      widest <= numbers &&
      tables.length * dim <= Math.max(numbers, 2 ** 24),
    () =>
      `its config asks for ${tables.length} tables of dim ${dim} and ${bottom.length + top.length} layers, but it has ${entries.size} arrays of at most ${numbers} numbers`,
  );
}

/** A saved model, its numbers left where they are. */
export interface Looked {
  readonly about: About;
  /** Every array of the file. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** The model with zeros for numbers; absent where a program alone knows its embedding. */
  readonly blank?: Dlrm;
}

/**
 * What there is to see of the model that was saved at `path`. All of the file is checked as it is by {@link load}; the model
 * is of `backend`, and has no optimizer state.
 */
export const look = (path: string, backend: Backend): Promise<Looked> =>
  opened(path, async (file) => {
    const about = await aboutIn(file);
    await file.verify("f64"); // which can hold whatever a file has that some backend could load
    const { entries } = file;
    if (!families.some(({ name }) => name === about.embedding.family)) return { about, entries };
    const blank = blankOf(file, about, await embeddingOf(file, about, []), backend);
    checkArrays(file, blank, about.optimizer && optimizerIn(about.optimizer), about.features);
    return { about, entries, blank };
  });

async function embeddingOf(
  file: Opened,
  { config, embedding: { family, options } }: About,
  others: readonly EmbeddingFamily[],
): Promise<EmbeddingMaker> {
  check(
    family !== own,
    () =>
      "its embedding is of a scheme of one's own, which no file can say; give it: load(path, { embedding })",
  );
  const known = chosen("embedding", [...others, ...families], family);
  return known.remake({
    options,
    rows: options.lazyRows === true ? await rowsIn(file, config.tables) : undefined,
  });
}

async function rowsIn(file: Opened, tables: readonly number[]): Promise<LazyRows> {
  const rows: Uint32Array[] = [];
  for (const [t] of tables.entries()) {
    const entry = file.entries.get(rowsName(t));
    check(entry?.dtype === "U32", () => `it has no rows of table ${t}, though its tables are of lazy rows`);
    const values = new Uint32Array(entry.size);
    await file.read(entry, values);
    rows.push(values);
  }
  return lazyRowsFrom(tables, rows);
}

/** All that could be refused is, before the first of the model's numbers is changed. */
async function fill(file: Opened, model: Dlrm, about: About, known?: Optimizer): Promise<void> {
  const { entries } = file;
  const optimizer = known ?? (about.optimizer && optimizerIn(about.optimizer));
  checkArrays(file, model, optimizer, about.features);
  const { learned, rows } = hostArrays(model);
  const taken = new Map<string, FloatArray | Uint32Array>();
  for (const [name, own] of [...learned, ...rows]) {
    const values = own.slice();
    await file.read(entries.get(name)!, values);
    if (rows.some(([lazy]) => lazy === name))
      check(
        values.every((row, i) => row === own[i]),
        () => `its lazy rows, ${name}, are other rows than this model's; collect them from the same data`,
      );
    else taken.set(name, values);
  }
  model.embedding.adaptation?.take(taken);
  const { backend } = model;
  const floats = (size: number) =>
    backend.precision === "f64" ? new Float64Array(size) : new Float32Array(size);
  for (const p of model.parameters) {
    const values = floats(p.size);
    await file.read(entries.get(p.name)!, values);
    p.fill(values);
    for (const old of p.state) old.free();
    p.state = [];
    for (const entry of statesIn(entries, p)) {
      const state = floats(entry.size);
      await file.read(entry, state);
      p.state.push(keep(tensor(backend, entry.shape, state)));
    }
  }
}
