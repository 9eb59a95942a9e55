import { check, integer } from "../../../core/errors.ts";
import type { RawRow } from "../../data/formats/raw-rows.ts";
import type { About } from "../saved/about.ts";
import type { Scorer } from "../saved/filled.ts";

/** How rows are put together. */
export interface BatchedOptions {
  /** Rows that go through the model together at most (default 1024); a list is not cut, so a longer one goes alone. */
  readonly most?: number;
}

/** What scores lists of rows, those of several callers together. */
export interface Batched {
  readonly about: About;
  /**
   * P(label = 1) of each row, in their order. Throws as a scorer does, with the number that the row has in this list; nobody
   * else's rows are refused for it.
   */
  score(rows: readonly RawRow[]): Promise<number[]>;
  /** Answers all that was asked for until now, then closes the scorer. What is asked for later is refused. */
  close(): Promise<void>;
}

/** A list that somebody waits for. */
interface Asked {
  readonly rows: readonly RawRow[];
  give(probabilities: number[]): void;
  refuse(error: unknown): void;
}

/**
 * Scores small lists of many callers as few large batches: what comes while a batch is being scored goes together in the next
 * one. Nothing waits for more to come, so that a list that comes alone is scored at once. For programs that run in Node.
 */
export function batched(scorer: Scorer, { most = 1024 }: BatchedOptions = {}): Batched {
  integer("The rows that are scored together", most, 1);
  const waiting: Asked[] = [];
  let working: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const work = async () => {
    while (waiting.length > 0) {
      await turn();
      await answer(scorer, taken(waiting, most), most);
    }
    working = undefined; // in one go with the look at what waits: nothing can come in between
  };
  return {
    about: scorer.about,
    async score(rows) {
      check(closing === undefined, () => "The model is closed, and scores no more rows; load it again.");
      const found = new Promise<number[]>((give, refuse) => void waiting.push({ rows, give, refuse }));
      working ??= work();
      return found;
    },
    close() {
      closing ??= Promise.resolve(working).then(() => scorer.close());
      return closing;
    },
  };
}

/** Lets the host read what has come: a backend that answers at once would leave it no time between batches. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Takes from the front as many lists as have `most` rows together, at least one. */
function taken(waiting: Asked[], most: number): Asked[] {
  let [lists, rows] = [1, waiting[0]!.rows.length];
  while (lists < waiting.length && rows + waiting[lists]!.rows.length <= most)
    rows += waiting[lists++]!.rows.length;
  return waiting.splice(0, lists);
}

/** Where a batch is refused, its halves are tried, so that a row that cannot be scored is told to nobody but who sent it. */
async function answer(scorer: Scorer, asked: readonly Asked[], batch: number): Promise<void> {
  const found: number[] = [];
  try {
    const rows = asked.flatMap(({ rows }) => rows);
    for await (const p of scorer.score(rows, { batch })) found.push(p);
  } catch (error) {
    if (asked.length === 1) return asked[0]!.refuse(error);
    const half = Math.ceil(asked.length / 2);
    await answer(scorer, asked.slice(0, half), batch);
    return answer(scorer, asked.slice(half), batch);
  }
  let at = 0;
  for (const { rows, give } of asked) {
    give(found.slice(at, at + rows.length));
    at += rows.length;
  }
}
