import type { Dlrm } from "../dlrm/dlrm.ts";
import type { About } from "../dlrm/saved/about.ts";
import { type OnnxOptions, toOnnx } from "./onnx/model.ts";
import { toTorch } from "./torch/model.ts";

/** Another engine that runs models, exported to one file. */
export interface Exporter {
  readonly name: string;
  readonly summary: string;
  /** What names of its files end in, with the dot. */
  readonly ending: string;
  /** Options that it takes. */
  readonly options: readonly (keyof OnnxOptions)[];
  /** The file. Throws an InputError for a model that it cannot be given. */
  write(model: Dlrm, about: About, options: OnnxOptions): Promise<string | Uint8Array>;
  /** What to do with the file at `path`, beside the model's own at `saved`, as lines of code. */
  use(path: string, saved: string): readonly string[];
}

/** Every engine that models are exported to. */
export const exporters: readonly Exporter[] = [
  {
    name: "onnx",
    summary: "one file with everything in it, hashes included, for ONNX Runtime in Python, C++, JavaScript",
    ending: ".onnx",
    options: ["bags", "vectors"],
    write: toOnnx,
    use: (path) => [
      `session = onnxruntime.InferenceSession(${JSON.stringify(path)})`,
      `[p] = session.run(["probability"], {"dense": dense, "ids": ids})`,
    ],
  },
  {
    name: "torch",
    summary: "a Python module that loads the saved file as it is, to score and to train on",
    ending: ".py",
    options: [],
    write: async (model, about) => toTorch(model, about),
    use: (path, saved) => [
      `from ${(path.split(/[/\\]/).at(-1) ?? path).replace(/\.py$/, "")} import Dlrm`,
      `model = Dlrm.load(${JSON.stringify(saved)})`,
      `p = model.probability(dense, ids)`,
    ],
  },
];
