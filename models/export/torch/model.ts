import type { Dlrm } from "../../dlrm/dlrm.ts";
import { type About, aboutOf } from "../../dlrm/saved/about.ts";
import { planOf } from "../plan.ts";
import { fileSource } from "./file.ts";
import { beginning, modelSource } from "./module.ts";
import { numbersSource } from "./numbers.ts";
import { functionOf } from "./rows.ts";

/**
 * A Python module for PyTorch that loads the saved file of this model, and of no other: exact hashes, forward pass, gradients,
 * training, and saving what was trained. It needs torch 1.13 or later and nothing else.
 * @throws InputError for an embedding that has no plan.
 */
export function toTorch(
  model: Dlrm,
  { samplingRate = 1, version }: Pick<About, "samplingRate" | "version">,
): string {
  const { config, embedding, parameters } = model;
  const plan = planOf(model);
  const { config: known, embedding: made } = aboutOf(model, {});
  const text = (value: unknown) => JSON.stringify(JSON.stringify(value));
  const arrays = parameters.map(
    ({ name, tensor }) => `    ${JSON.stringify(name)}: [${tensor.shape.join(", ")}],\n`,
  );
  const grids = parameters.flatMap(({ name, halves }) =>
    halves?.grid ? [`${JSON.stringify(name)}: (${halves.grid.bits}, ${halves.grid.step})`] : [],
  );
  const groups = plan.map((group, i) => functionOf(group, `group_${i}`));
  const listed = plan.map(({ tables }, i) => `([${tables.join(", ")}], group_${i})`);
  const { interaction = "dot", itself = false, loss = "bce", clamp = 0, tables, bottom, top } = config;
  return [
    `"""\nA deep learning recommendation model, its embedding ${embedding.name}: written by pss-dlrm${version ? ` ${version}` : ""} for one model file.\n\n`,
    `    model = Dlrm.load("model.safetensors")\n    p = model.probability(dense, ids)  # float32 [n, ${config.dense}], int64 [n, ${tables.length}]\n"""\n`,
    beginning,
    `DENSE = ${config.dense}  # numbers of a row\n`,
    `TABLES = [${tables.join(", ")}]  # rows of each\n`,
    `LAYERS = {"bottom": ${bottom.length}, "top": ${top.length}}\n`,
    `INTERACTION, ITSELF = "${interaction}", ${itself ? "True" : "False"}\n`,
    `LOSS, CLAMP, SAMPLING_RATE = "${loss}", ${clamp}, ${samplingRate}\n`,
    `ARRAYS = {\n${arrays.join("")}}\n`,
    `GRIDS = {${grids.join(", ")}}  # bits and step of what is kept as multiples of a step\n`,
    `ABOUT = {\n    "config": ${text(known)},\n    "embedding": ${text(made)},\n}\n`,
    ...groups.map((group) => `\n\n${group}`),
    `\n\nGROUPS = [${listed.join(", ")}]\n`,
    modelSource,
    numbersSource,
    fileSource,
  ].join("");
}
