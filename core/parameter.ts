import type { Grid, Rounding } from "./backend.ts";
import { roundOnto } from "./numeric/half.ts";
import { random } from "./numeric/random.ts";
import { sizeOf } from "./shape.ts";
import { keep, type Tensor } from "./tensor.ts";

/** How steps round weights that are stored as halves; stochastic ones by the stream "NAME rounding STEP" of the seed. */
export interface HalfRounding {
  readonly mode: Rounding["mode"];
  readonly seed: number;
  /** The numbers that weights may be, where not every half. */
  readonly grid?: Grid;
}

/**
 * How step t of the parameter `name` rounds; 0 is how its first numbers are. Words of a step of its own: what it rounds up
 * depends on no other step, nor on how the step is carried out.
 */
export function roundingOf(name: string, { mode, seed, grid }: HalfRounding, t: number): Rounding {
  const onto = grid && { grid };
  if (mode === "nearest") return { mode, ...onto };
  const stream = random(seed, `${name} rounding ${t}`);
  return { mode, keys: [stream.bits(), stream.bits()], ...onto };
}

/** A weight array that an optimizer changes in place, and its state. */
export class Parameter {
  readonly name: string;
  readonly tensor: Tensor;
  /** Weights that share a state entry under a row-wise optimizer: 1, a row's length, or none where memory has no rows. */
  readonly rowLength: number | "none";
  /** Present where the weights are stored as halves. State is not. */
  readonly halves: HalfRounding | undefined;
  /** Weights of the array of which this one holds a part: its steps are taken as that one's would be. Else its own. */
  readonly whole: number;
  /** State arrays of the optimizer that steps this parameter, made at its first step. */
  state: Tensor[] = [];

  constructor(
    name: string,
    values: Tensor,
    rowLength: number | "none" = 1,
    { halves, whole }: { halves?: HalfRounding | undefined; whole?: number | undefined } = {},
  ) {
    this.name = name;
    this.tensor = keep(values);
    this.rowLength = rowLength;
    this.halves = halves;
    this.whole = whole ?? sizeOf(values.shape);
  }

  get size(): number {
    return sizeOf(this.tensor.shape);
  }

  /** Puts other numbers in place of these, stored as these are: each as the nearest one that can be. */
  fill(values: ArrayLike<number>): void {
    const grid = this.halves?.grid;
    const numbers = grid ? roundOnto(Float64Array.from(values), { mode: "nearest", grid }) : values;
    this.tensor.write(numbers, this.halves && "f16");
  }

  /** Frees the weights and the optimizer's state. */
  free(): void {
    this.tensor.free();
    for (const s of this.state) s.free();
    this.state = [];
  }
}
