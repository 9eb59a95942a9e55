import type { Update } from "../../core/backend.ts";
import { blocksPerItem, itemCount, type Lookup } from "../../core/lookup.ts";
import { checkRounding } from "../../core/numeric/half.ts";
import { type Step, stepsOf } from "../../core/optimizers/steps.ts";
import { isHalves, moveHalves } from "./half.ts";
import * as job from "./kernels/job.ts";
import { copied } from "./lookup.ts";
import type { Machine } from "./machine.ts";
import { type Home, inChunks, isOutside, moveUnits, type Swept } from "./outside.ts";
import { type Binding, programOf, runProgram } from "./program.ts";

/** What a lookup contributes to a memory's gradient: one row of `dim` floats a bag, at `values`. */
export interface Part {
  readonly lookup: Lookup;
  readonly values: number;
}

/** Arrays that a step changes, and the number of weights. */
export interface Stepped<Place = Home> {
  readonly weights: Place;
  readonly state: readonly Place[];
  readonly count: number;
}

/** One optimizer step in place, of a number for every weight or of what lookups contribute. */
export function step(
  machine: Machine,
  update: Update,
  stepped: Stepped,
  gradient: Home | readonly Part[],
): void {
  checkRounding(update, isHalves(stepped.weights));
  stepsOf(update); // what cannot be parsed is refused before any array is taken
  if (isParts(gradient)) stepSparse(machine, update, stepped, gradient);
  else stepDense(machine, update, stepped, gradient);
}

const isParts = (gradient: Home | readonly Part[]): gradient is readonly Part[] => Array.isArray(gradient);

/** One optimizer step in place, with a number for every weight in `gradient`. */
export function stepDense(machine: Machine, update: Update, stepped: Stepped, gradient: Home): void {
  const arrays: Swept[] = [
    { home: gradient, width: 1, read: true },
    { home: stepped.weights, width: 1, rounding: update.rounding },
    ...stepped.state.map((home) => ({ home, width: update.width })),
  ];
  inChunks(machine, arrays, stepped.count, ([g, weights, ...state], count) =>
    stepInside(machine, update, { weights: weights!, state, count }, g!),
  );
}

function stepInside(machine: Machine, update: Update, stepped: Stepped<number>, gradient: number): void {
  const { state, hyper, width } = update;
  const steps = stepsOf(update);
  const { weights, count } = stepped;
  const numbers = Object.fromEntries(Object.entries(hyper).map(([name, constant]) => [name, { constant }]));
  const arrays = state.map((name, i) => [name, { array: stepped.state[i]! }] as const);
  const bound = { ...numbers, ...Object.fromEntries(arrays) };
  const own = { w: { array: weights }, g: { array: gradient } };
  const run = (kept: readonly Step[], n: number, bindings: Record<string, Binding>) => {
    if (kept.length > 0) runProgram(machine, programOf(Object.keys(bindings), kept), n, bindings);
  };
  if (width === 1) {
    run(steps, count, { ...bound, ...own });
    return;
  }
  const groups = count / width;
  const meanSquare = machine.heap.take(4 * groups);
  machine.launch(job.MEAN_SQUARES, [groups, width, gradient, meanSquare], machine.threadsFor(count));
  const stretched = arrays.map(([name, { array }]) => [
    name,
    { array, sizes: [groups, width], strides: [1, 0] },
  ]);
  run(
    steps.filter(({ target }) => target !== "w"),
    groups,
    { ...bound, meanSquare: { array: meanSquare } },
  );
  run(
    steps.filter(({ target }) => target === "w"),
    count,
    { ...numbers, ...Object.fromEntries(stretched), ...own },
  );
  machine.heap.give(meanSquare);
}

/**
 * One optimizer step in place on the units that any part touches. They are copied next to each other, stepped as any
 * other array is, and copied back.
 */
