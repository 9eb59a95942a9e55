import type { Backend } from "../../core/backend.ts";
import type { Lookup } from "../../core/lookup.ts";
import { random } from "../../core/numeric/random.ts";
import { slice } from "../../core/ops/arrange.ts";
import { embeddingBag, embeddingBagGrad } from "../../core/ops/embedding-bag.ts";
import { bceWithLogits } from "../../core/ops/functions.ts";
import { linear, matmul } from "../../core/ops/matmul.ts";
import { pairwiseDot, pairwiseDotGrad } from "../../core/ops/pairwise-dot.ts";
import { reshape } from "../../core/ops/reshape.ts";
import { sumAll } from "../../core/ops/sum.ts";
import { adagrad } from "../../core/optimizers/adagrad.ts";
import { optimizerStep } from "../../core/optimizers/optimizer.ts";
import { Parameter } from "../../core/parameter.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import { type Tensor, tensor, tidy } from "../../core/tensor.ts";
import { upTo } from "../../models/data/batches.ts";
import type { Batch } from "../../models/data/dataset.ts";
import type { NamedConfig } from "../../models/dlrm/configs.ts";
import { dlrm, predict } from "../../models/dlrm/dlrm.ts";
import { trainStep } from "../../models/dlrm/train.ts";
import type { EmbeddingMaker } from "../../models/embeddings/embedding.ts";

/** One thing to time. */
export interface BenchCase {
  readonly name: string;
  /** Shapes, in words. */
  readonly shape: string;
  /** Additions and multiplications of one round, where that is what it costs. */
  readonly flops?: number;
  prepare(backend: Backend): Work;
}

/** One round, done when its result is. */
interface Work {
  round(): Promise<void>;
  free(): void;
}

/** The sizes of a model and a batch to time. */
export interface BenchShape {
  readonly name: string;
  readonly model: Pick<NamedConfig, "dense" | "tables" | "dim" | "bottom" | "top">;
  readonly embedding: EmbeddingMaker;
  readonly batch: number;
}

/** Numbers that differ from place to place and are no powers of two. */
function noise(backend: Backend, shape: Shape, name: string): Tensor {
  const stream = random(1, name);
  return tensor(
    backend,
    shape,
    Float32Array.from({ length: sizeOf(shape) }, () => stream.uniform() - 0.5),
  );
}

/** Waits until `result` is there by reading its first element, so that little is copied back. @public examples/peers times with it. */
export async function arrived(make: () => Tensor): Promise<void> {
  const first = tidy(() => {
    const result = make();
    return slice(reshape(result, { shape: [sizeOf(result.shape)] }), { start: [0], extent: [1] });
  });
  await first.item();
  first.free();
}

interface OpCase {
  readonly name: string;
  readonly inputs: readonly Shape[];
  readonly flops?: number;
  readonly apply: (...inputs: Tensor[]) => Tensor;
}

const opCase = ({ name, inputs, flops, apply }: OpCase): BenchCase => ({
  name,
  shape: inputs.map((shape) => shape.join("×")).join(", "),
  ...(flops !== undefined && { flops }),
  prepare(backend) {
    const tensors = inputs.map((shape, i) => noise(backend, shape, `${name} ${i}`));
    return {
      round: () => arrived(() => apply(...tensors)),
      free: () => tensors.forEach((x) => void x.free()),
    };
  },
});

/** One id a bag, blocks and signs as robe makes them, over a memory of m floats. */
function randomLookup(bags: number, dim: number, memory: number): Lookup {
  const stream = random(2, "lookup");
  return {
    dim,
    block: dim,
    memorySize: memory,
    starts: Uint32Array.from({ length: bags }, () => stream.integer(memory)),
    signs: Uint32Array.from({ length: bags * Math.ceil(dim / 32) }, () => stream.bits()),
    bags: upTo(bags),
  };
}

