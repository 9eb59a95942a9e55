import { CR, folded, LF, MINUS, TAB, word, ZERO } from "./bytes";
import { DENSE, DENSE_ROWS, ID_ROWS, LABEL_ROWS, MISSING, SIZES, TABLES } from "./job";

/** What each character counts as a hexadecimal digit, 255 where it is none. */
const digits = memory.data(256);
for (let c = 0; c < 256; c++) {
  const small = c | 32;
  const digit = c >= 48 && c <= 57 ? c - 48 : small >= 97 && small <= 102 ? small - 87 : 255;
  store<u8>(digits + c, <u8>digit);
}

/** Parses the line at `at` into row `row`; the address after it, or 0 where it is not of the format. */
export function criteoLine(at: usize, row: usize): usize {
  const label = load<u8>(at) - ZERO;
  if (label > 1) return 0;
  store<f32>(word(LABEL_ROWS) + (row << 2), <f32>label);
  at = wholeNumbers(at + 1, row);
  if (at !== 0) at = categories(at, row);
  if (at === 0) return 0;
  if (load<u8>(at) === CR) at++;
  return load<u8>(at) === LF ? at + 1 : 0;
}

/** Parses the fields that follow the tab at `at`: ln(max(x, 0) + 1) of each, 0 where it is missing. */
function wholeNumbers(at: usize, row: usize): usize {
  const count = word(DENSE);
  let to = word(DENSE_ROWS) + ((row * count) << 2);
  for (const end = to + (count << 2); to < end; to += 4) {
    if (load<u8>(at) !== TAB) return 0;
    const negative = load<u8>(++at) === MINUS;
    if (negative) at++;
    const first = at;
    let value: f64 = 0;
    for (let digit = load<u8>(at) - ZERO; digit <= 9; digit = load<u8>(++at) - ZERO)
      value = value * 10 + <f64>digit;
    if (negative && at === first) return 0;
    store<f32>(to, negative || value === 0 ? 0 : <f32>JSMath.log(value + 1));
  }
  return at;
}

/** Parses the fields that follow the tab at `at`: up to 8 hexadecimal digits each, modulo the rows of its table. */
function categories(at: usize, row: usize): usize {
  const count = word(TABLES);
  const sizes = word(SIZES);
  let to = word(ID_ROWS) + ((row * count) << 2);
  for (let t: usize = 0; t < count; t++, to += 4) {
    if (load<u8>(at) !== TAB) return 0;
    const first = ++at;
    let value: u32 = 0;
    for (
      let digit = load<u8>(digits + load<u8>(at));
      digit !== 255;
      digit = load<u8>(digits + load<u8>(++at))
    )
      value = (value << 4) | digit;
    if (at - first > 8) return 0;
    store<u32>(to, folded(at === first ? MISSING : value, sizes, t));
  }
  return at;
}
