/**
 * The caller gave something that cannot be used: a shape, a file, a number. The message is one sentence that says
 * what was wrong, with the value, where, and what to do. The command line prints it and exits with code 2.
 */
export class InputError extends Error {
  override readonly name = "InputError";
}

/** A size was asked for that cannot be: a memory too small for what must lie in it, or larger than one can be. */
export class SizeError extends InputError {}

/** A loss or a probability is no finite number: training has let weights grow without bound. */
export class DivergedError extends InputError {}

/** Throws an {@link InputError} with `sentence()` unless `condition` holds. */
export function check(condition: boolean, sentence: () => string): asserts condition {
  if (!condition) throw new InputError(sentence());
}

/** Throws a {@link SizeError} with `sentence()` unless `condition` holds. */
export function checkSize(condition: boolean, sentence: () => string): asserts condition {
  if (!condition) throw new SizeError(sentence());
}

/** What `work` gives, or the {@link InputError} that says why it cannot. Any other error is thrown on. */
export const orRefusal = <Result>(work: Promise<Result>): Promise<Result | InputError> =>
  work.catch((error: unknown) => {
    if (error instanceof InputError) return error;
    throw error;
  });

/** `value` if it is an integer in [low, high]; otherwise an {@link InputError} that names it. */
export function integer(name: string, value: number, low: number, high = Number.MAX_SAFE_INTEGER): number {
  check(
    Number.isInteger(value) && value >= low && value <= high,
    () =>
      `${name} must be a whole number from ${low}${high === Number.MAX_SAFE_INTEGER ? " up" : ` to ${high}`}, but it is ${value}.`,
  );
  return value;
}

/** `value` if it is finite and in [low, high]; otherwise an {@link InputError} that names it. */
export function finite(name: string, value: number, low = -Infinity, high = Infinity): number {
  check(
    Number.isFinite(value) && value >= low && value <= high,
    () =>
      `${name} must be a finite number${low > -Infinity || high < Infinity ? ` from ${low} to ${high}` : ""}, but it is ${value}.`,
  );
  return value;
}

/** Characters of a text that a user gave, and of a path, that a sentence has at most. */
const longestText = 60;
const longestWord = 120;
const longestReason = 200;

/** `text` without what a terminal obeys or does not show: controls, marks of direction, ends of lines, half characters. */
export const escaped = (text: string): string =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);

/** A value in a sentence, whatever it is: a text in quotes, what cannot be seen of it escaped, the rest cut off. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object"; // which may be none that can be made a text
  if (typeof value !== "string") return cut(escaped(String(value)), longestText);
  const text = cut(escaped(value.slice(0, longestText + 1)), longestText - 2);
  return `"${text}"`;
}

/** A path, a flag or its value in a sentence, without quotes. Of a long one the end is kept: it tells files apart. */
export function shownWord(word: string): string {
  const text = escaped(word.slice(-longestWord - 1));
  return text.length > longestWord ? `…${text.slice(1 - longestWord)}` : text;
}

/** Why something failed, in a sentence: what a system says may hold a path, as long and strange as that is. */
export const shownReason = (error: Error): string => cut(escaped(error.message.slice(0, 400)), longestReason);

const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