export function stepSparse(machine: Machine, update: Update, stepped: Stepped, parts: readonly Part[]): void {
  const { heap, threadsFor } = machine;
  const unit = unitOf(update, parts);
  const { keys, units, most, gradient } = summed(machine, parts, unit);
  const floats = units * unit;
  const arrays = [stepped.weights, ...stepped.state];
  const widths = arrays.map((_, i) => (i === 0 ? unit : unit / update.width));
  const few = widths.map((width) => heap.take(4 * most * width));
  const move = (kernel: number) => {
    for (const [i, many] of arrays.entries()) {
      const [width, here] = [widths[i]!, few[i]!];
      if (isHalves(many)) {
        const own = { list: keys, count: units, width, total: stepped.count, first: 0, floats: here };
        moveHalves(machine, many, own, kernel === job.PUT_UNITS ? update.rounding : undefined);
      } else if (isOutside(many)) {
        const [list, staged] = [machine.words(keys, units), machine.floats(here, units * width)];
        moveUnits(many, list, width, staged, kernel === job.PICK_UNITS);
      } else {
        const total = (stepped.count / unit) * width;
        machine.launch(kernel, [keys, units, width, many, here, total], threadsFor(floats));
      }
    }
  };
  move(job.PICK_UNITS);
  const [weights, ...state] = few as [number, ...number[]];
  stepInside(machine, update, { weights, state, count: floats }, gradient);
  move(job.PUT_UNITS);
  for (const address of [keys, gradient, ...few]) heap.give(address);
}

/** Floats of a line of the cache: what is touched anyway when one of them is. */
const line = 16;

/**
 * Floats that are stepped together. Rows that share state are; where a gradient of zero does nothing, lines of the
 * cache may be; else only what is never touched apart: the largest size that divides every start and every length.
 */
function unitOf({ width, zeroGradient }: Update, parts: readonly Part[]): number {
  if (width > 1) return width;
  if (zeroGradient === "nothing") return line;
  let unit = 0;
  for (const { lookup } of parts) {
    const { dim, block, memorySize, starts } = lookup;
    unit = commonDivisor(unit, commonDivisor(commonDivisor(block, dim), memorySize));
    for (let i = 0; i < starts.length && unit > 1; i++) unit = commonDivisor(unit, starts[i]!);
  }
  return unit;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/**
 * The units that the parts touch, each once, how many at most, and the summed gradient of each. The caller gives both
 * arrays back. Arrays are as long as they can get, so that every step takes the same sizes.
 */
function summed(machine: Machine, parts: readonly Part[], unit: number) {
  const { heap, words } = machine;
  const pieces = parts.map(({ lookup }) => mostPieces(lookup, unit));
  const all = pieces.reduce((a, b) => a + b, 0);
  const tableSize = 2 ** Math.ceil(Math.log2(2 * all + 1));
  const [keys, table] = [heap.take(4 * all), heap.take(4 * tableSize)];
  words(table, tableSize).fill(0xffffffff);
  let units = 0;
  const numbered = parts.map(({ lookup, values }, i) => {
    const copy = copied(machine, lookup);
    const places = heap.take(4 * pieces[i]!);
    const given = [...copy.words, 0, values, unit, places, keys, table, tableSize, 0, units, 0];
    machine.launch(job.NUMBER_UNITS, given, 1);
    units = words(job.JOB, given.length)[given.length - 1]!;
    return { copy, places, given };
  });
  const most = Math.min(all, Math.ceil(parts[0]!.lookup.memorySize / unit));
  const gradient = heap.take(4 * most * unit);
  machine.floats(gradient, units * unit).fill(0);
  for (const { copy, places, given } of numbered) {
    const job_ = given.with(7, gradient).with(14, units);
    machine.launch(job.ADD_TO_UNITS, job_, machine.threadsFor(all * unit));
    heap.give(places);
    copy.give();
  }
  heap.give(table);
  return { keys, units, most, gradient };
}

/** Pieces that a lookup's blocks can fall into at the borders of units and at the end of memory. */
function mostPieces(lookup: Lookup, unit: number): number {
  const { block, dim } = lookup;
  const each = (length: number) => Math.ceil((length - 1) / unit) + 2;
  const whole = blocksPerItem(lookup) - 1;
  return itemCount(lookup) * (whole * each(block) + each(dim - whole * block));
}
