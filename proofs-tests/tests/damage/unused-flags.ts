import { join } from "node:path";
import { everyOption, isChooser, type Texts, type Verb } from "../../../cli/flags.ts";
import { tradeoffVerb } from "../../../cli/tradeoff.ts";
import { trainVerb } from "../../../cli/train.ts";
import type { Random } from "../../../core/numeric/random.ts";
import { type Choice, flagOf, type Options } from "../../../core/options.ts";
import { csvSource } from "../../../models/data/formats/csv.ts";
import { of, type Places, sensible } from "./command-lines.ts";

const because = (why: string, ...names: string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, why]));

/** Flags that are not looked at here, and why. */
const others: Readonly<Record<string, string>> = {
  ...because("each command line here has it", "data", "label", "dense", "categorical", "methods", "seeds"),
  ...because("of other rows, or of files", "tables", "rows", "train", "validation", "test"),
  ...because("its effect is a file", "checkpoint", "saveEvery", "resume", "html", "svg", "out"),
  ...because("a bound, which need not be reached", "steps", "epochs", "patience", "interval", "threshold"),
  ...because("a bound, which need not be reached", "evalEvery", "evaluations", "batch", "skip"),
  ...because("how the same numbers are found or shown", "json", "backend", "lazyRows", "noLatency"),
  ...because("of what need not be there: hot ids that change, gradients that fall", "decay", "amsgrad"),
  ...because("rounded to whole dims, of which these tables have few", "temperature"),
  ...because("of what need not be there: quotes", "quote"),
  ...because("which of models, of which there may be one", "keep"),
  ...because("stands for flags that may all be given", "quick"),
  ...because("1 for tables of one size", "tableScale"),
};

/** Makes lists of ids such as u11 and u212. */
const lists = "user:1";

/** What gives a flag something to do: half of the command lines have it. */
const partners: Readonly<Record<string, Texts>> = {
  time: { split: "time" },
  group: { split: "group" },
  rounding: { storage: "f16" },
  nesterov: { momentum: "0.9" },
  dampening: { momentum: "0.9" },
  decoupled: { weightDecay: "0.1" },
  pooling: { multi: lists },
};

/** A command line with a flag, and the same without it. */
export interface Pair {
  readonly flag: string;
  readonly args: readonly string[];
  readonly without: readonly string[];
}

/** Pair `number`: all flags of `train` and `tradeoff` come in turn, with drawn values and what they need. */
export function pairFor(number: number, stream: Random, places: Places): Pair {
  const isStudy = number % 4 === 3;
  const verb = isStudy ? tradeoffVerb : trainVerb;
  const turn = isStudy ? Math.floor(number / 4) : number - Math.floor(number / 4);
  const names = [...Object.keys(everyOption(verb.flags)), ...Object.keys(verb.flags)].filter(
    (name) => !Object.hasOwn(others, name),
  );
  const flag = names[turn % names.length]!;
  const basis = { ...basisOf(verb, flag, stream, places), ...(stream.integer(2) === 0 && partners[flag]) };
  const chosen = chosenFor(verb, flag, stream, places);
  const words = (texts: Texts, out: string) => {
    const all = { ...texts, json: "", ...(verb === tradeoffVerb && { out: join(places.folder, out) }) };
    return [verb.name, ...Object.entries(all).map(([name, value]) => wordOf(name, value))];
  };
  const { [flag]: _, ...rest } = { ...basis, ...chosen.others };
  const out = `study-${number}-${stream.integer(1e6)}`;
  return {
    flag: flagOf(flag),
    args: words({ ...rest, [flag]: chosen.text }, out),
    without: words(rest, `${out}-without`),
  };
}

const wordOf = (name: string, text: string): string =>
  text === "" ? flagOf(name) : `${flagOf(name)}=${text}`;

const features: readonly Texts[] = [
  { dense: "price,age", categorical: "user,item" },
  { dense: "price" },
  { categorical: "user" },
];

/** A study or a training of a moment. */
function basisOf(verb: Verb, flag: string, stream: Random, { csv }: Places): Texts {
  const rows =
    flag === "config"
      ? { data: "synthetic", tables: "9,5", rows: "60" }
      : { data: `csv:${csv}`, label: "label", ...of(features, stream) };
  const small = { dim: "4", bottom: "16,4", top: "8,1", batch: "16", backend: "cpu" };
  const study = { methods: "full,robe", compressions: "2", seeds: "0", lrMultipliers: "1", epochs: "1" };
  return { ...rows, ...small, ...(verb === tradeoffVerb ? { ...study, noLatency: "" } : { steps: "3" }) };
}

/** What must be chosen for a flag to be of it, with a size; and the flag's own text, but not what holds without it. */
function chosenFor({ flags }: Verb, flag: string, stream: Random, places: Places) {
  for (const [name, chooser] of Object.entries(flags)) {
    if (!isChooser(chooser)) continue;
    if (name === flag) {
      const usual = chooser.usual?.({});
      const kind = of(
        chooser.all.filter((each) => each.name !== usual),
        stream,
      );
      return { text: kind.name, others: sizeOf(kind, flag) };
    }
    const owners = chooser.all.filter(({ options }) => Object.hasOwn(options, flag));
    if (owners.length === 0) continue;
    const kind: Choice = name === "data" ? csvSource : of(owners, stream);
    const text = textFor(flag, kind.options[flag]!, stream, places);
    return { text, others: name === "data" ? {} : { [name]: kind.name, ...sizeOf(kind, flag) } };
  }
  return { text: textFor(flag, flags[flag] as Options[string], stream, places), others: {} };
}

function sizeOf({ options }: Choice, flag: string): Texts {
  if ("collisions" in options) return { collisions: "2" };
  const isSize = ["memorySize", "compression", "rank", "width"].includes(flag);
  return "compression" in options && !isSize ? { compression: "2" } : {};
}

/** Values that say what holds without the flag. */
const usual: Texts = { samplingRate: "1", block: "4" };

function textFor(flag: string, option: Options[string], stream: Random, places: Places): string {
  if (option.form === "") return "";
  if (flag === "multi") return lists;
  for (;;) {
    const text = sensible(flag, option, stream, places);
    const isUsual = [option.default, option.otherwise, usual[flag]].some((each) => String(each) === text);
    if (!isUsual && isAccepted(option, text)) return text;
  }
}

function isAccepted(option: Options[string], text: string): boolean {
  try {
    option.accept(option.read(text), "");
    return true;
  } catch {
    return false;
  }
}

/** Of a report what differs from run to run, and what says how it was asked for. */
const unlike: readonly string[] = [
  "rowsPerSecond",
  "seconds",
  "command",
  "provenance",
  "setting",
  "features",
];

/** All numbers of a report. */
export const numbersIn = (out: string): string =>
  JSON.stringify(JSON.parse(out, (key, value: unknown) => (unlike.includes(key) ? undefined : value)));
