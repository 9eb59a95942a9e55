/** Worst fraction of what is allowed, by law and backend. */
export class WorstTable {
  readonly #worst = new Map<string, Map<string, number>>();

  note(law: string, backend: string, used: number): void {
    const row = this.#worst.get(law) ?? new Map<string, number>();
    row.set(backend, Math.max(row.get(backend) ?? 0, used));
    this.#worst.set(law, row);
  }

  /** One line a law, one column a backend. */
  toString(): string {
    const names = [...new Set([...this.#worst.values()].flatMap((row) => [...row.keys()]))];
    const width = Math.max(...[...this.#worst.keys()].map((law) => law.length));
    const cell = (text: string, name: string) => text.padStart(Math.max(name.length, 5));
    return [
      `${"worst fraction of the bound".padEnd(width)}  ${names.join("  ")}`,
      ...[...this.#worst].map(([law, row]) => {
        const cells = names.map((name) => cell(row.get(name)?.toFixed(3) ?? "–", name));
        return `${law.padEnd(width)}  ${cells.join("  ")}`;
      }),
    ].join("\n");
  }
}
