import { describe, expect, it } from "vitest";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { exporters } from "../../../../models/export/registry.ts";
import { model } from "../dlrm/tiny-model.ts";

const about = { config: {}, embedding: {} } as never;
const tiny = () => model({ embedding: robe({ memorySize: 40 }) });

describe("an engine that models are exported to", () => {
  it("has a name, a sentence, and the options that it takes", () => {
    expect(exporters.map(({ name, ending, options }) => [name, ending, options])).toEqual([
      ["onnx", ".onnx", ["bags", "vectors", "slotsAsInput"]],
      ["torch", ".py", []],
    ]);
    for (const { summary } of exporters) expect(summary).toMatch(/^(one file|a Python module) .{20,}/);
  });

  it("is given its files, of the endings that it says", async () => {
    const endings = async (i: number, options: object) =>
      (await exporters[i]!.write(tiny(), about, options)).map(({ ending }) => ending);
    expect(await endings(0, {})).toEqual([".onnx"]);
    expect(await endings(0, { slotsAsInput: true })).toEqual([".onnx", ".slots.onnx"]);
    expect(await endings(1, {})).toEqual([".py"]);
  });

  it("says in lines of code how it runs them, by the names that they have", () => {
    const [onnx, torch] = exporters.map(
      ({ use }) =>
        (...paths: string[]) =>
          use(paths, "m.safetensors").join("\n"),
    );
    expect(onnx!("a b.onnx")).toContain('session = onnxruntime.InferenceSession("a b.onnx")');
    expect(onnx!("m.onnx", "m.slots.onnx")).toMatch(
      /^slots = onnxruntime\.InferenceSession\("m\.slots\.onnx".*\n.*InferenceSession\("m\.onnx"/,
    );
    for (const path of ["/tmp/clicks.py", "C:\\models\\clicks.py", "clicks.py"])
      expect(torch!(path)).toBe(
        'from clicks import Dlrm\nmodel = Dlrm.load("m.safetensors")\np = model.probability(dense, ids)',
      );
  });
});
