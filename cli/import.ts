import { cpu } from "../backends/cpu/index.ts";
import { check, shownWord } from "../core/errors.ts";
import { choiceOption, switchOption, textOption } from "../core/options.ts";
import { load } from "../models/dlrm/saved/load.ts";
import { save } from "../models/dlrm/saved/save.ts";
import { fromStateDict } from "../models/export/torch/state-dict.ts";
import { checkOut } from "./common/out.ts";
import { jsonFlag, verb } from "./flags.ts";

const flags = {
  from: choiceOption(["torch"], { help: "what trained the numbers" }),
  model: textOption({ form: "FILE", help: "the saved model whose numbers they take the place of" }),
  out: textOption({ form: "FILE", help: "the saved model that is written" }),
  overwrite: switchOption({ help: "replaces a file that is there" }),
  json: jsonFlag,
};

/** `pss-dlrm import` */
export const importVerb = verb({
  name: "import",
  about:
    "Makes a saved model of another one and of numbers that were trained in torch: a state dict as the package safetensors writes it. What Dlrm.save of an exported module writes is a saved model already.",
  words: { form: "FILE", help: "the state dict, a safetensors file", most: 1 },
  flags,
  async run({ from, model: base, out, overwrite = false, json }, { words: [file] }) {
    check(file !== undefined, () => "Say which numbers: import FILE, a state dict as a safetensors file.");
    check(from !== undefined, () => "Say what trained them: --from torch.");
    check(
      base !== undefined,
      () => "Say which model they are of: --model FILE, the saved model that was exported.",
    );
    check(out !== undefined, () => "Say where to write the model: --out FILE.");
    checkOut(out, [file, base], overwrite);
    const { model, about } = await load(base, { backend: cpu });
    await fromStateDict(file, model);
    // What was said of other numbers is not said of these.
    const { config: _, embedding: __, quality: ___, training: ____, optimizer: _____, ...kept } = about;
    await save(out, model, kept);
    if (json) console.log(JSON.stringify({ file: out }));
    else
      console.log(
        `${shownWord(out)}: the model of ${shownWord(base)} with the numbers of ${shownWord(file)}.`,
      );
    return 0;
  },
});
