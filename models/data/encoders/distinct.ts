import { counted } from "../../../core/format.ts";
import type { Vocabulary } from "./vocabulary.ts";

const bits = 14;
/** Numbers that are kept as they are. */
const few = 1024;

/** Registers of a sketch, a byte each. */
const registers = 2 ** bits;

/**
 * How many different numbers were seen, in 16 KiB whatever their count: a HyperLogLog sketch (Flajolet et al., AofA 2007),
 * by linear counting while registers are empty. The numbers are 32-bit hashes already, so two values of one hash count as one:
 * which is right here, for they share a row of any table. The standard error is 1.04/√16384 = 0.8 %.
 */
export class DistinctSketch {
  private readonly highest = new Uint8Array(registers);
  /** All hashes, while there are no more than {@link few} of them. */
  private readonly first = new Set<number>();

  add(hash: number): void {
    if (this.first.size <= few) this.first.add(hash);
    const register = hash >>> (32 - bits);
    const rank = Math.clz32((hash << bits) | (1 << (bits - 1))) + 1;
    if (rank > this.highest[register]!) this.highest[register] = rank;
  }

  /** The hashes themselves, where there are few; undefined where there are more. */
  get all(): ReadonlySet<number> | undefined {
    return this.first.size <= few ? this.first : undefined;
  }

  /** The estimate, a whole number; exact where there are few. */
  count(): number {
    if (this.all) return this.all.size;
    let [sum, empty] = [0, 0];
    for (const rank of this.highest) {
      sum += 2 ** -rank;
      if (rank === 0) empty++;
    }
    const raw = ((0.7213 / (1 + 1.079 / registers)) * registers ** 2) / sum;
    if (raw <= 2.5 * registers && empty > 0) return Math.round(registers * Math.log(registers / empty));
    // Beyond some hundred million, numbers of 32 bits begin to coincide.
    return Math.round(raw < 2 ** 32 ? -(2 ** 32) * Math.log1p(-raw / 2 ** 32) : 2 ** 32);
  }
}

/**
 * Rows for a table of these ids, which a hash places: a power of two, four to eight rows an id, so that of ten ids one or two
 * share their row. Where ids are few, up to sixteen times as many if then no two of them share one: a column of yes and no
 * would be lost if they did.
 */
export function rowsFor(ids: Pick<DistinctSketch, "all" | "count">): number {
  const usual = Math.min(2 ** 32, 2 ** Math.ceil(Math.log2(4 * Math.max(1, ids.count()))));
  const { all } = ids;
  for (let rows = usual; all && rows <= 16 * usual; rows *= 2) if (sharing(all, rows) === 0) return rows;
  return usual;
}

/** How many of these ids share their row of a table with another one. */
export function sharing(hashes: ReadonlySet<number>, rows: number): number {
  const counts = new Map<number, number>();
  for (const hash of hashes) counts.set(hash % rows, (counts.get(hash % rows) ?? 0) + 1);
  return [...counts.values()].reduce((sum, count) => sum + (count > 1 ? count : 0), 0);
}

/** What a column of ids became, for people: a table of hashed ids, or one of ids that each have a row to themselves. */
export function tableInWords(
  column: string,
  ids: DistinctSketch,
  { rows, vocabulary }: { readonly rows: number; readonly vocabulary?: Vocabulary },
): string {
  const found = `${column}: ${ids.all ? "" : "about "}${counted(ids.count(), "different id")}`;
  if (vocabulary) {
    const unknown = [...(ids.all ?? [])].filter((hash) => vocabulary.rowOf(hash) === 0).length;
    return `${found}; each of the ${counted(rows - 1, "id")} that it was made of has a row of its own${unknown > 0 ? `, ${unknown} others share one` : ""}`;
  }
  const shared = ids.all && sharing(ids.all, rows);
  return `${found} in ${counted(rows, "row")}${shared ? `, ${shared} of which share theirs with another` : ""}`;
}
