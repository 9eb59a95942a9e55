import type { Numbers } from "../dataset.ts";

/**
 * A few consecutive rows of a stream. Of one stream all blocks have offsets, or none has; so it is with labels and with
 * texts; and all have numbers of 32 bits, or all of 64.
 */
export interface Block<Of extends Numbers = Numbers> {
  readonly size: number;
  /** [size × D] */
  readonly dense: Of;
  /** Every id, sample-major: bag i·T + t belongs to row i and table t. */
  readonly ids: Uint32Array;
  /** [size × T + 1] where each bag starts, as in `Bags`. Absent: one id a bag, so `ids` is [size × T]. */
  readonly offsets?: Uint32Array;
  /** [size] Absent: the rows have none. */
  readonly labels?: Float32Array;
  /** [size × K] of the columns that are kept as they are. */
  readonly texts?: string[];
}

/** What rows may have besides features. */
interface Beside {
  readonly isLabeled?: boolean;
  /** Columns that are kept as they are. */
  readonly texts?: number;
  /** Whether numbers have 64 bits. */
  readonly isWide?: boolean;
}

/** A block of `size` rows of zeros, one id a bag, to be filled. */
export function emptyBlock(
  size: number,
  dense: number,
  tables: number,
  { isLabeled = true, texts = 0, isWide = false }: Beside = {},
): Block {
  return {
    size,
    dense: new (isWide ? Float64Array : Float32Array)(size * dense),
    ids: new Uint32Array(size * tables),
    ...(isLabeled && { labels: new Float32Array(size) }),
    ...(texts > 0 && { texts: new Array<string>(size * texts).fill("") }),
  };
}

/** Up to `room` rows of D features and T bags each, that are put together one after another. */
export class RowBuffer {
  private readonly D: number;
  private readonly T: number;
  private readonly room: number;
  private block: Block = emptyBlock(0, 0, 0);
  private count = 0;

  constructor(D: number, T: number, room: number) {
    this.D = D;
    this.T = T;
    this.room = room;
  }

  /** Rows that are held. */
  get size(): number {
    return this.count;
  }

  /** Rows for which there is room. */
  get left(): number {
    return this.room - this.count;
  }

  /** 32-bit words that the rows which are held take. */
  get words(): number {
    const { D, T, count, block } = this;
    const each = (D * block.dense.BYTES_PER_ELEMENT) / 4 + (block.labels ? 1 : 0);
    return count * each + (block.offsets ? count * T + block.offsets[count * T]! : count * T);
  }

  /** Appends rows `from` to `to` − 1 of `block`: no more than there is room for. */
  add(block: Block, from: number, to: number): void {
    const { D, T, count } = this;
    if (count === 0) this.block = this.begun(block);
    const { labels, dense, ids } = this.block;
    const K = (block.texts?.length ?? 0) / block.size;
    if (block.texts) this.block.texts!.push(...block.texts.slice(from * K, to * K));
    if (labels && block.labels) for (let i = from, at = count; i < to; i++) labels[at++] = block.labels[i]!;
    for (let i = from * D, at = count * D; i < to * D; i++) dense[at++] = block.dense[i]!;
    if (block.offsets) this.addBags(block, block.offsets, from, to);
    else for (let i = from * T, at = count * T; i < to * T; i++) ids[at++] = block.ids[i]!;
    this.count += to - from;
  }

  /** The rows that are held, and holds none from then on. */
  taken(): Block {
    const { D, T, count } = this;
    const { labels, dense, ids, offsets, texts } = this.block;
    this.block = emptyBlock(0, 0, 0);
    this.count = 0;
    const own = {
      size: count,
      dense: dense.subarray(0, count * D),
      ...(labels && { labels: labels.subarray(0, count) }),
      ...(texts && { texts }),
    };
    if (!offsets) return { ...own, ids: ids.subarray(0, count * T) };
    const end = offsets[count * T]!;
    return { ...own, ids: ids.slice(0, end), offsets: offsets.subarray(0, count * T + 1) }; // no room for ids is kept
  }

  /** Room for rows like those of `first`. */
  private begun({ labels, dense, offsets, texts }: Block): Block {
    const { D, T, room } = this;
    const has = { isLabeled: labels !== undefined, isWide: dense instanceof Float64Array };
    return {
      ...emptyBlock(room, D, T, has),
      ...(offsets && { offsets: new Uint32Array(room * T + 1) }),
      ...(texts && { texts: [] }),
    };
  }

  private addBags({ ids: given }: Block, starts: Uint32Array, from: number, to: number): void {
    const T = this.T;
    const offsets = this.block.offsets!;
    const [first, end] = [starts[from * T]!, starts[to * T]!];
    let bag = this.count * T;
    let at = offsets[bag]!;
    const shift = at - first;
    for (let b = from * T + 1; b <= to * T; b++) offsets[++bag] = starts[b]! + shift;
    const ids = this.idsOf(at + end - first);
    for (let i = first; i < end; i++) ids[at++] = given[i]!;
  }

  /** The ids, with room for `count` of them. */
  private idsOf(count: number): Uint32Array {
    const { ids } = this.block;
    if (count <= ids.length) return ids;
    const grown = new Uint32Array(Math.max(count, 2 * ids.length));
    grown.set(ids);
    this.block = { ...this.block, ids: grown };
    return grown;
  }
}

/** The rows of `blocks`, cut anew into blocks of `size` rows of D features and T bags; the last one may be shorter. */
export async function* recut(
  blocks: AsyncIterable<Block> | Iterable<Block>,
  D: number,
  T: number,
  size: number,
): AsyncGenerator<Block> {
  const rows = new RowBuffer(D, T, size);
  for await (const block of blocks)
    for (let from = 0; from < block.size; ) {
      const to = Math.min(block.size, from + rows.left);
      rows.add(block, from, to);
      from = to;
      if (rows.left === 0) yield rows.taken();
    }
  if (rows.size > 0) yield rows.taken();
}

/** `blocks` with each number rounded to 32 bits. */
export async function* narrowed(blocks: AsyncIterable<Block>): AsyncGenerator<Block<Float32Array>> {
  for await (const block of blocks) yield { ...block, dense: new Float32Array(block.dense) };
}
