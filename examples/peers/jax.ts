import { versionOf } from "../version.ts";
import type { Peer } from "./peer.ts";
import { type Layer, type Problem, rate } from "./problem.ts";

Object.assign(globalThis, { navigator: globalThis.navigator ?? { hardwareConcurrency: 1 } }); // it asks for one

const {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy: np,
  valueAndGrad,
} = await import("@jax-js/jax");
type Arrays = ReturnType<typeof np.array>[];

/** Other libraries leave a global Worker behind, which Node has not; jax-js would take it for a browser's. */
async function withoutWorkers<Result>(work: () => Promise<Result>): Promise<Result> {
  const here = globalThis as { Worker?: unknown };
  const { Worker } = here;
  here.Worker = undefined;
  try {
    return await work();
  } finally {
    here.Worker = Worker;
  }
}

/** jax-js on its WebAssembly device, its step compiled whole. Arrays are counted: `.ref` keeps one for another use. Long: a whole training step. */
export async function jax(problem: Problem): Promise<Peer> {
  await withoutWorkers(() => init("wasm"));
  defaultDevice("wasm");
  const { batch, dense, tables, dim } = problem.sizes;
  const array = (values: Float32Array | Int32Array, shape: number[]) =>
    np
      .array(values as Float32Array<ArrayBuffer>, values instanceof Int32Array ? { dtype: np.int32 } : {})
      .reshape(shape);
  const weights = (layers: readonly Layer[]) =>
    layers.flatMap((layer) => [array(layer.weight, [layer.out, layer.in]), array(layer.bias, [layer.out])]);
  const split = 1 + 2 * problem.bottom.length;
  let parameters: Arrays = [
    array(problem.memory, [problem.memory.length]),
    ...weights([...problem.bottom, ...problem.top]),
  ];
  const x = array(problem.dense, [batch, dense]);
  const labels = array(problem.labels, [batch, 1]);
  const slots = array(problem.slots, [problem.slots.length]);
  const signs = array(problem.signs, [problem.signs.length]);
  const triangle = array(problem.triangle, [problem.triangle.length]);
  const mlp = (input: Arrays[number], layers: Arrays, logit: boolean) => {
    let h = input;
    for (let i = 0; i < layers.length; i += 2) {
      const z = np.matmul(h, layers[i]!.ref.transpose()).add(layers[i + 1]!.ref);
      h = logit && i + 2 === layers.length ? z : nn.relu(z);
    }
    return h;
  };
  const logits = (
    p: Arrays,
    input: Arrays[number],
    at: Arrays[number],
    sign: Arrays[number],
    cells: Arrays[number],
  ) => {
    const h = mlp(input, p.slice(1, split), false);
    const embedded = np.take(p[0]!.ref, at).mul(sign).reshape([batch, tables.length, dim]);
    const stack = np.concatenate([h.ref.reshape([batch, 1, dim]), embedded], 1);
    const products = np
      .matmul(stack.ref, np.swapaxes(stack, 1, 2))
      .reshape([batch, (tables.length + 1) ** 2]);
    return mlp(np.concatenate([h, np.take(products, cells, 1)], 1), p.slice(split), true);
  };
  const given = () => [x.ref, slots.ref, signs.ref, triangle.ref] as const;
  const lossOf = (p: Arrays, y: Arrays[number], ...rest: Arrays) => {
    const z = logits(p, ...(rest as [Arrays[number], Arrays[number], Arrays[number], Arrays[number]]));
    const tail = np.log(np.exp(np.negative(np.absolute(z.ref))).add(1));
    return np.mean(nn.relu(z.ref).sub(z.mul(y)).add(tail));
  };
  const lossAndSlopes = valueAndGrad(lossOf as never) as unknown as (
    ...inputs: [Arrays, ...Arrays]
  ) => [Arrays[number], Arrays];
  const trained = jit((p: Arrays, y: Arrays[number], ...rest: Arrays) => {
    const inputs = p.map((w) => w.ref);
    const [loss, slopes] = lossAndSlopes(inputs, y, ...rest);
    return [loss, ...p.map((w, i) => w.sub(slopes[i]!.mul(rate)))];
  });
  const predicted = jit((p: Arrays, ...rest: Arrays) =>
    nn.sigmoid(logits(p, ...(rest as [Arrays[number], Arrays[number], Arrays[number], Arrays[number]]))),
  );
  return {
    name: "jax-js-wasm",
    version: versionOf("@jax-js/jax"),
    remarks: ["one thread in Node, where it finds no workers"],
    run: withoutWorkers,
    async step() {
      const [loss, ...next] = trained(
        parameters as never,
        labels.ref as never,
        ...(given() as unknown as never[]),
      ) as unknown as Arrays;
      parameters = next;
      await blockUntilReady(next as never);
      return (await loss!.data())[0]!;
    },
    predict: async () =>
      (await (
        predicted(
          parameters.map((p) => p.ref) as never,
          ...(given() as unknown as never[]),
        ) as unknown as Arrays[number]
      ).data()) as Float32Array,
    matmul: (n, k, m) => {
      const left = array(new Float32Array(n * k).fill(0.5), [n, k]);
      const right = array(new Float32Array(k * m).fill(0.25), [k, m]);
      return async () => void (await np.matmul(left.ref, right.ref).data());
    },
  };
}
