/**
 * What the host and the parser must agree on. Plain constants, so that this file is TypeScript for the one and
 * AssemblyScript for the other. Sizes, addresses and results are 32-bit words at `JOB`, in the order given here.
 */

export const JOB = 64;
/** First byte that is free: tables of the module itself lie below. */
export const HEAP = 4096;

/** What separates the fields of a CSV file, as a character code; 0 where the lines are in Criteo's format. */
export const SEPARATOR = 0;
/** What quotes a field of a CSV file, as a character code, or NO_QUOTE. */
export const QUOTE = 1;
/** Fields of a record of a CSV file. */
export const COLUMNS = 2;
/** Features of a row. */
export const DENSE = 3;
export const TABLES = 4;
/** Address of the rows of each table [TABLES], 0 for 2³². */
export const SIZES = 5;
/** Address of the columns of the dense features, of the ids, of the label, if any, and of texts. */
export const POSITIONS = 6;
/** Address of where the fields of one record begin and end [COLUMNS × 2]. */
export const FIELDS = 7;
/** Address of the records that were not parsed [ROWS × 4]: row, lines before it in this call, first byte, byte after. */
export const GAPS = 8;
/**
 * Addresses of the rows: labels [ROWS] (0 where rows have none), dense features [ROWS × DENSE] of 64 bits each in CSV files and
 * of 32 in Criteo's format, ids [ROWS × TABLES].
 */
export const LABEL_ROWS = 9;
export const DENSE_ROWS = 10;
export const ID_ROWS = 11;
/** Address of the 64-bit float that an empty field of numbers in a CSV file becomes. */
export const EMPTY = 12;
/** Where bags have any number of ids: address after the room for these. */
export const ID_END = 13;
/** Address of where each bag's ids begin, counted in ids [ROWS × TABLES + 1]; 0 where each bag has one id. */
export const OFFSET_ROWS = 14;
/** Address of what separates the ids of each table's field, as character codes, 0 where it is one id [TABLES]. */
export const PART_SEPARATORS = 15;

/** Columns that are kept as they are; theirs stand last among POSITIONS. */
export const TEXTS = 16;
/** Address of where each of these fields begins and ends [ROWS × TEXTS × 2]. */
export const TEXT_ROWS = 17;

/** Results of a call: rows, those among them that were not parsed, lines. */
export const ROW_COUNT = 18;
export const GAP_COUNT = 19;
export const LINE_COUNT = 20;

/** A byte that no UTF-8 text has. */
export const NO_QUOTE = 255;

/** Rows for which there is room. */
export const ROWS = 4096;

/** A record has at most so many lines: beyond that a quote is a mistake, and the rest of the file not its text. */
export const LONGEST = 1001;

/** A record has at most so many bytes, with the end of its last line: more would have to be held until that comes. */
export const LARGEST = 1 << 20;

/**
 * The 32-bit value of a missing category in Criteo's format, the same in each table: 0x811c9dc5, the FNV-1a hash of no bytes
 * at all. It is one row of each table like any other, shared with a real category only where that has the same value modulo
 * the table.
 */
export const MISSING = 0x811c9dc5;
