/** A growing set of numbers below 2³², and how often each was added: open addressing by the golden ratio, at most two thirds full. */
export class NumberSet {
  /** x + 1 for each number x but 2³² − 1; 0 where none is. */
  private places = new Uint32Array(16);
  /** How often the number of each place was added. */
  private times = new Uint32Array(16);
  private shift = 28;
  private count = 0;
  /** How often 2³² − 1 was added, for which no place is left. */
  private last = 0;

  add(x: number): void {
    if (x === 2 ** 32 - 1) this.last++;
    else if (this.put(x + 1, 1) && ++this.count * 3 > this.places.length * 2) this.grow();
  }

  /** How often `x` was added. */
  timesOf(x: number): number {
    return x === 2 ** 32 - 1 ? this.last : this.times[this.placeOf(x + 1)]!;
  }

  /** Where `entry` is, or is to be put. */
  private placeOf(entry: number): number {
    const { places, shift } = this;
    let at = Math.imul(entry, 0x9e3779b1) >>> shift;
    while (places[at] !== 0 && places[at] !== entry) at = (at + 1) & (places.length - 1);
    return at;
  }

  /** Whether `entry` was not there. */
  private put(entry: number, times: number): boolean {
    const at = this.placeOf(entry);
    const isNew = this.places[at] === 0;
    this.places[at] = entry;
    this.times[at]! += times;
    return isNew;
  }

  private grow(): void {
    const { places, times } = this;
    this.places = new Uint32Array(2 * places.length);
    this.times = new Uint32Array(2 * places.length);
    this.shift--;
    for (const [i, entry] of places.entries()) if (entry !== 0) this.put(entry, times[i]!);
  }

  /** All of them, ascending. */
  sorted(): Uint32Array {
    const all = new Uint32Array(this.count + (this.last > 0 ? 1 : 0));
    let at = 0;
    for (const entry of this.places) if (entry !== 0) all[at++] = entry - 1;
    if (this.last > 0) all[at] = 2 ** 32 - 1;
    return all.sort();
  }
}
