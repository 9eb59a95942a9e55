import { check, InputError, shown } from "./errors.ts";
import type { Random } from "./numeric/random.ts";

/**
 * One option of something that people configure (an embedding, an optimizer, a verb), declared once, as a value. The flag,
 * its help, the syntax of studies, the refusal of what it cannot be and the examples that laws draw all come from here.
 */
export interface Option<Value = unknown, Default extends Value | undefined = Value | undefined> {
  /** How a value is written, for help: `N`, `FILE`, `none|affine`. Empty for a switch, which takes no value. */
  readonly form: string;
  /** What it does, in one line. */
  readonly help: string;
  /** What holds where it is not given. */
  readonly default: Default;
  /** What holds where it is not given, in words, where that depends on something. */
  readonly otherwise?: string;
  /** It says how large something is: comparisons at equal memory choose it themselves. */
  readonly isSize?: true;
  /** `value` if it can be this option's. Throws an InputError that calls it `name` otherwise. */
  accept(value: unknown, name: string): Value;
  /** The value that a text stands for, not yet accepted. */
  read(text: string): unknown;
  /** A random value, for laws; without it laws leave the option out. */
  readonly draw?: (stream: Random, example: Example) => Value;
}

/** What a random example is made for: tables' dim where it is of an embedding. */
export interface Example {
  readonly dim: number;
}

/** Options by name, as programs write it: `hotShare`, whose flag is `--hot-share`. */
// biome-ignore lint/suspicious/noExplicitAny: a list of options of any values, each of which checks its own
export type Options = Readonly<Record<string, Option<any, any>>>;

/** What may be given for these options. */
export type Given<Declared extends Options> = {
  readonly [Name in keyof Declared]?: ValueOf<Declared[Name]> | undefined;
};

/** What holds of these options: a value for each that has a default. */
export type Filled<Declared extends Options> = {
  readonly [Name in keyof Declared]: Declared[Name] extends Option<infer Value, infer Default>
    ? undefined extends Default
      ? Value | undefined
      : Value
    : never;
};

type ValueOf<Declared> = Declared extends Option<infer Value, infer _> ? Value : never;

interface About<Value, Default extends Value | undefined> {
  readonly help: string;
  readonly form?: string;
  readonly default?: Default;
  readonly otherwise?: string;
  readonly isSize?: true;
  /** How laws draw it, where not as its kind is; "none" where they leave it out. */
  readonly draw?: ((stream: Random, example: Example) => Value) | "none";
}

/** What all kinds of options share; `form` and `draw` are a kind's usual ones. */
function option<Value, Default extends Value | undefined>(
  { default: usual, draw: chosen, ...about }: About<Value, Default>,
  kind: Pick<Option<Value>, "form" | "accept" | "read" | "draw">,
): Option<Value, Default> {
  const draw = chosen === "none" ? undefined : (chosen ?? kind.draw);
  const { draw: _, ...others } = kind;
  return { ...others, ...about, default: usual as Default, ...(draw && { draw }) } as Option<Value, Default>;
}

/** Numbers that an option takes: from `from` or above `above`, to `to` or below `below`. */
interface NumberRange {
  readonly from?: number;
  readonly above?: number;
  readonly to?: number;
  readonly below?: number;
}

const inWords = ({ from, above, to, below }: NumberRange): string =>
  [
    ...(above === undefined ? [] : [` above ${above}`]),
    ...(from === undefined ? [] : [to === undefined ? ` from ${from} up` : ` from ${from}`]),
    ...(to === undefined ? [] : [` to ${to}`]),
    ...(below === undefined ? [] : [`${above === undefined ? "" : " and"} below ${below}`]),
  ].join("");

const isWithin = (x: number, { from = -Infinity, above, to = Infinity, below }: NumberRange): boolean =>
  x >= from && x <= to && (above === undefined || x > above) && (below === undefined || x < below);

/** "1e6" and "26.14e9" are numbers; an empty text is none. */
const numberOf = (text: string): unknown => (/^[+-]?[\d.]/.test(text.trim()) ? Number(text) : text);

function numeric<Default extends number | undefined = undefined>(
  range: NumberRange & About<number, Default>,
  kind: string,
  isKind: (value: number) => boolean,
): Option<number, Default> {
  const { from: _, above: __, to: ___, below: ____, ...about } = range;
  return option(about, {
    form: "N",
    read: numberOf,
    accept(value, name) {
      const sound = typeof value === "number" && isKind(value) && isWithin(value, range);
      check(sound, () => `${name} must be ${kind}${inWords(range)}, but it is ${shown(value)}.`);
      return value as number;
    },
  });
}

/** A finite number. */
export const numberOption = <Default extends number | undefined = undefined>(
  about: NumberRange & About<number, Default>,
): Option<number, Default> => numeric(about, "a number", Number.isFinite);

