/** The parser of data files, in AssemblyScript: bytes of whole lines to rows. `npm run build` compiles it. */

import { lineEnd, word } from "./bytes";
import { criteoLine } from "./criteo";
import { csvRecord, emptyBags, hasRoom, recordEnd, recordLines } from "./csv";
import { GAP_COUNT, GAPS, JOB, LARGEST, LINE_COUNT, OFFSET_ROWS, ROW_COUNT, ROWS, SEPARATOR } from "./job";

/**
 * Parses the whole lines at [from, end) as far as there is room for rows, and returns the address where it stopped: also
 * before a record that goes on after `end`, unless these are the `last` lines. `valid`: all bytes are UTF-8. A record that
 * is not plain or too large keeps its row (with empty bags, where bags have any number of ids), and is listed as a gap: only
 * the definition can say what it means, or what is wrong with it.
 */
export function parse(from: usize, end: usize, valid: bool, last: bool): usize {
  const criteo = word(SEPARATOR) === 0;
  const multi = word(OFFSET_ROWS) !== 0;
  let at = from;
  let row: usize = 0;
  let line: u32 = 0;
  let gaps: usize = 0;
  for (; at < end && row < <usize>ROWS && (!multi || hasRoom(row)); row++) {
    const plain = criteo ? criteoLine(at, row) : csvRecord(at, row, valid);
    let lines: u32 = 1;
    let next = plain;
    if (plain - at > <usize>LARGEST) {
      // also where `plain` is 0
      next = criteo ? lineEnd(at) : recordEnd(at, end);
      if (!criteo) lines = recordLines;
      if (next === 0) {
        if (!last) break;
        next = end;
      }
      noteGap(gaps++, row, line, at, next);
      if (multi) emptyBags(row);
    }
    line += lines;
    at = next;
  }
  store<u32>(JOB + (ROW_COUNT << 2), <u32>row);
  store<u32>(JOB + (GAP_COUNT << 2), <u32>gaps);
  store<u32>(JOB + (LINE_COUNT << 2), line);
  return at;
}

function noteGap(gap: usize, row: usize, line: u32, from: usize, to: usize): void {
  const at = word(GAPS) + (gap << 4);
  store<u32>(at, <u32>row);
  store<u32>(at, line, 4);
  store<u32>(at, <u32>from, 8);
  store<u32>(at, <u32>to, 12);
}
