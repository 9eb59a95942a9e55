/**
 * Scalar functions over whole arrays. An expression arrives as a short program of instructions, each carried out for
 * `CHUNK` elements before the next, so that what lies between them stays in the first cache and what an instruction
 * costs to decode is paid once a chunk. Threads share the chunks.
 */
import { address, bytes, copyStrided, share, word } from "./floats";
import {
  ABS,
  ADD,
  AND,
  ARRAY,
  AT_MOST,
  CEIL,
  CHUNK,
  CONSTANT,
  COPY,
  COS,
  DIVIDE,
  EQUAL,
  EXP,
  EXPM1,
  FLOOR,
  LESS,
  LOG,
  LOG1P,
  MAX,
  MIN,
  MULTIPLY,
  NEGATE,
  NOT,
  NOT_EQUAL,
  OR,
  POW,
  SELECT,
  SIN,
  SQRT,
  STRIDED,
  SUBTRACT,
  TANH,
} from "./job";

// Words of a job.
const COUNT = 0; // elements
const OPERANDS = 1; // how many
const OPERAND = 2; // [operands × 3] kind; address or number; for STRIDED: rank, sizes, strides
const INSTRUCTIONS = 3; // how many
const INSTRUCTION = 4; // [instructions × 5] code, target, three operands; operands as byte offsets into the addresses
const REGISTERS = 5; // for each thread: CHUNK floats an operand
const ADDRESSES = 6; // for each thread: an address an operand

export function program(job: usize, thread: i32, threads: i32): void {
  const count = word(job, COUNT);
  const operands = word(job, OPERANDS);
  const registers = address(job, REGISTERS) + bytes(thread * operands * CHUNK);
  const addresses = address(job, ADDRESSES) + bytes(thread * operands);
  fillConstants(job, operands, registers);
  const chunks = (count + CHUNK - 1) / CHUNK;
  const last = share(chunks, thread + 1, threads);
  for (let chunk = share(chunks, thread, threads); chunk < last; chunk++) {
    const first = chunk * CHUNK;
    const length = min(CHUNK, count - first);
    point(job, operands, registers, addresses, first, length);
    run(job, addresses, length);
  }
}

function fillConstants(job: usize, operands: i32, registers: usize): void {
  for (let o = 0; o < operands; o++) {
    const operand = address(job, OPERAND) + bytes(3 * o);
    if (load<i32>(operand) !== CONSTANT) continue;
    const register = registers + bytes(o * CHUNK);
    const value = v128.load_splat<f32>(operand, 4);
    for (let i = 0; i < CHUNK; i += 4) v128.store(register + bytes(i), value);
  }
}

/** Where each operand's elements first … first + length lie. */
function point(job: usize, operands: i32, registers: usize, addresses: usize, first: i32, length: i32): void {
  for (let o = 0; o < operands; o++) {
    const operand = address(job, OPERAND) + bytes(3 * o);
    const kind = load<i32>(operand);
    const register = registers + bytes(o * CHUNK);
    const from = load<usize>(operand, 4);
    if (kind === STRIDED) readStrided(register, from, load<usize>(operand, 8), first, length);
    store<usize>(addresses + bytes(o), kind === ARRAY ? from + bytes(first) : register);
  }
}

/**
 * Elements first … first + count of an array that is stretched over a larger shape: rank, sizes, strides. Where a run of the
 * last axis begins is found by division only when an axis before the last two moves on: runs are short, divisions slow.
 */
function readStrided(to: usize, from: usize, view: usize, first: i32, count: i32): void {
  const rank = load<i32>(view);
  const sizes = view + 4;
  const strides = sizes + bytes(rank);
  const inner = load<i32>(sizes + bytes(rank - 1));
  const step = load<i32>(strides + bytes(rank - 1));
  const runs = rank > 1 ? load<i32>(sizes + bytes(rank - 2)) : 1;
  const runStep = rank > 1 ? load<i32>(strides + bytes(rank - 2)) : 0;
  let run = first / inner;
  let column = first % inner;
  while (count > 0) {
    let rest = run;
    let offset = 0;
    for (let axis = rank - 2; axis >= 0; axis--) {
      const size = load<i32>(sizes + bytes(axis));
      offset += (rest % size) * load<i32>(strides + bytes(axis));
      rest /= size;
    }
    for (let left = runs - (run % runs); left > 0 && count > 0; left--) {
      const length = min(count, inner - column);
      copyStrided(to, from + bytes(offset + column * step), step, length);
      to += bytes(length);
      count -= length;
      offset += runStep;
      column = 0;
      run++;
    }
  }
}

