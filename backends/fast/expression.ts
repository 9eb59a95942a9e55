import { InputError } from "../../core/errors.ts";
import * as job from "./kernels/job.ts";

/** What an instruction makes: a number, or whether something is so. */
type Kind = "number" | "truth";

/** A value while an expression is read: an operand of the program. */
interface Value {
  readonly operand: number;
  readonly kind: Kind;
}

/** One step of a program: an instruction's code, its target, and the operands that it reads. */
export interface Instruction {
  readonly code: number;
  readonly target: number;
  readonly from: readonly number[];
}

/** Where instructions and operands of a program are put while its expressions are read. */
export interface Builder {
  /** The operand that a name stands for. */
  named(name: string): number;
  constant(value: number): number;
  emit(code: number, from: readonly number[]): number;
}

/** Functions of `Math` that a program knows, and the number of their arguments. */
const functions: Readonly<Record<string, readonly [code: number, inputs: number]>> = {
  abs: [job.ABS, 1],
  sqrt: [job.SQRT, 1],
  min: [job.MIN, 2],
  max: [job.MAX, 2],
  floor: [job.FLOOR, 1],
  ceil: [job.CEIL, 1],
  exp: [job.EXP, 1],
  log: [job.LOG, 1],
  log1p: [job.LOG1P, 1],
  expm1: [job.EXPM1, 1],
  tanh: [job.TANH, 1],
  sin: [job.SIN, 1],
  cos: [job.COS, 1],
  pow: [job.POW, 2],
};

interface Binary {
  readonly code: number;
  readonly binds: number;
  readonly takes: Kind;
  readonly makes: Kind;
  /** a > b is b < a. */
  readonly swapped?: true;
}

const binaries: Readonly<Record<string, Binary>> = {
  "||": { code: job.OR, binds: 1, takes: "truth", makes: "truth" },
  "&&": { code: job.AND, binds: 2, takes: "truth", makes: "truth" },
  "===": { code: job.EQUAL, binds: 3, takes: "number", makes: "truth" },
  "==": { code: job.EQUAL, binds: 3, takes: "number", makes: "truth" },
  "!==": { code: job.NOT_EQUAL, binds: 3, takes: "number", makes: "truth" },
  "!=": { code: job.NOT_EQUAL, binds: 3, takes: "number", makes: "truth" },
  "<": { code: job.LESS, binds: 4, takes: "number", makes: "truth" },
  ">": { code: job.LESS, binds: 4, takes: "number", makes: "truth", swapped: true },
  "<=": { code: job.AT_MOST, binds: 4, takes: "number", makes: "truth" },
  ">=": { code: job.AT_MOST, binds: 4, takes: "number", makes: "truth", swapped: true },
  "+": { code: job.ADD, binds: 5, takes: "number", makes: "number" },
  "-": { code: job.SUBTRACT, binds: 5, takes: "number", makes: "number" },
  "*": { code: job.MULTIPLY, binds: 6, takes: "number", makes: "number" },
  "/": { code: job.DIVIDE, binds: 6, takes: "number", makes: "number" },
};

const token = /\s*(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|Math\.\w+|\w+|===|!==|[=!<>]=|&&|\|\||\S)/giy;

/** Appends what the text of an expression says to a program; returns the operand that holds its value. */
export function read(text: string, builder: Builder): number {
  const tokens = [...text.matchAll(token)].map((match) => match[1]!);
  let at = 0;
  const wrong = (what: string) =>
    new InputError(
      `The fast backend cannot read "${text}": ${what}. See core/scalar.ts for what may be written.`,
    );
  const expect = (wanted: string) => {
    if (tokens[at++] !== wanted)
      throw wrong(`"${wanted}" is missing before "${tokens[at - 1] ?? "the end"}"`);
  };
  const emit = (code: number, kind: Kind, ...from: Value[]): Value => ({
    operand: builder.emit(
      code,
      from.map((value) => value.operand),
    ),
    kind,
  });
  const as = (kind: Kind, value: Value): Value => {
    if (value.kind !== kind) throw wrong(`a ${value.kind} stands where a ${kind} should`);
    return value;
  };

  const conditional = (): Value => {
    const condition = binary(0);
    if (tokens[at] !== "?") return condition;
    at++;
    const yes = as("number", conditional());
    expect(":");
    const no = as("number", conditional());
    return emit(job.SELECT, "number", as("truth", condition), yes, no);
  };

  const binary = (binds: number): Value => {
    let left = unary();
    for (;;) {
      const operator = binaries[tokens[at] ?? ""];
      if (operator === undefined || operator.binds <= binds) return left;
      at++;
      const right = as(operator.takes, binary(operator.binds));
      as(operator.takes, left);
      const inputs = operator.swapped ? [right, left] : [left, right];
      left = emit(operator.code, operator.makes, ...inputs);
    }
  };

  const unary = (): Value => {
    const first = tokens[at++];
    if (first === "-") return emit(job.NEGATE, "number", as("number", unary()));
    if (first === "+") return as("number", unary());
    if (first === "!") return emit(job.NOT, "truth", as("truth", unary()));
    if (first === "(") {
      const inner = conditional();
      expect(")");
      return inner;
    }
    if (first === undefined) throw wrong("it ends too early");
    if (/^[\d.]/.test(first)) return { operand: builder.constant(Number(first)), kind: "number" };
    if (first.startsWith("Math.")) return call(first.slice("Math.".length));
    if (/^\w/.test(first)) return { operand: builder.named(first), kind: "number" };
    throw wrong(`"${first}" stands where a number should`);
  };

  const call = (name: string): Value => {
    const known = functions[name];
    if (known === undefined)
      throw wrong(`it knows of Math only ${Object.keys(functions).join(", ")}, not ${name}`);
    const [code, inputs] = known;
    const given: Value[] = [];
    expect("(");
    while (given.length < inputs) {
      if (given.length > 0) expect(",");
      given.push(as("number", conditional()));
    }
    expect(")");
    return emit(code, "number", ...given);
  };

  const value = as("number", conditional());
  if (at !== tokens.length) throw wrong(`nothing may follow before "${tokens[at]}"`);
  return value.operand;
}
