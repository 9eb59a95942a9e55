/** An expression whose value is a number. A literal is finite and not below 0. */
export type NumberTree =
  | { readonly kind: "literal"; readonly value: number }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "negation"; readonly of: NumberTree }
  | Operation<"arithmetic", Arithmetic, NumberTree>
  | { readonly kind: "call"; readonly name: FunctionName; readonly inputs: readonly NumberTree[] }
  | { readonly kind: "choice"; readonly when: TruthTree; readonly yes: NumberTree; readonly no: NumberTree };

/** An expression whose value is whether something is so. */
export type TruthTree =
  | Operation<"comparison", Comparison, NumberTree>
  | Operation<"logical", Logical, TruthTree>
  | { readonly kind: "not"; readonly of: TruthTree };

/** What text denotes once it is parsed: see `parse.ts`. Every backend walks this tree, and none reads the text. */
export type Tree = NumberTree | TruthTree;

interface Operation<Kind, Operator, Of> {
  readonly kind: Kind;
  readonly operator: Operator;
  readonly left: Of;
  readonly right: Of;
}

export const arithmetic = ["+", "-", "*", "/"] as const;
export const comparisons = ["<", ">", "<=", ">=", "==", "!="] as const;
export const logicals = ["&&", "||"] as const;

export type Arithmetic = (typeof arithmetic)[number];
export type Comparison = (typeof comparisons)[number];
export type Logical = (typeof logicals)[number];

/** The functions of `Math` that every backend has, and how many numbers each takes. */
export const functions = {
  abs: 1,
  sqrt: 1,
  min: 2,
  max: 2,
  floor: 1,
  ceil: 1,
  exp: 1,
  log: 1,
  log1p: 1,
  expm1: 1,
  tanh: 1,
  sin: 1,
  cos: 1,
  pow: 2,
};

export type FunctionName = keyof typeof functions;

/** The names that stand in an expression. */
export function namesIn(tree: Tree): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (part: Tree): void => {
    if (part.kind === "name") found.add(part.name);
    for (const inner of partsOf(part)) visit(inner);
  };
  visit(tree);
  return found;
}

/** The expressions that an expression is made of. */
function partsOf(tree: Tree): readonly Tree[] {
  switch (tree.kind) {
    case "literal":
    case "name":
      return [];
    case "negation":
    case "not":
      return [tree.of];
    case "call":
      return tree.inputs;
    case "choice":
      return [tree.when, tree.yes, tree.no];
    default:
      return [tree.left, tree.right];
  }
}

/** A function of numbers that stand side by side. */
type Of<Value> = (x: ArrayLike<number>) => Value;

/**
 * The function that an expression denotes, in doubles: it takes an array with the value of each of `names` at its
 * place. Made once, of one small function for each part of the tree.
 */
export function evaluator(tree: NumberTree, names: readonly string[]): Of<number> {
  const number = (part: NumberTree): Of<number> => {
    switch (part.kind) {
      case "literal":
        return () => part.value;
      case "name": {
        const place = names.indexOf(part.name);
        return (x) => x[place]!;
      }
      case "negation": {
        const of = number(part.of);
        return (x) => -of(x);
      }
      case "arithmetic":
        return sums[part.operator](number(part.left), number(part.right));
      case "call":
        return callOf(part.name, part.inputs.map(number));
      case "choice": {
        const [when, yes, no] = [truth(part.when), number(part.yes), number(part.no)];
        return (x) => (when(x) ? yes(x) : no(x));
      }
    }
  };
  const truth = (part: TruthTree): Of<boolean> => {
    switch (part.kind) {
      case "comparison":
        return orders[part.operator](number(part.left), number(part.right));
      case "logical":
        return joins[part.operator](truth(part.left), truth(part.right));
      case "not": {
        const of = truth(part.of);
        return (x) => !of(x);
      }
    }
  };
  return number(tree);
}

type Joined<From, To> = (a: Of<From>, b: Of<From>) => Of<To>;

const sums: Readonly<Record<Arithmetic, Joined<number, number>>> = {
  "+": (a, b) => (x) => a(x) + b(x),
  "-": (a, b) => (x) => a(x) - b(x),
  "*": (a, b) => (x) => a(x) * b(x),
  "/": (a, b) => (x) => a(x) / b(x),
};

const orders: Readonly<Record<Comparison, Joined<number, boolean>>> = {
  "<": (a, b) => (x) => a(x) < b(x),
  ">": (a, b) => (x) => a(x) > b(x),
  "<=": (a, b) => (x) => a(x) <= b(x),
  ">=": (a, b) => (x) => a(x) >= b(x),
  "==": (a, b) => (x) => a(x) === b(x),
  "!=": (a, b) => (x) => a(x) !== b(x),
};

const joins: Readonly<Record<Logical, Joined<boolean, boolean>>> = {
  "&&": (a, b) => (x) => a(x) && b(x),
  "||": (a, b) => (x) => a(x) || b(x),
};

function callOf(name: FunctionName, [a, b]: readonly Of<number>[]): Of<number> {
  const f: (...x: number[]) => number = Math[name];
  return b === undefined ? (x) => f(a!(x)) : (x) => f(a!(x), b(x));
}
