/** The worst fraction of what is allowed, by law and backend. */
export class WorstTable {
  readonly #worst = new Map<string, Map<string, number>>();

  /** Keeps `used`, a fraction of what is allowed, where it is the largest so far. */
  note(law: string, backend: string, used: number): void {
    const row = this.#worst.get(law) ?? new Map<string, number>();
    row.set(backend, Math.max(row.get(backend) ?? 0, used));
    this.#worst.set(law, row);
  }

  /** Each law's backends, each with its worst fraction. */
  toJSON(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#worst].map(([law, row]) => [law, Object.fromEntries(row)]));
  }

  /** One line a law, one column a backend; "exact" where nothing differed, "broken" where a law is. Empty where nothing was noted. */
  toString(): string {
    const names = [...new Set([...this.#worst.values()].flatMap((row) => [...row.keys()]))];
    if (names.length === 0) return "";
    const head = "worst fraction of the bound";
    const width = Math.max(head.length, ...[...this.#worst.keys()].map((law) => law.length));
    const told = (used: number | undefined) =>
      used === undefined ? "–" : used === 0 ? "exact" : used === Infinity ? "broken" : used.toFixed(3);
    const cell = (text: string, name: string) => text.padStart(Math.max(name.length, 6));
    return [
      `${head.padEnd(width)}  ${names.map((name) => cell(name, name)).join("  ")}`,
      ...[...this.#worst].map(([law, row]) => {
        const cells = names.map((name) => cell(told(row.get(name)), name));
        return `${law.padEnd(width)}  ${cells.join("  ")}`;
      }),
    ].join("\n");
  }
}
