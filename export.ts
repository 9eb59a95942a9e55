/** `pss-dlrm/export`: models as files that other engines run. */
export { type OnnxOptions, toOnnx, toOnnxBySlots } from "./models/export/onnx/model.ts";
export { type ExportedFile, type Exporter, type ExportOptions, exporters } from "./models/export/registry.ts";
export { toTorch } from "./models/export/torch/model.ts";
export { fromStateDict } from "./models/export/torch/state-dict.ts";
