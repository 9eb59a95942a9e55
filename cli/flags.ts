import { parseArgs } from "node:util";
import { check, InputError, shown, shownWord } from "../core/errors.ts";
import { requireWritable } from "../core/file.ts";
import {
  type Choice,
  chosen,
  type Filled,
  flagOf,
  type Option,
  type Options,
  refusal,
  switchOption,
  textOption,
} from "../core/options.ts";

/** What was written for each option, by the option's name: a text, empty for a switch. */
export type Texts = Readonly<Record<string, string>>;

/** A flag that chooses something by its name, which then has flags of its own: `--embedding robe`, `--data csv:FILE`. */
export interface Chooser<Kind extends Choice = Choice> {
  /** What is chosen, in a sentence. */
  readonly what: string;
  readonly all: readonly Kind[];
  readonly help: string;
  /** The name that holds where none is given, which may depend on what else is. */
  readonly usual?: (texts: Texts) => string;
  /** The same, in words for help. */
  readonly otherwise?: string;
}

/** A chooser that always chooses. */
export interface Choosing<Kind extends Choice> extends Chooser<Kind> {
  readonly usual: (texts: Texts) => string;
}

/** A choice that was made: what was chosen, what followed its name after a colon, and its own options. */
export interface Chosen<Kind extends Choice = Choice> {
  readonly kind: Kind;
  readonly argument: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: options of whichever kind was chosen, which accepts them again
  readonly options: any;
}

/** The flags of a verb by name: options, and choosers. */
export type Declared = Readonly<Record<string, Options[string] | Chooser>>;

type OptionsOf<Of extends Declared> = {
  readonly [Name in keyof Of as Of[Name] extends Options[string]
    ? Name
    : never]: Of[Name] extends Options[string] ? Of[Name] : never;
};

/** What a verb is given: values of its options (or their defaults), and what was chosen. */
export type Flags<Of extends Declared> = Filled<OptionsOf<Of>> & {
  readonly [Name in keyof Of as Of[Name] extends Chooser ? Name : never]: Of[Name] extends Choosing<
    infer Kind
  >
    ? Chosen<Kind>
    : Of[Name] extends Chooser<infer Kind>
      ? Chosen<Kind> | undefined
      : never;
};

/** One verb of the command line. */
export interface Verb<Of extends Declared = Declared> {
  readonly name: string;
  /** What `--help` says above the flags. */
  readonly about: string;
  readonly flags: Of;
  /** Words beside the flags, like files; none may be given where this is absent. */
  readonly words?: { readonly form: string; readonly help: string; readonly most: number };
  /** What holds besides what was written, of a checkpoint for example: texts of all flags. */
  complete?(given: Arguments): Texts | Promise<Texts>;
  /** Runs it; the exit code is 0 for success, 1 where a check failed. Throws InputError for bad input (exit code 2). */
  run(flags: Flags<Of>, given: Arguments): Promise<number>;
}

/** What stood on the command line: flags as texts, and words. */
export interface Arguments {
  readonly texts: Texts;
  readonly words: readonly string[];
}

/** Types of `run` follow from the flags. */
export const verb = <Of extends Declared>(described: Verb<Of>): Verb => described as unknown as Verb;

export const isChooser = (flag: Options[string] | Chooser): flag is Chooser => "all" in flag;

/** Every option that some choice of these flags has, by name; of several with one name the first. */
export function everyOption(flags: Declared): Record<string, Options[string]> {
  const all: Record<string, Options[string]> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const options = isChooser(flag)
      ? flag.all.flatMap(({ options }) => Object.entries(options))
      : [[name, flag] as const];
    for (const [own, option] of options) all[own] ??= option;
  }
  return all;
}

