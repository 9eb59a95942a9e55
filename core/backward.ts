import { check } from "./errors.ts";
import { add } from "./ops/arithmetic.ts";
import { embeddingBagGrad } from "./ops/embedding-bag.ts";
import { showShape, sizeOf } from "./shape.ts";
import { type Cotangent, type SparseGradient, Tensor, tensor } from "./tensor.ts";

/**
 * ∂⟨seed, output⟩/∂x for each x of `wrt`: one reverse sweep. Gradients are tensors made by ops, so they can be
 * differentiated again. An x that `output` does not depend on gets null. The gradient of a memory that is only gathered
 * from stays a list of contributions: {@link dense} carries the scatters out.
 *
 * @param seed cotangent of `output`; may be left out where output is one number.
 */
export function gradients(output: Tensor, wrt: readonly Tensor[], seed?: Tensor): (Cotangent | null)[] {
  check(
    seed !== undefined || sizeOf(output.shape) === 1,
    () =>
      `gradients: an output of shape ${showShape(output.shape)} needs a seed of that shape; only a single number needs none.`,
  );
  const cotangents = new Map<Tensor, Cotangent>();
  cotangents.set(output, seed ?? tensor(output.backend, output.shape, [1]));
  for (const node of sweepOrder(output, wrt)) {
    const cotangent = cotangents.get(node);
    if (cotangent === undefined || node.origin === undefined) continue;
    if (!wrt.includes(node)) cotangents.delete(node);
    const partials = node.origin.vjp(dense(cotangent));
    node.origin.inputs.forEach((input, i) => {
      const partial = partials[i];
      if (partial == null) return;
      const sofar = cotangents.get(input);
      cotangents.set(input, sofar === undefined ? partial : plus(sofar, partial));
    });
  }
  return wrt.map((x) => cotangents.get(x) ?? null);
}

/** A gradient as one tensor: scatters what was left as contributions. */
export function dense(cotangent: Cotangent): Tensor {
  if (cotangent instanceof Tensor) return cotangent;
  return cotangent.parts
    .map(({ lookup, cotangent: g }) => embeddingBagGrad(g, { lookup }))
    .reduce((a, b) => add(a, b));
}

function plus(a: Cotangent, b: Cotangent): Cotangent {
  if (a instanceof Tensor || b instanceof Tensor) return add(dense(a), dense(b));
  return { kind: "contributions", parts: [...a.parts, ...b.parts] } satisfies SparseGradient;
}

/**
 * The tensors between `output` and `wrt`, each before its inputs. Iterative, so that a graph of any depth fits: an
 * explicit stack holds (tensor, next input to visit).
 */
function sweepOrder(output: Tensor, wrt: readonly Tensor[]): Tensor[] {
  const wanted = new Set(wrt);
  const leads = new Map<Tensor, boolean>();
  const finished: Tensor[] = [];
  const stack: { node: Tensor; next: number; leads: boolean }[] = [
    { node: output, next: 0, leads: wanted.has(output) },
  ];
  const open = new Set<Tensor>([output]);
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const input = top.node.origin?.inputs[top.next++];
    if (input !== undefined) {
      const known = leads.get(input);
      if (known !== undefined) top.leads ||= known;
      else if (!open.has(input)) {
        open.add(input);
        stack.push({ node: input, next: 0, leads: wanted.has(input) });
      }
      continue;
    }
    stack.pop();
    leads.set(top.node, top.leads);
    if (top.leads) finished.push(top.node);
    const parent = stack.at(-1);
    if (parent !== undefined) parent.leads ||= top.leads;
  }
  return finished.reverse();
}
