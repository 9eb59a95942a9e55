import type {
  Arithmetic,
  Comparison,
  FunctionName,
  Logical,
  NumberTree,
  TruthTree,
} from "../../core/expression.ts";
import * as job from "./kernels/job.ts";

/** One step of a program: an instruction's code, its target, and the operands that it reads. */
export interface Instruction {
  readonly code: number;
  readonly target: number;
  readonly from: readonly number[];
}

/** Where instructions and operands of a program are put while its expressions are written. */
export interface Builder {
  /** The operand that a name stands for. */
  named(name: string): number;
  constant(value: number): number;
  emit(code: number, from: readonly number[]): number;
}

const functions: Readonly<Record<FunctionName, number>> = {
  abs: job.ABS,
  sqrt: job.SQRT,
  min: job.MIN,
  max: job.MAX,
  floor: job.FLOOR,
  ceil: job.CEIL,
  exp: job.EXP,
  log: job.LOG,
  log1p: job.LOG1P,
  expm1: job.EXPM1,
  tanh: job.TANH,
  sin: job.SIN,
  cos: job.COS,
  pow: job.POW,
};

const operators: Readonly<Record<Arithmetic | Comparison | Logical, number>> = {
  "+": job.ADD,
  "-": job.SUBTRACT,
  "*": job.MULTIPLY,
  "/": job.DIVIDE,
  "<": job.LESS,
  ">": job.LESS,
  "<=": job.AT_MOST,
  ">=": job.AT_MOST,
  "==": job.EQUAL,
  "!=": job.NOT_EQUAL,
  "&&": job.AND,
  "||": job.OR,
};

/** Appends what an expression says to a program; returns the operand that holds its value. */
export function write(tree: NumberTree | TruthTree, builder: Builder): number {
  const emit = (code: number, ...parts: readonly (NumberTree | TruthTree)[]) =>
    builder.emit(
      code,
      parts.map((part) => write(part, builder)),
    );
  switch (tree.kind) {
    case "literal":
      return builder.constant(tree.value);
    case "name":
      return builder.named(tree.name);
    case "negation":
      return emit(job.NEGATE, tree.of);
    case "not":
      return emit(job.NOT, tree.of);
    case "call":
      return emit(functions[tree.name], ...tree.inputs);
    case "choice":
      return emit(job.SELECT, tree.when, tree.yes, tree.no);
    case "arithmetic":
    case "comparison":
    case "logical": {
      const operands = [write(tree.left, builder), write(tree.right, builder)];
      const turned = tree.operator === ">" || tree.operator === ">="; // a > b is b < a
      return builder.emit(operators[tree.operator], turned ? operands.reverse() : operands);
    }
  }
}
