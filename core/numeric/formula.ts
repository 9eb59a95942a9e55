import { check } from "../errors.ts";

/**
 * A whole number as a formula of an id and of an element's place: how hashes and sharing schemes say where weights live to
 * engines that are not of this program. {@link exactValue} is what a formula means. With ids of the table in hand all values on
 * the way are from 0 to 2⁶³ − 1, so that engines can take 64-bit integers.
 */
export type Formula =
  | { readonly op: "number"; readonly value: bigint }
  | { readonly op: "variable"; readonly name: Variable }
  /** The number of the id's table. */
  | { readonly op: "perTable"; readonly values: readonly number[] }
  | { readonly op: Binary; readonly left: Formula; readonly right: Formula }
  /** Bit `at` < 32 of a word. */
  | { readonly op: "bit"; readonly of: Formula; readonly at: Formula }
  /** Σ_j c_j·xʲ mod 2⁶¹ − 1, for x below 2⁵³; the constant coefficient first. */
  | { readonly op: "polynomial61"; readonly coefficients: readonly bigint[]; readonly of: Formula }
  /** `mix` of hash.ts, of a 32-bit word. */
  | { readonly op: "mix"; readonly of: Formula }
  /** The place of a number in an array of the model's file, ascending; the array's length where it is not there. */
  | { readonly op: "search"; readonly array: string; readonly of: Formula }
  | { readonly op: "choose"; readonly when: Formula; readonly yes: Formula; readonly no: Formula };

/** Quotients are rounded down; `less` is 1 or 0; `xor` is of 32-bit words. */
type Binary = "add" | "multiply" | "quotient" | "remainder" | "xor" | "less";

/**
 * The id's row in its table; a block's number in the row; and the element of the block: number 32·word + bit, so that
 * formulas which are the same for 32 elements do not name the bit.
 */
export type Variable = "row" | "block" | "word" | "bit";

/** A formula, or the number that one is. */
type Operand = Formula | number | bigint;

export const lifted = (x: Operand): Formula =>
  typeof x === "object" ? x : { op: "number", value: BigInt(x) };

/** A formula of two others; the left alone where the right is `neutral`, and the other way round where `either` says so. */
const binary =
  (op: Binary, neutral?: bigint, either = false) =>
  (x: Operand, y: Operand): Formula => {
    const [left, right] = [lifted(x), lifted(y)];
    if (right.op === "number" && right.value === neutral) return left;
    if (either && left.op === "number" && left.value === neutral) return right;
    return { op, left, right };
  };

export const variable = (name: Variable): Formula => ({ op: "variable", name });
export const perTable = (values: readonly number[]): Formula =>
  values.every((value) => value === values[0]) ? lifted(values[0]!) : { op: "perTable", values };
export const plus = binary("add", 0n, true);
export const times = binary("multiply", 1n, true);
export const quotient = binary("quotient", 1n);
export const remainder = binary("remainder");
export const xor = binary("xor");
export const less = binary("less");
export const bitOf = (of: Formula, at: Operand): Formula => ({ op: "bit", of, at: lifted(at) });
export const polynomial61 = (coefficients: readonly bigint[], of: Formula): Formula => ({
  op: "polynomial61",
  coefficients,
  of,
});
export const mixed = (of: Formula): Formula => ({ op: "mix", of });
export const search = (array: string, of: Formula): Formula => ({ op: "search", array, of });
export const choose = (when: Formula, yes: Operand, no: Operand): Formula => ({
  op: "choose",
  when,
  yes: lifted(yes),
  no: lifted(no),
});

/** The formulas that a formula is computed from. */
export function partsOf(formula: Formula): readonly Formula[] {
  switch (formula.op) {
    case "number":
    case "perTable":
    case "variable":
      return [];
    case "bit":
      return [formula.of, formula.at];
    case "polynomial61":
    case "mix":
    case "search":
      return [formula.of];
    case "choose":
      return [formula.when, formula.yes, formula.no];
    default:
      return [formula.left, formula.right];
  }
}

/** Formulas never change, and exports ask of each part of each again and again. */
const named = new WeakMap<Formula, Set<string>>();

/** What a formula names: variables, "table", and "search" where it looks into an array. */
export function namesIn(formula: Formula): ReadonlySet<string> {
  const known = named.get(formula);
  if (known) return known;
  const names = new Set(partsOf(formula).flatMap((part) => [...namesIn(part)]));
  named.set(formula, names);
  if (formula.op === "variable") names.add(formula.name);
  if (formula.op === "perTable") names.add("table");
  if (formula.op === "search") names.add("search");
  return names;
}

/** What a formula is a formula of. */
export interface Place extends Readonly<Record<Variable, number>> {
  readonly table: number;
  /** Arrays of the file by name. */
  readonly arrays: ReadonlyMap<string, ArrayLike<number>>;
}

/** The definition: the number that a formula is of this place. Throws an InputError for one that no 64-bit integer holds. */
export function exactValue(formula: Formula, place: Place): bigint {
  const value = evaluated(formula, place);
  check(
    value >= 0n && value < 1n << 63n,
    () => `A formula's ${formula.op} is ${value}, but must be from 0 to 2⁶³ − 1.`,
  );
  return value;
}

function evaluated(formula: Formula, place: Place): bigint {
  const of = (part: Formula) => exactValue(part, place);
  switch (formula.op) {
    case "number":
      return formula.value;
    case "variable":
      return BigInt(place[formula.name]);
    case "perTable":
      return BigInt(formula.values[place.table]!);
    case "bit":
      return (of(formula.of) >> of(formula.at)) & 1n;
    case "polynomial61": {
      const x = of(formula.of);
      return formula.coefficients.reduceRight((sum, c) => (sum * x + c) % mersenne61, 0n);
    }
    case "mix":
      return mixExact(of(formula.of));
    case "search":
      return searched(place.arrays.get(formula.array)!, of(formula.of));
    case "choose":
      return of(formula.when) === 0n ? of(formula.no) : of(formula.yes);
    default:
      return binaries[formula.op](of(formula.left), of(formula.right));
  }
}

const mersenne61 = (1n << 61n) - 1n;

const binaries: Readonly<Record<Binary, (x: bigint, y: bigint) => bigint>> = {
  add: (x, y) => x + y,
  multiply: (x, y) => x * y,
  quotient: (x, y) => x / y,
  remainder: (x, y) => x % y,
  xor: (x, y) => x ^ y,
  less: (x, y) => (x < y ? 1n : 0n),
};

function searched(ascending: ArrayLike<number>, wanted: bigint): bigint {
  const at = Array.from(ascending).findIndex((value) => BigInt(value) === wanted);
  return BigInt(at < 0 ? ascending.length : at);
}

/** What a word is moved by, and then multiplied by twice, as it is mixed. */
export const mixFactors = [0x9e3779b9n, 0x85ebca6bn, 0xc2b2ae35n] as const;

/** `mix` of hash.ts in unbounded integers. */
export function mixExact(word: bigint): bigint {
  const mask = (1n << 32n) - 1n;
  let h = (word + mixFactors[0]) & mask;
  h = ((h ^ (h >> 16n)) * mixFactors[1]) & mask;
  h = ((h ^ (h >> 13n)) * mixFactors[2]) & mask;
  return h ^ (h >> 16n);
}
