/**
 * What host and kernels must agree on. Plain constants, so that this file is TypeScript for the one and AssemblyScript
 * for the others. A job is a row of 32-bit words at `JOB`: a kernel's sizes and addresses, in the order given here.
 */

/** Where threads meet, in bytes from the start of memory. What they watch has a cache line of its own. */
export const EPOCH = 64;
export const DONE = 128;
export const KERNEL = 192;
/** How much of a job's work threads have taken, where they take it piece by piece. */
export const TAKEN = 224;
export const JOB = 256;
/** First byte that is free for arrays. */
export const HEAP = 1024;

/** Kernels. */
export const PACK = 0;
export const MATMUL = 1;
export const GATHER = 2;
export const SCATTER = 3;
export const NUMBER_UNITS = 4;
export const ADD_TO_UNITS = 5;
export const PICK_UNITS = 6;
export const PUT_UNITS = 7;
export const PAIRS = 8;
export const MIX = 9;
export const REDUCE = 10;
export const ARRANGE = 11;
export const PROGRAM = 12;
export const MEAN_SQUARES = 13;
export const PEAK_ARITHMETIC = 14;
export const COPY_MEMORY = 15;
export const MATVEC = 16;
export const VECMAT = 17;
export const GATHER_HALVES = 18;
export const PICK_HALVES = 19;
export const PUT_HALVES = 20;

/** Halves that a dense step moves as one unit: each thread takes whole ones. */
export const STRIP = 512;

/** Flags of a product. */
export const TRANSPOSED_A = 1;
export const TRANSPOSED_B = 2;
export const POSITIVE_PART = 4;

/** Elements that a program works on at a time: its registers stay in the first cache. */
export const CHUNK = 512;

/** How a program's operand is found. */
export const ARRAY = 0; // element i of an array
export const TEMPORARY = 1; // a register of the thread
export const CONSTANT = 2; // one number
export const STRIDED = 3; // an array read through strides

/** Instructions of a program: target, then up to three operands. Truth is a word of ones. */
export const ADD = 0;
export const SUBTRACT = 1;
export const MULTIPLY = 2;
export const DIVIDE = 3;
export const NEGATE = 4;
export const ABS = 5;
export const SQRT = 6;
export const MIN = 7;
export const MAX = 8;
export const LESS = 9;
export const AT_MOST = 10;
export const EQUAL = 11;
export const NOT_EQUAL = 12;
export const AND = 13;
export const OR = 14;
export const NOT = 15;
export const SELECT = 16;
export const COPY = 17;
export const FLOOR = 18;
export const CEIL = 19;
export const EXP = 20;
export const LOG = 21;
export const LOG1P = 22;
export const EXPM1 = 23;
export const TANH = 24;
export const SIN = 25;
export const COS = 26;
export const POW = 27;
