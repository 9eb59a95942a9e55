import type { Dlrm } from "../dlrm/dlrm.ts";
import type { About } from "../dlrm/saved/about.ts";
import { type OnnxOptions, toOnnx, toOnnxBySlots } from "./onnx/model.ts";
import { toTorch } from "./torch/model.ts";

/** All that an exporter may be asked for. */
export interface ExportOptions extends OnnxOptions {
  /** Whether ids are hashed by a file of its own, so that the model's needs no 64-bit integers. Default: no. */
  readonly slotsAsInput?: boolean | undefined;
}

/** A file of an exported model. */
export interface ExportedFile {
  /** What its name ends in, with the dot; the rest is the model's. */
  readonly ending: string;
  readonly content: string | Uint8Array;
}

/** Another engine that runs models. */
export interface Exporter {
  readonly name: string;
  readonly summary: string;
  /** What the name of the first of its files ends in, with the dot. */
  readonly ending: string;
  /** Options that it takes. */
  readonly options: readonly (keyof ExportOptions)[];
  /** The files, the model's first. Throws an InputError for a model that it cannot be given. */
  write(model: Dlrm, about: About, options: ExportOptions): Promise<readonly ExportedFile[]>;
  /** What to do with the files at these paths, beside the model's own at `saved`, as lines of code. */
  use(paths: readonly string[], saved: string): readonly string[];
}

/** Every engine that models are exported to. */
export const exporters: readonly Exporter[] = [
  {
    name: "onnx",
    summary: "one file with everything in it, hashes included, for ONNX Runtime in Python, C++, JavaScript",
    ending: ".onnx",
    options: ["bags", "vectors", "slotsAsInput"],
    async write(model, about, { slotsAsInput = false, ...options }) {
      if (!slotsAsInput) return [{ ending: ".onnx", content: await toOnnx(model, about, options) }];
      const { scores, slots } = await toOnnxBySlots(model, about, options);
      return [
        { ending: ".onnx", content: scores },
        { ending: ".slots.onnx", content: slots },
      ];
    },
    use: ([path, slots]) =>
      slots === undefined
        ? [
            `session = onnxruntime.InferenceSession(${JSON.stringify(path)})`,
            `[p] = session.run(["probability"], {"dense": dense, "ids": ids})`,
          ]
        : [
            `slots = onnxruntime.InferenceSession(${JSON.stringify(slots)}, providers=["CPUExecutionProvider"])`,
            `scores = onnxruntime.InferenceSession(${JSON.stringify(path)}, providers=["WebGpuExecutionProvider"])`,
            `given = dict(zip([each.name for each in slots.get_outputs()], slots.run(None, {"ids": ids})))`,
            `[p] = scores.run(["probability"], {"dense": dense, **given})`,
          ],
  },
  {
    name: "torch",
    summary: "a Python module that loads the saved file as it is, to score and to train on",
    ending: ".py",
    options: [],
    write: async (model, about) => [{ ending: ".py", content: toTorch(model, about) }],
    use: ([path = ""], saved) => [
      `from ${(path.split(/[/\\]/).at(-1) ?? path).replace(/\.py$/, "")} import Dlrm`,
      `model = Dlrm.load(${JSON.stringify(saved)})`,
      `p = model.probability(dense, ids)`,
    ],
  },
];
