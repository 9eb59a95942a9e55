import { BRACKET, CR, folded, LF, lineEnd, POINT, SPACE, word, ZERO } from "./bytes";
import {
  COLUMNS,
  DENSE,
  DENSE_ROWS,
  EMPTY,
  FIELDS,
  ID_END,
  ID_ROWS,
  LABEL_ROWS,
  LONGEST,
  OFFSET_ROWS,
  PART_SEPARATORS,
  POSITIONS,
  QUOTE,
  SEPARATOR,
  SIZES,
  TABLES,
  TEXT_ROWS,
  TEXTS,
} from "./job";
import { murmur } from "./murmur";
import { number } from "./number";

/** Parses the record at `at` into row `row`; the address after it, or 0 where it is not plain. */
export function csvRecord(at: usize, row: usize, valid: bool): usize {
  const next = split(at, valid);
  return next !== 0 &&
    label(row) &&
    numbers(row) &&
    (word(OFFSET_ROWS) === 0 ? ids(row) : bags(row)) &&
    texts(row)
    ? next
    : 0;
}

/**
 * Notes where each field of the record at `at` begins and ends; the address after it. 0 where it spans lines, has doubled
 * quotes, another number of fields, or bytes that may be no text.
 */
function split(at: usize, valid: bool): usize {
  const separator = <u8>word(SEPARATOR);
  const quote = <u8>word(QUOTE);
  let field = word(FIELDS);
  const end = field + (word(COLUMNS) << 3);
  let seen: u8 = 0;
  for (; field < end; field += 8, at++) {
    let c = load<u8>(at);
    let from = at;
    let to = at;
    if (c === quote) {
      from++;
      do {
        c = load<u8>(++at);
        seen |= c;
      } while (c !== quote && c !== LF);
      if (c === LF) return 0;
      to = at++;
      if (load<u8>(at) === CR && load<u8>(at + 1) === LF) at++;
    } else {
      for (; c !== separator && c !== LF; c = load<u8>(++at)) seen |= c;
      to = c === LF && at > from && load<u8>(at - 1) === CR ? at - 1 : at;
    }
    store<u32>(field, <u32>from);
    store<u32>(field, <u32>to, 4);
    if (load<u8>(at) !== (field + 8 === end ? LF : separator)) return 0;
  }
  return seen < 128 || valid ? at : 0;
}

/** Where the entry of column `POSITIONS[index]` is noted. */
function noted(index: usize): usize {
  return word(FIELDS) + ((<usize>load<u32>(word(POSITIONS) + (index << 2))) << 3);
}

/** Reads the label, where rows have one: 0 or 1, perhaps with zeros after a point. */
function label(row: usize): bool {
  if (word(LABEL_ROWS) === 0) return true;
  const field = noted(word(DENSE) + word(TABLES));
  let at = <usize>load<u32>(field);
  const to = <usize>load<u32>(field, 4);
  if (at === to) return false;
  const value = load<u8>(at++) - ZERO;
  if (value > 1 || (at < to && load<u8>(at++) !== POINT)) return false;
  for (; at < to; at++) if (load<u8>(at) !== ZERO) return false;
  store<f32>(word(LABEL_ROWS) + (row << 2), <f32>value);
  return true;
}

/** Reads the dense features: doubles. */
function numbers(row: usize): bool {
  const count = word(DENSE);
  const to = word(DENSE_ROWS) + ((row * count) << 3);
  const empty = load<f64>(word(EMPTY));
  for (let i: usize = 0; i < count; i++) {
    const field = noted(i);
    const from = <usize>load<u32>(field);
    const end = <usize>load<u32>(field, 4);
    let x = empty;
    if (from !== end) {
      x = number(from, end);
      if (!(abs(x) <= <f64>f32.MAX_VALUE)) return false; // also NaN; larger ones, which are rare, may be too large
    }
    store<f64>(to + (i << 3), x);
  }
  return true;
}

/** Hashes the ids, each modulo the rows of its table. */
function ids(row: usize): bool {
  const count = word(TABLES);
  const first = word(DENSE);
  const to = word(ID_ROWS) + ((row * count) << 2);
  for (let t: usize = 0; t < count; t++) {
    const field = noted(first + t);
    const hash = murmur(load<u32>(field), load<u32>(field, 4));
    store<u32>(to + (t << 2), folded(hash, word(SIZES), t));
  }
  return true;
}

