import type { StoredAs } from "../core/backend.ts";

/** Node's threads are modules of its own; a page and its workers know the name. */
export const inNode = typeof Worker === "undefined";

/** Bytes of memory that this machine has, or the container that it is; a page does not know, and is told no bound. */
export function hostMemory(): number {
  if (!inNode) return Number.POSITIVE_INFINITY;
  const allowed = process.constrainedMemory(); // 0 where nothing is known
  const all = process.getBuiltinModule("node:os").totalmem();
  return allowed > 0 ? Math.min(all, allowed) : all;
}

/** Bytes of the largest array that can be uploaded: the numbers that it is made of, `width` bytes each, are there beside it. */
export const largestUpload = (width: number, storage?: StoredAs): number =>
  hostMemory() / (1 + width / (storage === "f16" ? 2 : width));
