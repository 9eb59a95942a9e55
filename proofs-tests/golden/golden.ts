import { check, InputError } from "../../core/errors.ts";
import { type Shape, sameShape, showShape, sizeOf } from "../../core/shape.ts";

/** Numbers of a golden file: a nested row-major list, or one number (shape []). */
export interface Numbers {
  readonly shape: Shape;
  readonly values: readonly number[];
}

/**
 * An object of a golden file. It knows its own place, so that a sentence can name it, and remembers which keys were
 * read as inputs: the arrays that nobody read are the results, and none of them is ever left out.
 */
export class Golden {
  readonly path: string;
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #read: Set<string>;

  constructor(json: unknown, path = "", read = new Set<string>()) {
    check(
      typeof json === "object" && json !== null && !Array.isArray(json),
      () =>
        `${path || "A golden file"} must be a JSON object, but it is ${JSON.stringify(json)?.slice(0, 40)}.`,
    );
    this.path = path;
    this.#object = json as Record<string, unknown>;
    this.#read = read;
  }

  get keys(): string[] {
    return Object.keys(this.#object);
  }

  /** null counts as absent, as Python's None does. */
  has(key: string): boolean {
    return this.#object[key] != null;
  }

  /** Whatever is at `key`, which stays what it is: an input or a result. */
  peek(key: string): unknown {
    return this.#object[key];
  }

  /** Whatever is at `key`, now read as an input. */
  value(key: string): unknown {
    check(this.has(key), () => `${this.#name(key)} is missing; a file of this format needs it.`);
    this.#read.add(this.#name(key));
    return this.#object[key];
  }

  text(key: string, otherwise?: string): string {
    if (otherwise !== undefined && !this.has(key)) return otherwise;
    const value = this.value(key);
    check(typeof value === "string", () => `${this.#name(key)} must be text, but it is ${show(value)}.`);
    return value;
  }

  number(key: string, otherwise?: number): number {
    if (otherwise !== undefined && !this.has(key)) return otherwise;
    const { shape, values } = this.numbers(key);
    check(shape.length === 0, () => `${this.#name(key)} must be one number, but it is a list.`);
    return values[0]!;
  }

  flag(key: string): boolean {
    return this.has(key) && Boolean(this.value(key));
  }

  numbers(key: string, shape?: Shape): Numbers {
    const numbers = flatten(this.value(key), this.#name(key));
    check(
      shape === undefined || sameShape(shape, numbers.shape),
      () =>
        `${this.#name(key)} has shape ${showShape(numbers.shape)}, but the rest of the file needs ${showShape(shape!)}.`,
    );
    return numbers;
  }

  /** A list of `count` lists of numbers, which may differ in length. */
  lists(key: string, count: number): (readonly number[])[] {
    const value = this.value(key);
    check(
      Array.isArray(value) && value.length === count,
      () => `${this.#name(key)} must be a list of ${count} lists, but it is ${show(value)}.`,
    );
    return value.map((list, i) => {
      const { shape, values } = flatten(list, `${this.#name(key)}[${i}]`);
      check(shape.length === 1, () => `${this.#name(key)}[${i}] must be a list of numbers.`);
      return values;
    });
  }

  /** An object whose every key is an input. */
  section(key: string): Golden {
    return new Golden(this.value(key), this.#name(key));
  }

  /** A list of objects that hold inputs and results both. */
  cases(key: string): Golden[] {
    const value = this.#object[key];
    check(
      Array.isArray(value) && value.length > 0,
      () => `${this.#name(key)} must be a list of objects, but it is ${show(value)}.`,
    );
    return value.map((one, i) => new Golden(one, `${this.#name(key)}[${i}]`, this.#read));
  }

  /** Every number and list of numbers that was not read as an input. */
  *results(): Generator<{ readonly array: string } & Numbers> {
    for (const key of this.keys) yield* resultsIn(this.#object[key], this.#name(key), this.#read);
  }

  #name(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }
}

function* resultsIn(
  value: unknown,
  path: string,
  read: ReadonlySet<string>,
): Generator<{ array: string } & Numbers> {
  if (read.has(path)) return;
  if (typeof value === "number" || (Array.isArray(value) && !holdsOnly(value, "object", "string"))) {
    yield { array: path, ...flatten(value, path) };
  } else if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) yield* resultsIn(item, `${path}[${i}]`, read);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* resultsIn(item, `${path}.${key}`, read);
  }
}

function holdsOnly(list: readonly unknown[], ...types: string[]): boolean {
  const items = list.flat(Infinity);
  return items.length > 0 && items.every((item) => types.includes(typeof item));
}

function flatten(value: unknown, path: string): Numbers {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) shape.push(inner.length);
  requireShape(value, shape, path);
  const values = (Array.isArray(value) ? value.flat(Infinity) : [value]) as number[];
  return { shape, values: sizeOf(shape) === 0 ? [] : values };
}

function requireShape(value: unknown, [length, ...inner]: Shape, path: string): void {
  if (length === undefined) {
    check(typeof value === "number", () => `${path} must be a number, but it is ${show(value)}.`);
    return;
  }
  if (!Array.isArray(value) || value.length !== length) {
    throw new InputError(
      `${path} must be a list of ${length} like the one before it, but it is ${show(value)}.`,
    );
  }
  for (const [i, item] of value.entries()) requireShape(item, inner, `${path}[${i}]`);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return value === undefined ? "absent" : JSON.stringify(value).slice(0, 40);
}