/** The ops of one layer and one lookup of a model. */
export function opCases({ model, batch }: BenchShape): BenchCase[] {
  const { tables, dim, bottom, top } = model;
  const [k, m] = [bottom[0]!, bottom[1]!];
  const [bags, vectors] = [batch * tables.length, tables.length + 1];
  const memory = 100_000;
  const lookup = randomLookup(bags, dim, memory);
  const flops = 2 * batch * k * m;
  const pairs = (vectors * (vectors - 1)) / 2;
  const matmulOf = (name: string, a: Shape, b: Shape, options: object): BenchCase =>
    opCase({ name, inputs: [a, b], flops, apply: (x, y) => matmul(x!, y!, options) });
  const linearOf = (name: string, n: number, k: number, m: number): BenchCase =>
    opCase({
      name,
      inputs: [[n, k], [m, k], [m]],
      flops: 2 * n * k * m,
      apply: (x, w, b) => linear(x!, w!, b!, { activation: "relu" }),
    });
  return [
    linearOf("linear + relu", batch, k, m),
    linearOf("linear + relu, from the interaction", batch, pairs + dim, top[0]!),
    linearOf("linear + relu, one row", 1, k, m),
    linearOf("linear + relu, one output", batch, k, 1),
    matmulOf("matmul: input's gradient", [batch, m], [m, k], {}),
    matmulOf("matmul: weight's gradient", [batch, m], [batch, k], { transposeA: true }),
    opCase({ name: "gather", inputs: [[memory]], apply: (M) => embeddingBag(M!, { lookup }) }),
    opCase({ name: "scatter", inputs: [[bags, dim]], apply: (g) => embeddingBagGrad(g!, { lookup }) }),
    opCase({
      name: "pairs",
      inputs: [[batch, vectors, dim]],
      flops: 2 * batch * pairs * dim,
      apply: (t) => pairwiseDot(t!, { itself: false }),
    }),
    opCase({
      name: "mix",
      inputs: [
        [batch, pairs],
        [batch, vectors, dim],
      ],
      flops: 4 * batch * pairs * dim,
      apply: (g, u) => pairwiseDotGrad(g!, u!, { itself: false }),
    }),
    opCase({
      name: "map: cross entropy",
      inputs: [[memory], [memory]],
      apply: (z, y) => bceWithLogits(z!, y!),
    }),
    opCase({ name: "reduce: total", inputs: [[memory]], apply: (x) => sumAll(x!) }),
    adagradCase(memory),
  ];
}

function adagradCase(size: number): BenchCase {
  return {
    name: "update: adagrad",
    shape: String(size),
    prepare(backend) {
      const optimizer = adagrad(1e-3);
      const parameter = new Parameter("memory", noise(backend, [size], "weights"));
      const gradient = noise(backend, [size], "gradient");
      return {
        async round() {
          optimizerStep(optimizer, parameter, gradient, 1, optimizer.learningRate);
          await arrived(() => parameter.tensor.view([size]));
        },
        free() {
          parameter.free();
          gradient.free();
        },
      };
    },
  };
}

/** Random rows, one id a table, small ids more often. */
export function randomBatch({
  model: { dense, tables },
  batch: size,
}: Pick<BenchShape, "model" | "batch">): Batch {
  const stream = random(3, "batch");
  return {
    size,
    dense: Float32Array.from({ length: size * dense }, () => stream.uniform()),
    labels: Float32Array.from({ length: size }, () => stream.integer(2)),
    bags: {
      ids: Uint32Array.from({ length: size * tables.length }, (_, i) =>
        Math.floor(tables[i % tables.length]! * stream.uniform() ** 3),
      ),
      offsets: upTo(size * tables.length),
    },
  };
}

/** A whole training step, and a prediction. */
export function stepCases(shape: BenchShape): BenchCase[] {
  const { model, embedding, batch } = shape;
  const rows = randomBatch(shape);
  const modelOn = (backend: Backend) => dlrm({ ...model, embedding, backend, seed: 1 });
  const of = `${shape.name}, batch ${batch}`;
  return [
    {
      name: "train step",
      shape: of,
      prepare(backend) {
        const trained = modelOn(backend);
        let t = 0;
        return {
          round: async () => void (await trainStep(trained, rows, ++t, { optimizer: adagrad(1e-3) })),
          free: () => trained.free(),
        };
      },
    },
    {
      name: "prediction",
      shape: of,
      prepare(backend) {
        const asked = modelOn(backend);
        return { round: async () => void (await predict(asked, rows)), free: () => asked.free() };
      },
    },
  ];
}
