import { stat } from "node:fs/promises";
import { fast } from "../../../backends/fast/index.ts";
import { shownWord } from "../../../core/errors.ts";
import { featuresOf } from "../saved/about.ts";
import type { LoadOptions } from "../saved/filled.ts";
import { scorer } from "../saved/scorer.ts";
import { type Batched, type BatchedOptions, batched } from "./batched.ts";

/** The model that a file has, also after the file was replaced. */
export interface Renewed extends Batched {
  /**
   * Looks at the file, and where it is another than at the last look, loads it; true where that is a new model. Rows asked for
   * from then on are scored by it, those asked for before by the old one, which is closed after the last of them. Throws an
   * InputError, once for each file, where it cannot be loaded; then the old model stays.
   */
  renew(): Promise<boolean>;
}

/**
 * The model saved at `path`, whose rows are {@link batched}, and which can be renewed while it scores. All models that the file
 * ever has compute on one backend, so that none leaves memory or threads behind.
 * @throws InputError where `load` does, and for a model that does not say by which columns rows are read.
 */
export async function renewed(path: string, options: LoadOptions & BatchedOptions = {}): Promise<Renewed> {
  const own = options.backend === undefined ? await fast() : undefined;
  const all = { ...options, backend: options.backend ?? own! };
  let seen = await markOf(path);
  let current = await loaded(path, all).catch(async (error: unknown) => {
    await own?.destroy();
    throw error;
  });
  let [last, isClosed]: [Promise<unknown>, boolean] = [Promise.resolve(), false];
  const look = async (): Promise<boolean> => {
    const mark = await markOf(path);
    if (isClosed || mark === seen) return false;
    seen = mark;
    const [old, next] = [current, await loaded(path, all)];
    const isWhole = mark === (await markOf(path));
    if (isWhole) current = next;
    await (isWhole ? old : next).close(); // of what was written over meanwhile it may hold both; the next look loads it
    return isWhole;
  };
  return {
    get about() {
      return current.about;
    },
    score: (rows) => current.score(rows),
    renew() {
      const now = last.then(look); // one look after the other, lest an older file end up in the place of a newer
      last = now.catch(() => {});
      return now;
    },
    async close() {
      isClosed = true;
      await last;
      await current.close();
      await own?.destroy();
    },
  };
}

/** Loads a model that can score rows. */
async function loaded(path: string, { most, ...options }: LoadOptions & BatchedOptions): Promise<Batched> {
  const found = await scorer(path, options);
  try {
    featuresOf(found.about, shownWord(path));
    return batched(found, most === undefined ? {} : { most });
  } catch (error) {
    await found.close();
    throw error;
  }
}

/** What differs between a file and any that takes its place or is written over it. */
async function markOf(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => undefined); // who loads it says why
  return found === undefined ? "" : `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
}
