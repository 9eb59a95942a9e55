import { type Choice, flagOf, type Options } from "../../core/options.ts";
import { type Chooser, isChooser, type Verb } from "../flags.ts";

/** Column at which help says what a flag does. */
const indent = 26;

/** Words on lines of at most `width` characters, all but the first indented. */
export function wrapped(words: string, width: number, from = 0): string {
  const lines = [""];
  for (const word of words.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && from + line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join(`\n${" ".repeat(from)}`);
}

const entry = (head: string, words: string, width: number): string => {
  const from = Math.min(indent, Math.floor(width / 3));
  const start = `  ${head} `;
  const first = start.length <= from ? start.padEnd(from) : `${start.trimEnd()}\n${" ".repeat(from)}`;
  return first + wrapped(words, width, from);
};

/** A flag with its values, its default, and what it does. */
function flagEntry(name: string, option: Options[string], width: number, owners = ""): string {
  const usual = option.otherwise ?? (option.default === undefined ? undefined : String(option.default));
  const choices = option.form.includes("|") ? [option.form.replaceAll("|", ", ")] : [];
  const form = option.form === "" ? "" : option.form.includes("|") ? "NAME" : option.form;
  const said = [option.help, ...choices].filter(Boolean).join(": ");
  const rest = [usual === undefined ? "" : `default ${usual}`, owners].filter(Boolean).join("; ");
  return entry(`${flagOf(name)} ${form}`.trimEnd(), rest === "" ? said : `${said} (${rest})`, width);
}

/** A choice's name, and what stands after its colon: `csv:FILE`, `synthetic[:REGIME]`. */
export function withArgument({
  name,
  argument,
}: Choice & { argument?: { form: string; isOptional?: true } }): string {
  if (argument === undefined) return name;
  return argument.isOptional ? `${name}[:${argument.form}]` : `${name}:${argument.form}`;
}

/** A chooser's names, and then each option that some of them have, once, with their names. */
function chooserEntries(name: string, { all, help, otherwise }: Chooser, width: number): string[] {
  const entries = [
    entry(`${flagOf(name)} NAME`, otherwise === undefined ? help : `${help} (default ${otherwise})`, width),
  ];
  for (const kind of all) entries.push(`  ${entry(withArgument(kind), kind.summary, width - 2)}`);
  const seen = new Map<string, { name: string; option: Options[string]; owners: string[] }>();
  for (const kind of all)
    for (const [own, option] of Object.entries(kind.options)) {
      const key = `${own} ${option.form} ${option.default} ${option.otherwise} ${option.help}`;
      const known = seen.get(key) ?? { name: own, option, owners: [] };
      known.owners.push(kind.name);
      seen.set(key, known);
    }
  for (const { name: own, option, owners } of seen.values())
    entries.push(
      flagEntry(own, option, width, owners.length === all.length ? "" : `of ${owners.join(", ")}`),
    );
  return entries;
}

/** What `--help` prints of a verb: every flag with its choices and its default, on lines of `width` characters. */
export function helpOf({ name, about, flags, words }: Verb, width: number): string {
  const entries = Object.entries(flags).flatMap(([flag, declared]) =>
    isChooser(declared) ? chooserEntries(flag, declared, width) : [flagEntry(flag, declared, width)],
  );
  const usage = `pss-dlrm ${name}${words ? ` ${words.form}` : ""} [flags]`;
  return [
    usage,
    "",
    ...about.split("\n").map((paragraph) => wrapped(paragraph, width)),
    "",
    ...(words ? [entry(words.form, words.help, width)] : []),
    ...entries,
  ].join("\n");
}
