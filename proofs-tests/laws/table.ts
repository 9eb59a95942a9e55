import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../../reports/laws");

/** Worst fraction of what is allowed, by law and backend. */
export class WorstTable {
  readonly #worst = new Map<string, Map<string, number>>();

  note(law: string, backend: string, used: number): void {
    const row = this.#worst.get(law) ?? new Map<string, number>();
    row.set(backend, Math.max(row.get(backend) ?? 0, used));
    this.#worst.set(law, row);
  }

  /** Keeps what a test file found for the table at the end of the run. */
  save(file: string): void {
    mkdirSync(folder, { recursive: true });
    const rows = [...this.#worst].map(([law, row]) => [law, Object.fromEntries(row)]);
    writeFileSync(join(folder, `${file}.json`), JSON.stringify(Object.fromEntries(rows)));
  }

  /** What all test files of this run have kept. */
  static saved(): WorstTable {
    const all = new WorstTable();
    for (const file of readdirSync(folder)) {
      const rows = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<
        string,
        Record<string, number>
      >;
      for (const [law, row] of Object.entries(rows))
        for (const [backend, used] of Object.entries(row)) all.note(law, backend, used);
    }
    return all;
  }

  /** Forgets what earlier runs kept. */
  static forget(): void {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  /** One line a law, one column a backend. Empty where nothing was noted. */
  toString(): string {
    const names = [...new Set([...this.#worst.values()].flatMap((row) => [...row.keys()]))];
    if (names.length === 0) return "";
    const width = Math.max(...[...this.#worst.keys()].map((law) => law.length));
    const cell = (text: string, name: string) => text.padStart(Math.max(name.length, 5));
    return [
      `${"worst fraction of the bound".padEnd(width)}  ${names.map((name) => cell(name, name)).join("  ")}`,
      ...[...this.#worst].map(([law, row]) => {
        const cells = names.map((name) => cell(row.get(name)?.toFixed(3) ?? "–", name));
        return `${law.padEnd(width)}  ${cells.join("  ")}`;
      }),
    ].join("\n");
  }
}
