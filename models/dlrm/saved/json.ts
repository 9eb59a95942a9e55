import { check, InputError } from "../../../core/errors.ts";

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Levels of lists and objects at most, of what is read and of what is written. */
const deepest = 64;

/** Lists and objects at most, of what is read: an empty one is two bytes of text, and many times that in memory. */
const most = 2 ** 20;

/**
 * The value of a text that `JSON.stringify` wrote, and nobody changed to say a name twice or a number in another way. Throws
 * an InputError for any other text, in words that go on "it …", before what is nested too deep costs memory.
 */
export function parsed(text: string, what: string): unknown {
  checkNesting(text, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError(`${what} is no JSON`);
  }
  check(JSON.stringify(value) === text, () => `${what} is not written as this program writes it`);
  return value;
}

function checkNesting(text: string, what: string): void {
  let [depth, count, quoted] = [0, 0, false];
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i);
    if (quoted) {
      if (letter === 0x5c) i++;
      else if (letter === 0x22) quoted = false;
    } else if (letter === 0x22) quoted = true;
    else if (letter === 0x5b || letter === 0x7b) {
      if (++depth > deepest || ++count > most)
        throw new InputError(
          `${what} has more than ${most} lists and objects, or more than ${deepest} in each other`,
        );
    } else if (letter === 0x5d || letter === 0x7d) depth--;
  }
}

/** The text of `value`. Throws an InputError where it holds what JSON cannot say: it would be read as something else. */
export function written(value: unknown, what: string): string {
  checkSayable(value, what, deepest);
  return JSON.stringify(value);
}

function checkSayable(value: unknown, what: string, levels: number): void {
  check(levels > 0, () => `${what} is nested more than ${deepest} levels deep, or holds itself.`);
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number") {
    check(
      Number.isFinite(value),
      () => `${what} is ${value}, which JSON cannot say; leave it out, or give null.`,
    );
    return;
  }
  const isPlain = Array.isArray(value) || isRecord(value);
  check(
    isPlain,
    () =>
      `${what} is ${typeof value === "object" ? "an object of a class" : `a ${typeof value}`}, which JSON cannot say.`,
  );
  for (const [name, each] of Object.entries(value as object))
    if (each !== undefined || Array.isArray(value))
      checkSayable(each, `${what}.${name}`.slice(0, 200), levels - 1);
}

/** Whether `value` is an object with fields of its own, and no more than an object. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value));
