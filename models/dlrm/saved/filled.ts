import type { Fast } from "../../../backends/fast/forward.ts";
import type { Backend, FloatArray } from "../../../core/backend.ts";
import { check, shownWord } from "../../../core/errors.ts";
import type { Optimizer } from "../../../core/optimizers/optimizer.ts";
import type { Parameter } from "../../../core/parameter.ts";
import { keep, tensor } from "../../../core/tensor.ts";
import { type LazyRows, lazyRowsFrom } from "../../data/lazy-rows.ts";
import type { EmbeddingMaker } from "../../embeddings/embedding.ts";
import type { EmbeddingFamily } from "../../embeddings/family.ts";
import { rowsName } from "../../embeddings/full-scheme.ts";
import { type OwnRows, ownName, unpackedOwn } from "../../embeddings/own-rows.ts";
import type { TableShape } from "../../embeddings/scheme.ts";
import { blankDlrm, checkConfig, type Dlrm } from "../dlrm.ts";
import { interactionSize } from "../interaction.ts";
import { oneRow } from "../one-row.ts";
import { type RawRows, type ScoreOptions, scores } from "../score.ts";
import { type About, featuresOf, own } from "./about.ts";
import { checkArrays, hostArrays, statesIn } from "./arrays.ts";
import type { Entry } from "./header.ts";
import { unpacked } from "./packed.ts";
import type { Opened } from "./reader.ts";

/** What a file cannot say of its model. */
export interface LoadOptions {
  /** Default: the fast backend. */
  readonly backend?: Backend;
  /** The embedding, where no family made it. */
  readonly embedding?: EmbeddingMaker;
  /** Families of one's own, besides those of this program. */
  readonly families?: readonly EmbeddingFamily[];
}

/** Whose states are read besides the parameters: those of an optimizer, or whatever there are; undefined for none. */
type States = { readonly optimizer: Optimizer | undefined } | undefined;

/** What scores rows as a saved model does. */
export interface Scorer {
  readonly about: About;
  /**
   * P(label = 1) of each row, in their order. A row is an object with every column that the model was trained on, its values
   * as they are in the data: `{ price: 9.99, user: "u17", genres: ["Drama"] }`. Throws an InputError, with row, column and
   * value, for a row that lacks a column or has a value that cannot be, and where the file has no features.
   */
  score(rows: RawRows, options?: ScoreOptions): AsyncGenerator<number>;
  /** Gives back the model's memory, and the threads of a backend that was made for it. */
  close(): Promise<void>;
}

/**
 * The model of a file, on a backend that `usual` makes where none is given. Throws an InputError, and holds nothing, where it
 * cannot be one.
 */
export async function filled(
  file: Opened,
  about: About,
  { backend: given, embedding, families = [] }: LoadOptions,
  states: States,
  usual: () => Promise<Fast>,
): Promise<Scorer & { readonly model: Dlrm }> {
  await file.verify(given?.precision ?? "f32");
  const maker = embedding ?? (await embeddingOf(file, about, families));
  const backend = given ?? (await usual());
  let made: Dlrm | undefined;
  const close = async () => {
    made?.free();
    if (given === undefined) await (backend as Fast).destroy();
  };
  try {
    const model = blankOf(file, about, maker, backend);
    made = model;
    await fill(file, model, about, states);
    const { samplingRate } = about;
    const single = oneRow(model);
    return {
      model,
      about,
      score: (rows, how) =>
        scores(model, featuresOf(about, file.name), rows, { samplingRate, single, ...how }),
      close() {
        single.free();
        return close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A model that is yet to be filled by a file, and asks for no more than that has. */
export function blankOf(file: Opened, about: About, embedding: EmbeddingMaker, backend: Backend): Dlrm {
  checkConfig(about.config);
  checkExtent(file, about);
  return blankDlrm({ ...about.config, embedding, backend }, numbersIn(file));
}

/** Numbers that a file has at most: two in a byte that is packed. */
const numbersIn = ({ entries }: Opened): number =>
  [...entries.values()].reduce((sum, { dtype, size }) => sum + (dtype === "U8" ? 2 * size : size), 0);

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

/** What makes the embedding that a file describes. */
export async function embeddingOf(
  file: Opened,
  { config, embedding: { family, options } }: About,
  families: readonly EmbeddingFamily[],
): Promise<EmbeddingMaker> {
  check(
    family !== own,
    () =>
      "its embedding is of a scheme of one's own, which no file can say; give it: load(path, { embedding })",
  );
  const known = families.find(({ name }) => name === family);
  check(
    known !== undefined,
    () =>
      `its embedding is ${shownWord(family)}, whose family is to be given: load(path, { families: [${shownWord(`${family}Family`)}] })`,
  );
  return known.remake({
    options,
    rows: options.lazyRows === true ? await rowsIn(file, config.tables) : undefined,
    own: await ownIn(file, config),
  });
}

/** The ids that have rows of their own; undefined where the file has none. */
async function ownIn(file: Opened, shape: TableShape): Promise<OwnRows | undefined> {
  const entry = file.entries.get(ownName);
  if (entry?.dtype !== "U8") return undefined;
  const bytes = new Uint8Array(entry.size);
  await file.read(entry, bytes);
  return unpackedOwn(bytes, shape);
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
export async function fill(file: Opened, model: Dlrm, about: About, states: States): Promise<void> {
  const { entries } = file;
  checkArrays(file, model, states?.optimizer, about.features);
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
    else taken.set(name, values as FloatArray | Uint32Array);
  }
  model.embedding.adaptation?.take(taken);
  const { backend } = model;
  const floats = (size: number) =>
    backend.precision === "f64" ? new Float64Array(size) : new Float32Array(size);
  for (const p of model.parameters) {
    p.fill(await numbersOf(file, entries.get(p.name)!, p, floats(p.size)));
    for (const old of p.state) old.free();
    p.state = [];
    for (const entry of states ? statesIn(entries, p) : []) {
      const state = floats(entry.size);
      await file.read(entry, state);
      p.state.push(keep(tensor(backend, entry.shape, state)));
    }
  }
}

/** The numbers of a parameter that lie in a file, in `out`. */
async function numbersOf(
  file: Opened,
  entry: Entry,
  { halves }: Parameter,
  out: FloatArray,
): Promise<FloatArray> {
  const bytes = halves?.grid && new Uint8Array(entry.size);
  await file.read(entry, bytes ?? out);
  return bytes ? unpacked(bytes, halves.grid!, out) : out;
}
