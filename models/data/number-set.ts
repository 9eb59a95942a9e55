/** A growing set of numbers below 2³²: open addressing by the golden ratio, at most two thirds full. */
export class NumberSet {
  /** x + 1 for each number x but 2³² − 1; 0 where none is. */
  private places = new Uint32Array(16);
  private shift = 28;
  private count = 0;
  /** Whether 2³² − 1 is in, for which no place is left. */
  private last = false;

  add(x: number): void {
    if (x === 2 ** 32 - 1) this.last = true;
    else if (this.put(x + 1) && ++this.count * 3 > this.places.length * 2) this.grow();
  }

  /** Whether `entry` was not there. */
  private put(entry: number): boolean {
    const { places, shift } = this;
    let at = Math.imul(entry, 0x9e3779b1) >>> shift;
    for (; places[at] !== 0; at = (at + 1) & (places.length - 1)) if (places[at] === entry) return false;
    places[at] = entry;
    return true;
  }

  private grow(): void {
    const old = this.places;
    this.places = new Uint32Array(2 * old.length);
    this.shift--;
    for (const entry of old) if (entry !== 0) this.put(entry);
  }

  /** All of them, ascending. */
  sorted(): Uint32Array {
    const all = new Uint32Array(this.count + (this.last ? 1 : 0));
    let at = 0;
    for (const entry of this.places) if (entry !== 0) all[at++] = entry - 1;
    if (this.last) all[at] = 2 ** 32 - 1;
    return all.sort();
  }
}