/** A whole number, small enough to be exact. */
export const wholeOption = <Default extends number | undefined = undefined>(
  about: NumberRange & About<number, Default>,
): Option<number, Default> => numeric(about, "a whole number", Number.isSafeInteger);

/** One of these names. */
export const choiceOption = <Name extends string, Default extends Name | undefined = undefined>(
  names: readonly Name[],
  about: About<Name, Default>,
): Option<Name, Default> =>
  option(about, {
    form: names.join("|"),
    read: (text) => text,
    accept(value, name) {
      check(
        names.includes(value as Name),
        () => `${name} must be one of ${names.join(", ")}, but it is ${shown(value)}.`,
      );
      return value as Name;
    },
    draw: (stream) => names[stream.integer(names.length)]!,
  });

/** Something that is so where it is said. */
export const switchOption = (about: About<boolean, undefined>): Option<boolean, undefined> =>
  option(about, {
    form: "",
    read: (text) => (text === "" ? true : text),
    accept(value, name) {
      check(typeof value === "boolean", () => `${name} takes no value, but was given ${shown(value)}.`);
      return value as boolean;
    },
    draw: (stream) => stream.integer(2) === 1,
  });

/** Any text but an empty one. */
export const textOption = <Default extends string | undefined = undefined>(
  about: About<string, Default>,
): Option<string, Default> =>
  option(about, {
    form: "TEXT",
    read: (text) => text,
    accept(value, name) {
      check(typeof value === "string" && value.trim() !== "", () => `${name} must not be empty.`);
      return value as string;
    },
  });

/** Several values of one kind, separated by commas, or by `separator`. */
export function listOption<Value>(
  item: Option<Value>,
  about: About<readonly Value[], undefined>,
  separator = /,/,
): Option<readonly Value[], undefined> {
  return option<readonly Value[], undefined>(about, {
    form: `${item.form},${item.form}`,
    read: (text) => text.split(separator).map((part) => item.read(part.trim())),
    accept(value, name) {
      check(
        Array.isArray(value) && value.length > 0,
        () => `${name} must be a list, but it is ${shown(value)}.`,
      );
      return (value as unknown[]).map((each) => item.accept(each, `Each of ${name}`));
    },
  });
}

/** The flag of an option: `hotShare` is `--hot-share`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** Something that is chosen by its name and has options of its own: an embedding, an optimizer, a source of rows. */
export interface Choice {
  readonly name: string;
  /** One line for help. */
  readonly summary: string;
  readonly options: Options;
}

/** The one of `all` that is called `name`; `what` they are, in an InputError where there is none. */
export function chosen<Kind extends Pick<Choice, "name">>(
  what: string,
  all: readonly Kind[],
  name: string,
): Kind {
  const found = all.find((each) => each.name === name);
  if (found === undefined)
    throw new InputError(
      `There is no ${what} ${shown(name)}; choose one of ${all.map((each) => each.name).join(", ")}.`,
    );
  return found;
}

/** `given`, if `owner` has all these options and they can be what they are. Throws an InputError otherwise. */
export function accepted<Declared extends Options>(
  owner: { readonly name: string; readonly options: Declared },
  given: Given<Declared>,
): Given<Declared> {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const own = Object.hasOwn(owner.options, name) ? owner.options[name] : undefined;
    check(own !== undefined, () => refusal(owner, name));
    own.accept(value, `${name} of ${owner.name}`);
  }
  return given;
}

/** A sentence that `owner` has no option of this name; `written` says how those that it has are called where it is read. */
export const refusal = (
  { name: owner, options }: Pick<Choice, "name" | "options">,
  name: string,
  written: (name: string) => string = (plain) => plain,
): string => {
  const known = Object.keys(options).map(written);
  const has = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  return `${owner} has no option ${name}; ${has}.`;
};

/** What holds where `given` says nothing else. Not by entries: a scheme is made of options for every draw of its hashes. */
export function filled<Declared extends Options>(
  declared: Declared,
  given: Given<Declared>,
): Filled<Declared> {
  const all: Record<string, unknown> = {};
  for (const name of Object.keys(declared)) {
    const { default: usual } = declared[name]!;
    all[name] = given[name] ?? usual;
  }
  return all as Filled<Declared>;
}

/** Random values for all options that are no size and can be drawn. */
export const drawn = <Declared extends Options>(
  declared: Declared,
  stream: Random,
  example: Example,
): Given<Declared> =>
  Object.fromEntries(
    Object.entries(declared).flatMap(([name, { isSize, draw }]) =>
      isSize || !draw ? [] : [[name, draw(stream, example)]],
    ),
  ) as Given<Declared>;
