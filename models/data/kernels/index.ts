/** The parser of data files, in AssemblyScript: bytes of whole lines to rows. `npm run build` compiles it. */

import { lineEnd, word } from "./bytes";
import { criteoLine } from "./criteo";
import { GAP_COUNT, GAPS, JOB, LINE_COUNT, ROW_COUNT, ROWS } from "./job";

/**
 * Parses the whole lines at [from, end) as far as there is room for rows, and returns the address where it stopped. A
 * record that is not plain keeps its row, and is listed as a gap: only the definition can say what it means, or what is
 * wrong with it.
 */
export function parse(from: usize, end: usize): usize {
  let at = from;
  let row: usize = 0;
  let lines: u32 = 0;
  let gap = word(GAPS);
  const firstGap = gap;
  for (; at < end && row < <usize>ROWS; row++, lines++) {
    const plain = criteoLine(at, row);
    const next = plain !== 0 ? plain : lineEnd(at);
    if (plain === 0) {
      store<u32>(gap, <u32>row);
      store<u32>(gap, lines, 4);
      store<u32>(gap, <u32>at, 8);
      store<u32>(gap, <u32>next, 12);
      gap += 16;
    }
    at = next;
  }
  store<u32>(JOB + (ROW_COUNT << 2), <u32>row);
  store<u32>(JOB + (GAP_COUNT << 2), <u32>((gap - firstGap) >> 4));
  store<u32>(JOB + (LINE_COUNT << 2), lines);
  return at;
}
