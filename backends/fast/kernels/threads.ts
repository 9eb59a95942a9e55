/**
 * How threads share a job. The first thread writes the job, raises the epoch and takes part; the others wait for the
 * epoch to change. They watch it for a while before they sleep, since the next job of a step is never far.
 */

import { arrange, reduce } from "./arrange";
import { pickHalves, putHalves } from "./half";
import {
  ADD_TO_UNITS,
  ARRANGE,
  COPY_MEMORY,
  DONE,
  EPOCH,
  GATHER,
  GATHER_HALVES,
  JOB,
  KERNEL,
  MATMUL,
  MATVEC,
  MEAN_SQUARES,
  MIX,
  NUMBER_UNITS,
  PACK,
  PAIRS,
  PEAK_ARITHMETIC,
  PICK_HALVES,
  PICK_UNITS,
  PROGRAM,
  PUT_HALVES,
  PUT_UNITS,
  REDUCE,
  SCATTER,
  TAKEN,
  VECMAT,
} from "./job";
import { copyMemory, peakArithmetic } from "./limits";
import { addToUnits, gather, gatherHalves, numberUnits, pickUnits, putUnits, scatter } from "./lookup";
import { matmul, pack } from "./matmul";
import { matvec, vecmat } from "./matvec";
import { mix, pairs } from "./pairs";
import { meanSquares, program } from "./program";

/** Looks at a word before a thread sleeps: about 50 µs. */
const patience: i32 = 20_000;

/** Runs the job on `threads` threads, this one among them, and returns when all have done their part. */
export function launch(kernel: i32, threads: i32, maySleep: bool): void {
  store<i32>(TAKEN, 0);
  if (threads === 1) {
    perform(kernel, 0, 1);
    return;
  }
  store<i32>(KERNEL, kernel);
  store<i32>(KERNEL + 4, threads);
  atomic.store<i32>(DONE, 0);
  atomic.add<i32>(EPOCH, 1);
  atomic.notify(EPOCH, -1);
  perform(kernel, 0, threads);
  let looks = 0;
  while (true) {
    const done = atomic.load<i32>(DONE);
    if (done === threads - 1) return;
    if (maySleep && ++looks > patience) atomic.wait<i32>(DONE, done, -1);
  }
}

/** A worker's life: it never returns. */
export function serve(thread: i32): void {
  let seen: i32 = 0;
  while (true) {
    let looks = 0;
    let epoch = atomic.load<i32>(EPOCH);
    while (epoch === seen) {
      if (++looks > patience) atomic.wait<i32>(EPOCH, seen, -1);
      epoch = atomic.load<i32>(EPOCH);
    }
    seen = epoch;
    const threads = load<i32>(KERNEL + 4);
    perform(load<i32>(KERNEL), thread, threads);
    atomic.add<i32>(DONE, 1);
    atomic.notify(DONE, 1);
  }
}

/** Long: a line for each kernel. */
function perform(kernel: i32, thread: i32, threads: i32): void {
  switch (kernel) {
    case PACK:
      pack(JOB, thread, threads);
      break;
    case MATMUL:
      matmul(JOB, thread, threads);
      break;
    case MATVEC:
      matvec(JOB, thread, threads);
      break;
    case VECMAT:
      vecmat(JOB, thread, threads);
      break;
    case GATHER:
      gather(JOB, thread, threads);
      break;
    case SCATTER:
      scatter(JOB, thread, threads);
      break;
    case NUMBER_UNITS:
      numberUnits(JOB);
      break;
    case ADD_TO_UNITS:
      addToUnits(JOB, thread, threads);
      break;
    case PICK_UNITS:
      pickUnits(JOB, thread, threads);
      break;
    case PUT_UNITS:
      putUnits(JOB, thread, threads);
      break;
    case PAIRS:
      pairs(JOB, thread, threads);
      break;
    case MIX:
      mix(JOB, thread, threads);
      break;
    case REDUCE:
      reduce(JOB, thread, threads);
      break;
    case ARRANGE:
      arrange(JOB, thread, threads);
      break;
    case PROGRAM:
      program(JOB, thread, threads);
      break;
    case MEAN_SQUARES:
      meanSquares(JOB, thread, threads);
      break;
    case PEAK_ARITHMETIC:
      peakArithmetic(JOB, thread);
      break;
    case GATHER_HALVES:
      gatherHalves(JOB, thread, threads);
      break;
    case PICK_HALVES:
      pickHalves(JOB, thread, threads);
      break;
    case PUT_HALVES:
      putHalves(JOB, thread, threads);
      break;
    case COPY_MEMORY:
      copyMemory(JOB, thread, threads);
      break;
    default:
      unreachable();
  }
}