/** Splits a command line into flags and words. Throws an InputError for flags that the verb does not have. */
export function readArguments({ name: verb, flags, words }: Verb, args: readonly string[]): Arguments {
  const all = everyOption(flags);
  const choosers = Object.keys(flags).filter((name) => isChooser(flags[name]!));
  const takesText = (name: string) => choosers.includes(name) || all[name]?.form !== "";
  const byFlag = new Map([...Object.keys(all), ...choosers].map((name) => [flagOf(name).slice(2), name]));
  const options = Object.fromEntries(
    [...byFlag].map(([flag, name]) => [
      flag,
      { type: takesText(name) ? ("string" as const) : ("boolean" as const) },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const texts: Record<string, string> = {};
  const given: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") given.push(token.value);
    if (token.kind !== "option") continue;
    const name = byFlag.get(token.name);
    check(
      name !== undefined,
      () => `${verb} has no flag ${shownWord(token.rawName)}; see pss-dlrm ${verb} --help.`,
    );
    check(!Object.hasOwn(texts, name), () => `${token.rawName} is given twice; give it once.`);
    texts[name] = textOf(token, takesText(name));
  }
  const most = words?.most ?? 0;
  check(given.length <= most, () =>
    most === 0
      ? `${verb} takes flags only, but was given ${shown(given.join(" "))}; see pss-dlrm ${verb} --help.`
      : `${verb} takes ${words!.form}, but was given ${given.length} words: ${shownWord(given.join(", "))}.`,
  );
  return { texts, words: given };
}

interface Token {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

/** What follows a flag. A flag that swallows the next one was meant otherwise; a negative number is a number. */
function textOf({ rawName, value, inlineValue }: Token, takesText: boolean): string {
  if (!takesText) {
    check(value === undefined, () => `${rawName} takes no value, but was given ${shown(value)}.`);
    return "";
  }
  check(value !== undefined && value !== "", () => `${rawName} needs a value after it.`);
  check(
    inlineValue === true || !/^--?[a-z]/i.test(value),
    () =>
      `${rawName} needs a value, but ${shownWord(value)} follows it; write ${rawName}=${shownWord(value)} if that is the value.`,
  );
  return value;
}

/** Values of texts for these flags. Throws an InputError for what cannot be, or belongs to another choice. */
export function flagsOf<Of extends Declared>(flags: Of, texts: Texts): Flags<Of> {
  const values: Record<string, unknown> = {};
  const used = new Set<string>();
  const read = (name: string, option: Option): unknown => {
    used.add(name);
    if (!Object.hasOwn(texts, name)) return undefined;
    return option.accept(option.read(texts[name]!), flagOf(name));
  };
  const choices: Chosen[] = [];
  for (const [name, flag] of Object.entries(flags)) {
    if (!isChooser(flag)) values[name] = read(name, flag) ?? flag.default;
    else {
      used.add(name);
      const choice = choiceOf(flag, texts[name] ?? flag.usual?.(texts), read);
      values[name] = choice;
      if (choice) choices.push(choice);
    }
  }
  const stray = Object.keys(texts).find((name) => !used.has(name));
  check(stray === undefined, () => strayed(stray!, flags, choices));
  return values as Flags<Of>;
}

function choiceOf(
  { what, all }: Chooser,
  text: string | undefined,
  read: (name: string, option: Option) => unknown,
): Chosen | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(":");
  const [name, argument] = colon < 0 ? [text, undefined] : [text.slice(0, colon), text.slice(colon + 1)];
  const kind = chosen(what, all, name);
  const options = Object.entries(kind.options).flatMap(([own, option]) => {
    const value = read(own, option);
    return value === undefined ? [] : [[own, value]];
  });
  return { kind, argument, options: Object.fromEntries(options) };
}

/** A sentence that an option is of another choice than the one that was made. */
function strayed(name: string, flags: Declared, choices: readonly Chosen[]): string {
  for (const [flag, chooser] of Object.entries(flags)) {
    if (!isChooser(chooser)) continue;
    const owners = chooser.all.filter(({ options }) => Object.hasOwn(options, name)).map((kind) => kind.name);
    if (owners.length === 0) continue;
    const made = choices.find(({ kind }) => chooser.all.includes(kind));
    return made
      ? `${flagOf(flag)} ${refusal(made.kind, flagOf(name), flagOf)} ${flagOf(name)} is of ${owners.join(", ")}.`
      : `${flagOf(name)} is of ${flagOf(flag)} ${owners.join(", ")}, but no ${flagOf(flag)} is given.`;
  }
  throw new InputError(`There is no flag ${flagOf(name)}.`);
}

/** `--json`, which every verb has. */
export const jsonFlag = switchOption({ help: "prints one JSON object" });

/** A file that is written; that it can be is known before long work. */
export function fileFlag(help: string): Option<string, undefined> {
  const option = textOption({ form: "FILE", help });
  return {
    ...option,
    accept(value, name) {
      const path = option.accept(value, name);
      requireWritable(path);
      return path;
    },
  };
}

/** The command that was given, ready to paste. */
export const commandLine = (args: readonly string[]): string =>
  [
    "npx pss-dlrm",
    ...args.map((arg) => (/^[\w./:=,@%+-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`)),
  ].join(" ");
