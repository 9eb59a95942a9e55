import { bytes, counted } from "../../../core/format.ts";
import { type Cell, full } from "./protocol.ts";
import { type Loss, type SmallEnough, seedsNeeded } from "./small-enough.ts";
import type { Row, Summary } from "./summary.ts";
import { cellInWords, inDigits, judgeWords, shareInWords } from "./words.ts";

/** How small tables can be, in the words that the numbers bear and no more. */
export function headline({ judge, rows, small }: Summary): string {
  const { changes, loss, losesLess } = judgeWords[judge];
  const rowOf = (cell: Cell) =>
    rows.find((row) => row.method === cell.method && row.compression === cell.compression)!;
  const named = (cell: Loss) =>
    `${cellInWords(cell)} (${bytes(rowOf(cell).bytes)} in place of ${bytes(rowOf(full).bytes)})`;
  const { smallest, nearest, tolerance } = small;
  if (smallest)
    return `Small enough: ${named(smallest)} ${changes(smallest.mean)}; ${loss} is at most ${limitInWords(smallest.most, smallest, small)}, which is below the tolerance of ${tolerance}.${keptBy(rowOf(smallest))}`;
  if (nearest)
    return `No smaller tables are shown ${losesLess(tolerance)}; nearest is ${named(nearest)}, which ${changes(nearest.mean)}; ${loss} is ${outlook(nearest, small)}.${keptBy(rowOf(nearest))}`;
  const compressed = rows.filter(({ compression }) => compression > 1);
  if (compressed.length === 0) return "Only full tables and the floor were trained.";
  return compressed.every(({ seeds }) => seeds.length < 2)
    ? "Of one seed no loss can be shown to be small: give several --seeds."
    : `No smaller tables are shown ${losesLess(tolerance)}: no method trained at every seed.`;
}

/** A limit of a loss, and how sure it is; with as many digits as it needs to be on its side of the tolerance. */
function limitInWords(limit: number, { seeds }: Loss, { level, tolerance }: SmallEnough): string {
  const side = Math.sign(limit - tolerance);
  const digits = [4, 5, 6, 7, 8].find((n) => Math.sign(Number(limit.toFixed(n)) - tolerance) === side) ?? 9;
  return `${inDigits(limit, digits)} (by ${counted(seeds, "seed")}, with ${Number((100 * (1 - level)).toPrecision(4))} % confidence)`;
}

/** What stands in the way of a loss that is not shown to be small, and whether more seeds would take it away. */
function outlook(loss: Loss, small: SmallEnough): string {
  if (loss.least >= small.tolerance)
    return `at least ${limitInWords(loss.least, loss, small)}: that is too much, which more seeds would not change`;
  const open = `at most ${limitInWords(loss.most, loss, small)}`;
  const needed = seedsNeeded(loss, small);
  if (needed !== undefined)
    return `${open}: about ${needed} seeds would show it to be small, if they differ as these do`;
  return loss.mean < small.tolerance
    ? `${open}: it may be small, but more seeds would not show it; more rows would`
    : `${open}: it seems to be too much, which more seeds or rows would tell`;
}

const keptBy = ({ kept }: Row): string => (kept ? ` It keeps ${shareInWords(kept)} of the ids' signal.` : "");
