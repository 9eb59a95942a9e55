import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths, version_wasm } from "@tensorflow/tfjs-backend-wasm";
import type { Peer } from "./peer.ts";
import { type Layer, type Problem, rate } from "./problem.ts";

const wasm = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
setWasmPaths(join(dirname(wasm), "/"));

/** TensorFlow.js on one of its CPU backends. Long: a whole training step. */
export async function tfjs(backend: "cpu" | "wasm", problem: Problem): Promise<Peer> {
  await tf.setBackend(backend);
  const { batch, dense, tables, dim } = problem.sizes;
  const x = tf.tensor2d(problem.dense, [batch, dense]);
  const labels = tf.tensor2d(problem.labels, [batch, 1]);
  const shape: [number, number, number] = [batch, tables.length, dim];
  const slots = tf.tensor3d(problem.slots, shape, "int32");
  const signs = tf.tensor3d(problem.signs, shape);
  const variables = (layers: readonly Layer[]) =>
    layers.map((layer) => ({
      w: tf.variable(tf.tensor2d(layer.weight, [layer.out, layer.in])),
      b: tf.variable(tf.tensor1d(layer.bias)),
    }));
  const [bottom, top] = [variables(problem.bottom), variables(problem.top)];
  const memory = tf.variable(tf.tensor1d(problem.memory));
  const pairsOf = triangular(problem);
  const mlp = (input: tf.Tensor, layers: typeof bottom, logit: boolean) =>
    layers.reduce((h, { w, b }, i) => {
      const z = tf.add(tf.matMul(h as tf.Tensor2D, w as tf.Tensor2D, false, true), b);
      return logit && i === layers.length - 1 ? z : tf.relu(z);
    }, input);
  const logitsFrom = (embedded: tf.Tensor) => {
    const h = mlp(x, bottom, false);
    const stack = tf.concat([tf.reshape(h, [batch, 1, dim]), embedded], 1);
    const products = tf.reshape(tf.matMul(stack, stack, false, true), [batch, -1]);
    return mlp(tf.concat([h, pairsOf(products)], 1), top, true);
  };
  const lookup = () => tf.mul(tf.gather(memory, slots), signs);
  const lossOf = (z: tf.Tensor) =>
    tf.mean(
      tf.add(tf.sub(tf.relu(z), tf.mul(z, labels)), tf.log(tf.add(tf.exp(tf.neg(tf.abs(z))), 1))),
    ) as tf.Scalar;
  const layers = [...bottom, ...top].flatMap(({ w, b }) => [w, b]) as tf.Variable[];

  // The gradient of the gather is a loop of ours on the host: see the remarks.
  const host = Float32Array.from(problem.memory);
  const step = () => {
    const [loss, dEmbedded] = tf.tidy(() => {
      const embedded = tf.variable(lookup());
      const { value, grads } = tf.variableGrads(() => lossOf(logitsFrom(embedded)), [embedded, ...layers]);
      for (const v of layers) v.assign(tf.sub(v, tf.mul(grads[v.name]!, rate)));
      const result: [number, Float32Array] = [
        value.dataSync()[0]!,
        grads[embedded.name]!.dataSync() as Float32Array,
      ];
      embedded.dispose();
      return result;
    });
    const { slots, signs } = problem;
    const gradient = new Float32Array(host.length);
    for (let i = 0; i < slots.length; i++) gradient[slots[i]!]! += signs[i]! * dEmbedded[i]!;
    for (let m = 0; m < host.length; m++) host[m]! -= rate * gradient[m]!;
    tf.tidy(() => (memory as tf.Variable).assign(tf.tensor1d(host.slice())));
    return loss;
  };
  return {
    name: `tfjs-${backend}`,
    version: backend === "wasm" ? version_wasm : tf.version.tfjs,
    remarks: [
      backend === "wasm"
        ? "has no gradient for a gather (no kernel for segment sums): a loop of ours on the host adds it up"
        : "its gradient of a gather walks all of the batch for each slot of memory: a loop of ours on the host does it",
      "one thread in Node",
    ],
    run: async (work) => {
      await tf.setBackend(backend);
      return work();
    },
    step: async () => step(),
    predict: async () => tf.tidy(() => tf.sigmoid(logitsFrom(lookup())).dataSync() as Float32Array),
    matmul: (n, k, m) => {
      const left = tf.tensor2d(new Float32Array(n * k).fill(0.5), [n, k]);
      const right = tf.tensor2d(new Float32Array(k * m).fill(0.25), [k, m]);
      return async () => tf.tidy(() => void tf.matMul(left, right).dataSync());
    },
  };
}

/** Picks the pairs out of all products; its gradient puts them back by a gather too, which every backend has. */
function triangular({ triangle, sizes }: Problem) {
  const cells = (sizes.tables.length + 1) ** 2;
  const there = tf.tensor1d(triangle, "int32");
  const places = new Int32Array(cells).fill(triangle.length);
  for (const [i, cell] of triangle.entries()) places[cell] = i;
  const back = tf.tensor1d(places, "int32");
  return tf.customGrad((products) => ({
    value: tf.gather(products as tf.Tensor, there, 1),
    gradFunc: (dy: tf.Tensor) =>
      tf.gather(
        tf.pad(dy as tf.Tensor2D, [
          [0, 0],
          [0, 1],
        ]),
        back,
        1,
      ),
  })) as unknown as (products: tf.Tensor) => tf.Tensor;
}
