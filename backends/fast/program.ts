import { memoize } from "../../core/memoize.ts";
import type { Step } from "../../core/optimizers/steps.ts";
import type { Scalar } from "../../core/scalar.ts";
import { type Instruction, write } from "./expression.ts";
import * as job from "./kernels/job.ts";
import type { Machine } from "./machine.ts";

/** What a name of a program stands for when it runs. */
export type Binding =
  | { readonly array: number }
  | { readonly constant: number }
  /** An array stretched over a larger shape: sizes of that shape's axes, and floats between neighbors along each. */
  | { readonly array: number; readonly sizes: readonly number[]; readonly strides: readonly number[] };

/** Assignments that a machine can run over whole arrays. */
export interface Program {
  /** Names in the order of their operands; after them come constants, then temporaries. */
  readonly names: readonly string[];
  readonly constants: readonly number[];
  readonly operands: number;
  readonly instructions: readonly Instruction[];
}

const programs = new Map<string, Program>();

/** `target = expression` for each in order; `names` are all that may be read or assigned. */
export function programOf(names: readonly string[], assignments: readonly Step[]): Program {
  const key = JSON.stringify([names, assignments.map(({ target, expression }) => [target, expression])]);
  let program = programs.get(key);
  if (program === undefined) {
    program = compile(names, assignments);
    programs.set(key, program);
  }
  return program;
}

/** What a scalar function's program writes to. No input can be called so, as it is no one word. */
export const result = "the result";

/** The program that writes `f` of its inputs to {@link result}. */
export const programOfScalar: (f: Scalar) => Program = memoize(({ inputs, expression, tree }: Scalar) =>
  compile([...inputs, result], [{ target: result, expression, tree }]),
);

function compile(names: readonly string[], assignments: readonly Step[]): Program {
  const constants: number[] = [];
  const instructions: Instruction[] = [];
  // Operands are numbered apart while reading: names from 0, constants from 10⁶, temporaries from 2 · 10⁶.
  const [constantsFrom, temporariesFrom] = [1e6, 2e6];
  const free: number[] = [];
  let temporaries = 0;
  const builder = {
    named: (name: string) => {
      if (name === "meanSquare" && !names.includes(name)) {
        const g = names.indexOf("g"); // of a group of one: g² itself
        return builder.emit(job.MULTIPLY, [g, g]);
      }
      const operand = names.indexOf(name);
      if (operand < 0) throw new Error(`A program was not given "${name}", only ${names.join(", ")}.`);
      return operand;
    },
    constant: (value: number) => constantsFrom + constants.push(value) - 1,
    emit: (code: number, from: readonly number[]) => {
      free.push(...from.filter((operand) => operand >= temporariesFrom)); // each is read once
      const target = free.pop() ?? temporariesFrom + temporaries++;
      instructions.push({ code, target, from });
      return target;
    },
  };
  for (const { target, tree } of assignments) {
    const value = write(tree, builder);
    const into = names.indexOf(target);
    if (value >= temporariesFrom) {
      instructions.push({ ...instructions.pop()!, target: into }); // the last one made the value
      free.push(value);
    } else instructions.push({ code: job.COPY, target: into, from: [value] });
  }
  const settled = (operand: number) =>
    operand >= temporariesFrom
      ? operand - temporariesFrom + constants.length + names.length
      : operand >= constantsFrom
        ? operand - constantsFrom + names.length
        : operand;
  return {
    names,
    constants,
    operands: names.length + constants.length + temporaries,
    instructions: instructions.map(({ code, target, from }) => ({
      code,
      target: settled(target),
      from: from.map(settled),
    })),
  };
}

/** Runs `program` over `count` elements. */
export function runProgram(
  machine: Machine,
  { names, constants, operands, instructions }: Program,
  count: number,
  bindings: Readonly<Record<string, Binding>>,
): void {
  const taken: number[] = [];
  const words = (values: readonly number[]): number => {
    const address = machine.heap.take(4 * values.length);
    taken.push(address);
    machine.words(address, values.length).set(values);
    return address;
  };
  const threads = machine.threadsFor(count * instructions.length);
  const table: number[] = [];
  for (const name of names) table.push(...operandOf(bindings[name]!, words));
  for (const value of constants) table.push(job.CONSTANT, bitsOf(value), 0);
  while (table.length < 3 * operands) table.push(job.TEMPORARY, 0, 0);
  const registers = machine.heap.take(4 * threads * operands * job.CHUNK);
  const addresses = machine.heap.take(4 * threads * operands);
  const code = instructions.flatMap(({ code, target, from: [a = 0, b = 0, c = 0] }) => [
    code,
    4 * target,
    4 * a,
    4 * b,
    4 * c,
  ]);
  machine.launch(
    job.PROGRAM,
    [count, operands, words(table), instructions.length, words(code), registers, addresses],
    threads,
  );
  for (const address of [...taken, registers, addresses]) machine.heap.give(address);
}

function operandOf(binding: Binding, words: (values: readonly number[]) => number): number[] {
  if ("constant" in binding) return [job.CONSTANT, bitsOf(binding.constant), 0];
  if (!("sizes" in binding)) return [job.ARRAY, binding.array, 0];
  const { array, sizes, strides } = binding;
  return [job.STRIDED, array, words([sizes.length, ...sizes, ...strides])];
}

const number = new Float32Array(1);
const bits = new Uint32Array(number.buffer);

/** A number as the 32 bits of its nearest float. */
function bitsOf(value: number): number {
  number[0] = value;
  return bits[0]!;
}
