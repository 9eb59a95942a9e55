// npx tsx examples/01-gradient-of-one-neuron.ts
// One neuron, its gradient three ways: by the reverse sweep, by the formula in the book, by a difference.
import assert from "node:assert/strict";
import {
  bceWithLogits,
  cpu64,
  dense,
  gradients,
  linear,
  reshape,
  sumAll,
  type Tensor,
  tensor,
} from "pss-dlrm";

const x = tensor(cpu64, [1, 3], [0.5, -1, 2]); // one sample of three features
const y = tensor(cpu64, [1], [1]); // its label
const b = tensor(cpu64, [1], [0.1]);
const weights = [0.3, -0.2, 0.4];

/** −ln sigmoid(w·x + b), since the label is 1. */
function lossOf(w: Tensor): Tensor {
  const logit = linear(x, w, b, { activation: "none" }); // [1 × 1]
  return sumAll(bceWithLogits(reshape(logit, { shape: [1] }), y));
}

const w = tensor(cpu64, [1, 3], weights);
const loss = lossOf(w);
const slope = dense(gradients(loss, [w])[0]!); // a gradient is again a tensor …
const bend = dense(gradients(sumAll(slope), [w])[0]!); // … so it has a gradient: a sum over each row of the Hessian

// By hand, with p = sigmoid(w·x + b): ∂loss/∂wᵢ = (p − y)·xᵢ and ∂²loss/∂wᵢ∂wⱼ = p(1 − p)·xᵢ·xⱼ.
const [features, bias] = [await x.data(), await b.item()];
const p = 1 / (1 + Math.exp(-weights.reduce((sum, wi, i) => sum + wi * features[i]!, bias)));
const sum = Array.from(features).reduce((total, xi) => total + xi, 0);
const byHand = weights.map((_, i) => (p - 1) * features[i]!);
const bendByHand = weights.map((_, i) => p * (1 - p) * features[i]! * sum);

// By a central difference, whose error is of order h².
const h = 1e-5;
const moved = (i: number, by: number) =>
  lossOf(tensor(cpu64, [1, 3], weights.with(i, weights[i]! + by))).item();
const byDifference = await Promise.all(
  weights.map(async (_, i) => ((await moved(i, h)) - (await moved(i, -h))) / (2 * h)),
);

const [swept, bent] = [await slope.data(), await bend.data()];
console.log(`loss ${(await loss.item()).toFixed(6)}, probability ${p.toFixed(6)}`);
console.log("weight   sweep      formula    difference   second derivative");
for (const i of weights.keys()) {
  const row = [swept[i]!, byHand[i]!, byDifference[i]!, bent[i]!].map((v) => v.toFixed(6).padStart(9));
  console.log(`w${i}     ${row.join("  ")}`);
  assert(Math.abs(swept[i]! - byHand[i]!) < 1e-15);
  assert(Math.abs(swept[i]! - byDifference[i]!) < 1e-9);
  assert(Math.abs(bent[i]! - bendByHand[i]!) < 1e-15);
}
