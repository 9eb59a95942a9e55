import { counted } from "../../../core/format.ts";
import { type Random, random } from "../../../core/numeric/random.ts";

/**
 * Mean and standard deviation of numbers that come one by one: Welford's recurrence, of their distances from the first one,
 * since a mean that is large beside these would round each step of it.
 */
class Moments {
  count = 0;
  private first = 0;
  private distance = 0;
  private squares = 0;

  add(x: number): void {
    if (this.count++ === 0) this.first = x;
    const own = x - this.first;
    const apart = own - this.distance;
    this.distance += apart / this.count;
    this.squares += apart * (own - this.distance);
  }

  get mean(): number {
    return this.first + this.distance;
  }

  get deviation(): number {
    return Math.sqrt(this.squares / Math.max(1, this.count));
  }
}

/** Values kept of a column, of which quantiles are taken. */
const kept = 16_384;

/** ln(1 + |x|) with the sign of x. */
export const signedLog = (x: number): number => Math.sign(x) * Math.log1p(Math.abs(x));

/** A warning where numbers of so many bits tell few values of a column apart: of 32 a time in milliseconds since 1970, for example. */
export function coarseness({ low, high }: ColumnStatistics, bits: 32 | 64): string {
  const apart = (high - low) / (Math.max(Math.abs(low), Math.abs(high)) * 2 ** (bits === 32 ? -23 : -52));
  return apart > 0 && apart < 4096
    ? `; ${bits}-bit numbers tell only about ${counted(Math.ceil(apart), "value")} of it apart: ${bits === 32 ? "scale it" : "subtract a constant from it first"}`
    : "";
}

/** What is known of a column of numbers after a walk over it: all that any scaling is fitted to. NaN is a missing number. */
export class ColumnStatistics {
  missing = 0;
  low = Infinity;
  high = -Infinity;
  readonly plain = new Moments();
  readonly logarithm = new Moments();
  private readonly sample: number[] = [];
  private readonly stream: Random;
  readonly name: string;

  /** `name` is of the column: it seeds which values are kept where there are more than that. */
  constructor(name: string) {
    this.name = name;
    this.stream = random(0, `column/${name}`);
  }

  add(x: number): void {
    if (Number.isNaN(x)) {
      this.missing++;
      return;
    }
    this.plain.add(x);
    this.logarithm.add(signedLog(x));
    if (x < this.low) this.low = x;
    if (x > this.high) this.high = x;
    // Vitter's algorithm R: every value so far is kept with the same chance.
    if (this.sample.length < kept) this.sample.push(x);
    else {
      const place = Math.floor(this.stream.uniform() * this.plain.count);
      if (place < kept) this.sample[place] = x;
    }
  }

  /** `count` quantiles from the least to the greatest value, evenly spaced; of a column without numbers none. */
  quantiles(count: number): number[] {
    const sorted = Float64Array.from(this.sample).sort();
    if (sorted.length === 0) return [];
    return Array.from({ length: count }, (_, i) => {
      const at = (i * (sorted.length - 1)) / (count - 1);
      const below = sorted[Math.floor(at)]!;
      return below + (at % 1) * (sorted[Math.ceil(at)]! - below);
    });
  }
}
