import { fast } from "../../../backends/fast/index.ts";
import type { Backend } from "../../../core/backend.ts";
import type { Optimizer } from "../../../core/optimizers/optimizer.ts";
import { families } from "../../embeddings/registry.ts";
import type { Dlrm } from "../dlrm.ts";
import type { About } from "./about.ts";
import { checkArrays } from "./arrays.ts";
import type { Place } from "./bytes.ts";
import { blankOf, embeddingOf, fill, filled, type LoadOptions, type Scorer } from "./filled.ts";
import type { Entry } from "./header.ts";
import { optimizerIn } from "./optimizers.ts";
import { opened } from "./reader.ts";
import { aboutIn } from "./vocabularies.ts";

/** What a saved model says of itself. Reads its header and vocabularies, and says nothing of its other numbers. */
export const describe = (place: Place): Promise<About> => opened(place, aboutIn);

/** A model that was saved, and what its file says of it. */
export interface SavedModel extends Scorer {
  readonly model: Dlrm;
}

/**
 * The model that was saved at `place`, with its optimizer's state if that was saved too. The file may come from anywhere:
 * whatever is wrong with it is an InputError that names it, and no more memory is taken than it has numbers to fill.
 */
export const load = (place: Place, options: LoadOptions = {}): Promise<SavedModel> =>
  opened(place, async (file) => {
    const about = await aboutIn(file);
    const known = { ...options, families: [...(options.families ?? []), ...families] };
    return filled(file, about, known, { optimizer: optimizerIn(about) }, fast);
  });

/**
 * Puts the parameters that were saved at `place`, and the state of `optimizer`, in place of those of `model`, which must have
 * the same arrays: else an InputError says so, and `model` stays as it was.
 */
export const restore = (
  place: Place,
  model: Dlrm,
  { optimizer }: { readonly optimizer?: Optimizer } = {},
): Promise<About> =>
  opened(place, async (file) => {
    const about = await aboutIn(file);
    await file.verify(model.backend.precision);
    await fill(file, model, about, { optimizer: optimizer ?? optimizerIn(about) });
    return about;
  });

/** A saved model, its numbers left where they are. */
export interface Looked {
  readonly about: About;
  /** Every array of the file. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** The model with zeros for numbers; absent where a program alone knows its embedding. */
  readonly blank?: Dlrm;
}

/**
 * What there is to see of the model that was saved at `place`. All of the file is checked as it is by {@link load}; the model
 * is of `backend`, and has no optimizer state.
 */
export const look = (place: Place, backend: Backend): Promise<Looked> =>
  opened(place, async (file) => {
    const about = await aboutIn(file);
    await file.verify("f64"); // which can hold whatever a file has that some backend could load
    const { entries } = file;
    if (!families.some(({ name }) => name === about.embedding.family)) return { about, entries };
    const blank = blankOf(file, about, await embeddingOf(file, about, families), backend);
    checkArrays(file, blank, optimizerIn(about), about.features);
    return { about, entries, blank };
  });