/** Notes where the fields are that are kept as they are. */
function texts(row: usize): bool {
  const count = word(TEXTS);
  const first = word(DENSE) + word(TABLES) + <usize>(word(LABEL_ROWS) !== 0);
  const to = word(TEXT_ROWS) + ((row * count) << 3);
  for (let i: usize = 0; i < count; i++) store<u64>(to + (i << 3), load<u64>(noted(first + i)));
  return true;
}

/** Where the first bag of row `row` begins, counted in ids. */
function bagsFrom(row: usize): u32 {
  return load<u32>(word(OFFSET_ROWS) + ((row * word(TABLES)) << 2));
}

/** Whether half the room for ids is free before row `row`. A record that needs more than there is, is not plain. */
export function hasRoom(row: usize): bool {
  return (<usize>bagsFrom(row)) << 3 <= word(ID_END) - word(ID_ROWS);
}

/**
 * Hashes the ids of each bag: the parts of a field that are not empty, without spaces around them, or the field. False where
 * there is no room for them, and for what may be a list in brackets.
 */
function bags(row: usize): bool {
  const count = word(TABLES);
  const first = word(DENSE);
  const ids = word(ID_ROWS);
  const end = word(ID_END);
  let offset = word(OFFSET_ROWS) + ((row * count) << 2);
  let to = ids + ((<usize>bagsFrom(row)) << 2);
  for (let t: usize = 0; t < count; t++) {
    const field = noted(first + t);
    const fieldEnd = <usize>load<u32>(field, 4);
    const separator = load<u32>(word(PART_SEPARATORS) + (t << 2));
    let from = <usize>load<u32>(field);
    if (separator !== 0 && fieldEnd > from && load<u8>(fieldEnd - 1) === BRACKET) return false;
    for (let at = separator === 0 ? fieldEnd : from; at <= fieldEnd; at++) {
      if (at < fieldEnd && <u32>load<u8>(at) !== separator) continue;
      let partEnd = at;
      if (separator !== 0) {
        while (from < at && load<u8>(from) === SPACE) from++;
        while (partEnd > from && load<u8>(partEnd - 1) === SPACE) partEnd--;
      }
      if (partEnd > from || separator === 0) {
        if (to === end) return false;
        store<u32>(to, folded(murmur(from, partEnd), word(SIZES), t));
        to += 4;
      }
      from = at + 1;
    }
    offset += 4;
    store<u32>(offset, <u32>((to - ids) >> 2));
  }
  return true;
}

/** Leaves the bags of row `row` empty. */
export function emptyBags(row: usize): void {
  const count = word(TABLES);
  const at = bagsFrom(row);
  const offsets = word(OFFSET_ROWS) + ((row * count) << 2);
  for (let t: usize = 1; t <= count; t++) store<u32>(offsets + (t << 2), at);
}

/** Lines of the record whose end was looked for; one more where it is still open. */
export let recordLines: u32 = 0;

/**
 * The address after the record at `at`, whose quoted fields may span lines. 0 where one is still open at `end`, but not
 * yet over so many lines that it is wrong.
 */
export function recordEnd(at: usize, end: usize): usize {
  const separator = <u8>word(SEPARATOR);
  const quote = <u8>word(QUOTE);
  recordLines = 1;
  while (true) {
    if (load<u8>(at) === quote) {
      at = afterQuoted(at + 1, end, quote);
      if (at === end) return recordLines > <u32>LONGEST ? end : 0;
      if (load<u8>(at) !== separator) return lineEnd(at); // its last field, or text that must not be there
    } else while (load<u8>(at) !== separator) if (load<u8>(at++) === LF) return at;
    at++;
  }
}

/** The address after the quote that ends the field whose text begins at `at`; `end` where there is none. */
function afterQuoted(at: usize, end: usize, quote: u8): usize {
  for (; at < end; at++) {
    const c = load<u8>(at);
    if (c === LF) recordLines++;
    else if (c === quote) {
      if (load<u8>(at + 1) !== quote) return at + 1;
      at++;
    }
  }
  return end;
}
