import { distances } from "../../backends/validate.ts";
import type { FloatArray } from "../../core/backend.ts";
import { dense, gradients } from "../../core/backward.ts";
import { check } from "../../core/errors.ts";
import type { Form } from "../../core/form.ts";
import { ulpsApart } from "../../core/numeric/number.ts";
import { type Tensor, tidy } from "../../core/tensor.ts";
import type { Batch, Dataset } from "../data/dataset.ts";
import type { Dlrm } from "./dlrm.ts";

/** One element of what one op made on both models. */
export interface ComparedPlace {
  /** The op's name; of what no op made, the parameter's name or "batch". */
  readonly op: string;
  /** How many tensors were made before this one, forward and backward, of all batches. */
  readonly call: number;
  readonly index: number;
  readonly a: number;
  readonly b: number;
  /** f32 numbers between the two. */
  readonly ulps: number;
  /** |error| / error bound of the op given its own inputs, the larger of both models. Over 1: the backend is wrong. */
  readonly fraction: number;
}

/** How far apart two models are on some rows: losses, gradients, and all that leads to them. */
export interface Comparison {
  /** Tensors compared. */
  readonly calls: number;
  /** Of several batches, that whose losses are furthest apart. */
  readonly loss: ComparedPlace;
  readonly mostUlps: ComparedPlace;
  readonly worst: ComparedPlace;
  /** The first element, in the order of the computation, whose bits differ; undefined where none does. */
  readonly firstDifference: ComparedPlace | undefined;
  /** The first element beyond its error bound. */
  readonly firstOutOfBound: ComparedPlace | undefined;
}

/** What two models are compared on: one batch, several, or all rows of a dataset. */
export type Rows = Batch | Iterable<Batch> | AsyncIterable<Batch> | Dataset;

/** Rows of a dataset that are compared at once. */
const together = 256;

/** The batches of rows, however they were given. */
const batchesOf = (rows: Rows): Iterable<Batch> | AsyncIterable<Batch> =>
  "batches" in rows ? rows.batches(together) : "labels" in rows ? [rows] : rows;

/**
 * Runs the same rows, forward and backward, through two models with the same parameters, and says how far apart they
 * are, at which op and element they part first, and whether rounding explains it. Each op is judged by the oracle on
 * the inputs that it really had, so that one error is not blamed on the ops after it. Throws an InputError for models that
 * differ in their layers, and for no rows.
 */
export async function compare(a: Dlrm, b: Dlrm, rows: Rows): Promise<Comparison> {
  let found: Comparison | undefined;
  for await (const batch of batchesOf(rows)) found = joined(found, await compareOn(a, b, batch));
  check(found !== undefined, () => "compare needs rows to compare on, but was given none.");
  return found;
}

/** Both comparisons as one; calls of the second come after those of the first. */
function joined(first: Comparison | undefined, second: Comparison): Comparison {
  if (first === undefined) return second;
  const later = <Found extends ComparedPlace | undefined>(place: Found): Found =>
    place && { ...place, call: first.calls + place.call };
  const larger = (of: "ulps" | "fraction", x: ComparedPlace, y: ComparedPlace) =>
    y[of] > x[of] ? later(y) : x;
  return {
    calls: first.calls + second.calls,
    loss: larger("ulps", first.loss, second.loss),
    mostUlps: larger("ulps", first.mostUlps, second.mostUlps),
    worst: larger("fraction", first.worst, second.worst),
    firstDifference: first.firstDifference ?? later(second.firstDifference),
    firstOutOfBound: first.firstOutOfBound ?? later(second.firstOutOfBound),
  };
}

async function compareOn(a: Dlrm, b: Dlrm, batch: Batch): Promise<Comparison> {
  const [left, right] = await Promise.all([trace(a, batch), trace(b, batch)]);
  check(
    left.length === right.length && left.every(({ op }, i) => op === right[i]!.op),
    () => "compare needs two models of the same layers and the same kind of embedding.",
  );
  let [loss, mostUlps, worst, firstDifference, firstOutOfBound]: (ComparedPlace | undefined)[] = [];
  for (const [call, node] of left.entries()) {
    const other = right[call]!;
    const [ofA, ofB] = [fractionsOf(a, left, node), fractionsOf(b, right, other)];
    for (const [index, x] of node.values.entries()) {
      const y = other.values[index]!;
      const place: ComparedPlace = {
        op: node.op,
        call,
        index,
        a: x,
        b: y,
        ulps: ulpsApart(x, y),
        fraction: Math.max(ofA[index]!, ofB[index]!),
      };
      if (node.isLoss) loss = place;
      if (mostUlps === undefined || place.ulps > mostUlps.ulps) mostUlps = place;
      if (worst === undefined || place.fraction > worst.fraction) worst = place;
      if (place.ulps > 0) firstDifference ??= place;
      if (place.fraction > 1) firstOutOfBound ??= place;
    }
  }
  return {
    calls: left.length,
    loss: loss!,
    mostUlps: mostUlps!,
    worst: worst!,
    firstDifference,
    firstOutOfBound,
  };
}

/** One tensor of a computation. */
interface Traced {
  readonly op: string;
  readonly isLoss: boolean;
  readonly form: Form | "view" | "given";
  /** Places of its inputs in the trace. */
  readonly inputs: readonly number[];
  readonly values: FloatArray;
}

/** Everything that a batch's loss and gradients are made of, in order. */
async function trace(model: Dlrm, batch: Batch): Promise<Traced[]> {
  const names = new Map(model.parameters.map((p) => [p.tensor, p.name]));
  const nodes = tidy(() => {
    const loss = model.loss(batch);
    const found = gradients(
      loss,
      model.parameters.map((p) => p.tensor),
    );
    const order = inOrder([loss, ...found.flatMap((g) => (g === null ? [] : [dense(g)]))]);
    const places = new Map(order.map((tensor, i) => [tensor, i]));
    // Reads are asked for before the scope frees what they read.
    return order.map((tensor) => ({
      op: tensor.origin?.op.name ?? names.get(tensor) ?? "batch",
      isLoss: tensor === loss,
      form: tensor.origin?.form ?? ("given" as const),
      inputs: (tensor.origin?.inputs ?? []).map((input) => places.get(input)!),
      read: tensor.data(),
    }));
  });
  return Promise.all(nodes.map(async ({ read, ...node }) => ({ ...node, values: await read })));
}

/** The tensors that lead to `results`, each after its inputs. Iterative, as the reverse sweep is. */
function inOrder(results: readonly Tensor[]): Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const stack: { node: Tensor; next: number }[] = [];
  const visit = (node: Tensor) => {
    if (seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const result of results) {
    visit(result);
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const input = top.node.origin?.inputs[top.next++];
      if (input !== undefined) visit(input);
      else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** Of each element of a node, the share of its error bound that it used. */
function fractionsOf(
  { backend }: Dlrm,
  nodes: readonly Traced[],
  { form, inputs, values }: Traced,
): Float64Array {
  if (form === "view" || form === "given") return new Float64Array(values.length);
  const given = inputs.map((i) => nodes[i]!.values);
  return distances(form, given, values, backend).used;
}
