import type { Op } from "../op.ts";
import { add, addScalar, divide, multiply, scale, subtract } from "./arithmetic.ts";
import { concat, pad, permute, slice } from "./arrange.ts";
import { embeddingBag, embeddingBagGrad } from "./embedding-bag.ts";
import { bce, bceWithLogits, clamp, clampMask, exp, log, relu, reluGrad, sigmoid } from "./functions.ts";
import { linear, matmul } from "./matmul.ts";
import { crossPairwiseDot, pairwiseDot, pairwiseDotGrad } from "./pairwise-dot.ts";
import { reshape } from "./reshape.ts";
import { broadcastTo, sum } from "./sum.ts";

/** Every op: what the laws are generated from. */
export const ops: readonly Op<never>[] = [
  add,
  subtract,
  multiply,
  divide,
  scale,
  addScalar,
  exp,
  log,
  sigmoid,
  relu,
  reluGrad,
  clamp,
  clampMask,
  bceWithLogits,
  bce,
  sum,
  broadcastTo,
  reshape,
  concat,
  slice,
  pad,
  permute,
  matmul,
  linear,
  crossPairwiseDot,
  pairwiseDot,
  pairwiseDotGrad,
  embeddingBag,
  embeddingBagGrad,
] as unknown as readonly Op<never>[];
