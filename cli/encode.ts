import { mkdirSync } from "node:fs";
import { check, shownWord } from "../core/errors.ts";
import { counted } from "../core/format.ts";
import { switchOption, textOption } from "../core/options.ts";
import { rowKinds } from "../models/data/registry.ts";
import { featuresOf } from "../models/dlrm/saved/about.ts";
import { describe } from "../models/dlrm/saved/load.ts";
import { writeRows } from "../models/export/rows.ts";
import { checkOut } from "./common/out.ts";
import { dataFlag, wholeRows } from "./common/source.ts";
import { jsonFlag, verb } from "./flags.ts";
import { seedFlag } from "./model.ts";
import { passingLine } from "./progress.ts";

const flags = {
  model: textOption({ form: "FILE", help: "the saved model by whose columns rows are read" }),
  data: dataFlag,
  labels: switchOption({ help: "writes the labels of a file's rows, too, to train on" }),
  out: textOption({ form: "FOLDER", help: "gets dense.npy, ids.npy and perhaps labels.npy" }),
  overwrite: switchOption({ help: "replaces files that are there" }),
  seed: seedFlag("of synthetic clicks"),
  json: jsonFlag,
};

/** `pss-dlrm encode` */
export const encodeVerb = verb({
  name: "encode",
  about:
    "Writes rows as an exported model reads them: numbers scaled, ids hashed to rows of their tables, in NumPy's format.",
  flags,
  async run({ model: file, data, labels = false, out, overwrite = false, seed, json }) {
    check(file !== undefined, () => "Say by which model rows are read: --model FILE, a saved model.");
    check(out !== undefined, () => "Say where to write them: --out FOLDER.");
    const about = await describe(file);
    const kind = labels ? undefined : rowKinds.find(({ name }) => name === data?.kind.name);
    const rows = kind
      ? kind.open(data!.argument, data!.options, {
          features: featuresOf(about, shownWord(file)),
          isLabeled: false,
        })
      : await wholeRows(data, { file, about }, seed);
    mkdirSync(out, { recursive: true });
    for (const name of ["dense", "ids", "labels"]) checkOut(`${out}/${name}.npy`, [file], overwrite);
    const passing = passingLine(json === true);
    const written = await writeRows(rows, out, (done) => passing.show(`${done} rows`)).finally(() =>
      passing.end(),
    );
    const { dense, ids, isLabeled } = written;
    if (json) console.log(JSON.stringify({ folder: out, ...written }));
    else {
      const shape = (sizes: readonly number[]) => `[${sizes.join(" × ")}]`;
      console.log(
        `${shownWord(out)}: ${counted(dense[0], "row")}: dense.npy ${shape(dense)} float32, ids.npy ${shape(ids)} int64${isLabeled ? `, labels.npy ${shape([dense[0], 1])} float32` : ""}.`,
      );
    }
    return 0;
  },
});