function run(job: usize, addresses: usize, length: i32): void {
  const instructions = word(job, INSTRUCTIONS);
  let at = address(job, INSTRUCTION);
  for (let i = 0; i < instructions; i++) {
    const to = load<usize>(addresses + load<usize>(at, 4));
    const a = load<usize>(addresses + load<usize>(at, 8));
    const b = load<usize>(addresses + load<usize>(at, 12));
    const c = load<usize>(addresses + load<usize>(at, 16));
    const code = load<i32>(at);
    if (code < LESS) arithmetic(code, to, a, b, length);
    else if (code < FLOOR) logic(code, to, a, b, c, length);
    else transcendental(code, to, a, b, length);
    at += 20;
  }
}

// Loops run over whole vectors: the last may reach past the end, into the padding that every array has.

function arithmetic(code: i32, to: usize, a: usize, b: usize, length: i32): void {
  const end = bytes(length);
  switch (code) {
    case ADD:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
      break;
    case SUBTRACT:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.sub(v128.load(a + i), v128.load(b + i)));
      break;
    case MULTIPLY:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
      break;
    case DIVIDE:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.div(v128.load(a + i), v128.load(b + i)));
      break;
    case NEGATE:
      for (let i: usize = 0; i < end; i += 16) v128.store(to + i, f32x4.neg(v128.load(a + i)));
      break;
    case ABS:
      for (let i: usize = 0; i < end; i += 16) v128.store(to + i, f32x4.abs(v128.load(a + i)));
      break;
    case SQRT:
      for (let i: usize = 0; i < end; i += 16) v128.store(to + i, f32x4.sqrt(v128.load(a + i)));
      break;
    case MIN:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.min(v128.load(a + i), v128.load(b + i)));
      break;
    case MAX:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.max(v128.load(a + i), v128.load(b + i)));
      break;
    default:
      unreachable();
  }
}

function logic(code: i32, to: usize, a: usize, b: usize, c: usize, length: i32): void {
  const end = bytes(length);
  switch (code) {
    case LESS:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.lt(v128.load(a + i), v128.load(b + i)));
      break;
    case AT_MOST:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.le(v128.load(a + i), v128.load(b + i)));
      break;
    case EQUAL:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.eq(v128.load(a + i), v128.load(b + i)));
      break;
    case NOT_EQUAL:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, f32x4.ne(v128.load(a + i), v128.load(b + i)));
      break;
    case AND:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, v128.and(v128.load(a + i), v128.load(b + i)));
      break;
    case OR:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, v128.or(v128.load(a + i), v128.load(b + i)));
      break;
    case NOT:
      for (let i: usize = 0; i < end; i += 16) v128.store(to + i, v128.not(v128.load(a + i)));
      break;
    case SELECT:
      for (let i: usize = 0; i < end; i += 16)
        v128.store(to + i, v128.bitselect(v128.load(b + i), v128.load(c + i), v128.load(a + i)));
      break;
    case COPY:
      for (let i: usize = 0; i < end; i += 16) v128.store(to + i, v128.load(a + i));
      break;
    default:
      unreachable();
  }
}

/** In doubles, by the host's own functions, and rounded once. */
function transcendental(code: i32, to: usize, a: usize, b: usize, length: i32): void {
  for (let i: usize = 0; i < bytes(length); i += 4) {
    const x = <f64>load<f32>(a + i);
    let y: f64 = 0;
    if (code === EXP) y = JSMath.exp(x);
    else if (code === LOG) y = JSMath.log(x);
    else if (code === LOG1P) y = JSMath.log1p(x);
    else if (code === EXPM1) y = JSMath.expm1(x);
    else if (code === TANH) y = JSMath.tanh(x);
    else if (code === SIN) y = JSMath.sin(x);
    else if (code === COS) y = JSMath.cos(x);
    else if (code === POW) y = JSMath.pow(x, <f64>load<f32>(b + i));
    else if (code === FLOOR) y = Math.floor(x);
    else if (code === CEIL) y = Math.ceil(x);
    else unreachable();
    store<f32>(to + i, <f32>y);
  }
}

// Words of a job.
const GROUPS = 0;
const WIDTH = 1;
const FROM = 2;
const TO = 3;

/** to[j] = the mean of from² over group j of `width` neighbors. Threads share the groups. */
export function meanSquares(job: usize, thread: i32, threads: i32): void {
  const groups = word(job, GROUPS);
  const width = word(job, WIDTH);
  const from = address(job, FROM);
  const to = address(job, TO);
  const last = share(groups, thread + 1, threads);
  for (let j = share(groups, thread, threads); j < last; j++) {
    let sum: f64 = 0;
    for (let c = 0; c < width; c++) {
      const x = <f64>load<f32>(from + bytes(j * width + c));
      sum += x * x;
    }
    store<f32>(to + bytes(j), <f32>(sum / width));
  }
}
