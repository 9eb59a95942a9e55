import type { Op } from "../op.ts";
import { add, divide, multiply, scale, shift, subtract } from "./arithmetic.ts";
import { concat, pad, permute, slice } from "./arrange.ts";
import {
  clamp,
  crossEntropy,
  crossEntropyOfProbability,
  exp,
  inside,
  log,
  passed,
  relu,
  sigmoid,
} from "./functions.ts";
import { gather, scatter } from "./gather.ts";
import { linear, matmul } from "./matmul.ts";
import { gram, mix, pairs } from "./pairs.ts";
import { reshape } from "./reshape.ts";
import { broadcastTo, sum } from "./sum.ts";

/** Every op: what the laws are generated from. */
export const ops: readonly Op<never>[] = [
  add,
  subtract,
  multiply,
  divide,
  scale,
  shift,
  exp,
  log,
  sigmoid,
  relu,
  passed,
  clamp,
  inside,
  crossEntropy,
  crossEntropyOfProbability,
  sum,
  broadcastTo,
  reshape,
  concat,
  slice,
  pad,
  permute,
  matmul,
  linear,
  pairs,
  gram,
  mix,
  gather,
  scatter,
] as unknown as readonly Op<never>[];
