import { cpu } from "../backends/cpu/index.ts";
import { check } from "../core/errors.ts";
import { writeWhole } from "../core/file.ts";
import { bytes, counted } from "../core/format.ts";
import { chosen, flagOf, switchOption, textOption } from "../core/options.ts";
import type { About } from "../models/dlrm/saved/about.ts";
import { load } from "../models/dlrm/saved/load.ts";
import { exporters } from "../models/export/registry.ts";
import { checkOut } from "./common/out.ts";
import { jsonFlag, verb } from "./flags.ts";

const flags = {
  to: textOption({
    form: exporters.map(({ name }) => name).join("|"),
    help: exporters.map(({ name, summary }) => `${name}: ${summary}`).join("; "),
  }),
  out: textOption({
    form: "FILE",
    help: "what is written",
    otherwise: "the model's name with another ending",
  }),
  overwrite: switchOption({ help: "replaces a file that is there" }),
  bags: switchOption({
    help: "onnx: rows may have several ids of a table, padded with -1",
    otherwise: "where a column of the model may",
  }),
  vectors: switchOption({ help: "onnx: the embedding's vectors are an output, too" }),
  slotsAsInput: switchOption({
    help: "onnx: two files, one that hashes ids on a CPU (.slots.onnx) and one for GPUs without 64-bit integers, as WebGPU's",
  }),
  json: jsonFlag,
};

/** `pss-dlrm export` */
export const exportVerb = verb({
  name: "export",
  about: "Writes a saved model as a file that another engine runs, with the same exact hashes.",
  words: { form: "FILE", help: "a saved model: DIR/model.safetensors of train --checkpoint DIR", most: 1 },
  flags,
  async run({ to, out, overwrite = false, json, ...options }, { texts, words: [file] }) {
    check(
      file !== undefined,
      () => "Say which model: export FILE, which is DIR/model.safetensors of train --checkpoint DIR.",
    );
    const names = exporters.map(({ name }) => name);
    check(to !== undefined, () => `Say what the model is exported to: --to ${names.join(" or --to ")}.`);
    const exporter = chosen("engine", exporters, to);
    const foreign = exporters
      .flatMap((each) => each.options)
      .find((name) => name in texts && !exporter.options.includes(name));
    check(foreign === undefined, () => `${flagOf(foreign!)} is not of --to ${to}; leave it out.`);
    const path = out ?? file.replace(/(\.safetensors)?$/, exporter.ending);
    checkOut(path, [file], overwrite);
    const { model, about } = await load(file, { backend: cpu });
    const written = await exporter.write(model, about, options);
    const stem = path.endsWith(exporter.ending) ? path.slice(0, -exporter.ending.length) : path;
    const files = written.map(({ ending, content }, i) => ({
      file: i === 0 ? path : `${stem}${ending}`,
      bytes: Buffer.byteLength(content),
      content,
    }));
    for (const other of files.slice(1)) checkOut(other.file, [file], overwrite);
    for (const { file: name, content } of files) await writeWhole(name, content);
    const paths = files.map((each) => each.file);
    if (json) {
      const listed = files.map(({ content: _, ...each }) => each);
      console.log(JSON.stringify({ files: listed, to, ...inputsOf(about) }));
    } else console.log(described(files, exporter.use(paths, file), about));
    return 0;
  },
});

/** Names of the columns, in the order in which an engine is given them. */
function inputsOf({ config, features }: About) {
  return {
    dense: features?.dense.map(({ column }) => column) ?? config.dense,
    ids: features?.categorical.map(({ column }) => column) ?? config.tables.length,
  };
}

function described(
  files: readonly { readonly file: string; readonly bytes: number }[],
  use: readonly string[],
  about: About,
): string {
  const { dense, ids } = inputsOf(about);
  const listed = (columns: readonly string[] | number, what: string) =>
    typeof columns === "number"
      ? counted(columns, what)
      : `${counted(columns.length, what)}${columns.length > 0 ? `: ${columns.join(", ")}` : ""}`;
  return [
    ...files.map((each) => `${each.file}: ${bytes(each.bytes)}.`),
    `Inputs, a row each: dense float32, ${listed(dense, "number")}; ids int64, ${listed(ids, "table")}.`,
    "",
    ...use.map((line) => `  ${line}`),
  ].join("\n");
}
