import { join } from "node:path";
import { verbs } from "../../../cli/command.ts";
import { everyOption, isChooser } from "../../../cli/flags.ts";
import type { Random } from "../../../core/numeric/random.ts";
import { flagOf, type Options } from "../../../core/options.ts";

/** Files and folders that flags may name. */
export interface Places {
  readonly csv: string;
  readonly criteo: string;
  readonly golden: string;
  readonly checkpoint: string;
  /** A folder for what is written. */
  readonly folder: string;
}

export const of = <T>(all: readonly T[], stream: Random): T => all[stream.integer(all.length)]!;

/** What nobody means, as somebody may write it. */
const strange = ({ csv, folder }: Places): readonly string[] => [
  ...[
    "",
    " ",
    "-",
    "--",
    "-1",
    "0",
    "-0",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "1e-400",
    "1e300",
  ],
  ...[
    "0x10",
    "1_000",
    "1,2",
    ",",
    ",,",
    "1,",
    "2.5",
    ".",
    "9007199254740993",
    "1e16",
    "4294967297",
    "5e-324",
  ],
  ...[
    "__proto__",
    "constructor",
    "toString",
    "hasOwnProperty",
    "null",
    "undefined",
    "true",
    "[object Object]",
  ],
  ...["é漢😀", "\u202e", "\ufeff", "\n", "\u001b[31m", "\ud800", "a\nb", "%s%n", "'; x", "a".repeat(5000)],
  ...["/proc", "/proc/nope", "/dev/null", "/dev/full", "/nowhere/x", "/sys", "..", ".", csv, folder],
  ...[
    ":",
    "csv:",
    "csv:/proc",
    `csv:${csv}/x`,
    "criteo:/dev/zero",
    "synthetic:__proto__",
    "robe:block",
    "full:",
  ],
];

/** What a value of this option may be, as somebody writes it who means well. */
export function sensible(name: string, option: Options[string], stream: Random, places: Places): string {
  const drawn = option.draw?.(stream, { dim: 4 });
  if (drawn !== undefined) return Array.isArray(drawn) ? drawn.join(",") : String(drawn);
  const { form } = option;
  if (form.includes("|") && /^[\w|:-]+$/.test(form)) return of(form.split("|"), stream);
  if (["label", "weight", "group", "time", "dense", "categorical"].includes(name))
    return of(["label", "price", "age", "user", "item", "price,age", "user,item", "nobody"], stream);
  if (["train", "validation", "test"].includes(name)) return places.csv;
  if (/FILE|DIR/.test(form)) return `${places.folder}/${stream.integer(5)}`;
  if (/^N([-,]N)?/.test(form))
    return Array.from({ length: form === "N" ? 1 : 1 + stream.integer(3) }, () =>
      of([1, 2, 3, 4, 5, 8, 50, 0.5, 0.1, 2.5], stream),
    ).join(of([",", "-"], stream));
  return of(["a", "full", "R1", "1", "0.5", "user:|"], stream);
}

/** Command lines that take a moment, as each verb's first words. */
function cheap(name: string, stream: Random, places: Places): Record<string, string> {
  const rows: Readonly<Record<string, string>> = of(
    [
      { data: "synthetic", tables: "9,5", rows: "60" },
      {
        data: `csv:${places.csv}`,
        label: "label",
        dense: "price,age",
        categorical: "user,item",
        tableRows: "8",
      },
      { data: `criteo:${places.criteo}`, tables: Array.from({ length: 26 }, () => 5).join() },
    ],
    stream,
  );
  const layers = { dim: "4", bottom: "4,4", top: "3,1" };
  const words: Readonly<Record<string, Record<string, string>>> = {
    train: { ...rows, ...layers, batch: "16", steps: "3", backend: of(["cpu", "cpu", "fast"], stream) },
    predict: {
      ...{ model: join(places.checkpoint, "model.safetensors"), data: `csv:${places.csv}`, backend: "cpu" },
      out: `${places.folder}/scores-${stream.integer(1e6)}`,
    },
    inspect: { tables: "9,5", dim: "4" },
    plan: { rows: "100", dim: "4", epsilon: "0.5" },
    golden: {},
    tradeoff: {
      ...{ ...rows, ...layers, methods: "full,robe", compressions: "2", seeds: "0", lrMultipliers: "1" },
      ...{
        epochs: "1",
        evaluations: "1",
        noLatency: "",
        out: `${places.folder}/study-${stream.integer(1e6)}`,
      },
      backend: "cpu",
    },
    prove: { theorem: "R1", scheme: "robe", samples: "50", instances: "1", seed: "1" },
    verify: { only: "no law is called so", examples: "1" },
    bench: { case: "no case is called so", seconds: "0.001", backend: "cpu" },
  };
  return { ...words[name]! };
}

const often: readonly string[] = [
  ...["train", "train", "train", "train", "train", "inspect", "inspect", "plan", "plan", "golden"],
  ...["predict", "predict"],
  ...["tradeoff", "prove", "verify", "bench"],
];

/** A command line, drawn: mostly of a verb that is cheap, with flags that it has and values that these may have or not. */
export async function commandLineFor(stream: Random, places: Places): Promise<string[]> {
  if (stream.integer(40) === 0) return [of(strange(places), stream)];
  const name = of(often, stream);
  const verb = await verbs.find((each) => each.name === name)!.load();
  if (stream.integer(30) === 0) return [name, "--help"];
  const texts = cheap(name, stream, places);
  const options = everyOption(verb.flags);
  const names = [...Object.keys(options), ...Object.keys(verb.flags)];
  for (let times = stream.integer(4); times > 0; times--) {
    const flag = of(names, stream);
    const chooser = verb.flags[flag];
    if (stream.integer(8) === 0) delete texts[flag];
    else if (stream.integer(6) === 0) texts[flag] = of(strange(places), stream);
    else if (chooser && isChooser(chooser)) texts[flag] = of(chooser.all, stream).name;
    else if (options[flag]!.form === "") texts[flag] = "";
    else texts[flag] = sensible(flag, options[flag]!, stream, places);
  }
  // Work, not wrong: as long as somebody wants.
  for (const long of [
    "rows",
    "steps",
    "epochs",
    "samples",
    "instances",
    "examples",
    "seconds",
    "evaluations",
  ])
    if (Number(texts[long]) > 1000) texts[long] = "100";
  const words = Object.entries(texts).flatMap(([flag, text]) =>
    text === ""
      ? [flagOf(flag)]
      : stream.integer(2) === 0
        ? [`${flagOf(flag)}=${text}`]
        : [flagOf(flag), text],
  );
  if (verb.words && stream.integer(2) === 0)
    words.push(of([places.golden, places.checkpoint, ...strange(places)], stream));
  if (stream.integer(20) === 0) words.splice(stream.integer(words.length + 1), 1);
  return [name, ...words];
}
