import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorstTable } from "../laws/table.ts";

const kept = join(import.meta.dirname, "../../reports/laws");

/** Keeps what a test file found for the table at the end of the run. */
export function saveTable(table: WorstTable, file: string): void {
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, `${file}.json`), JSON.stringify(table));
}

/** What all test files of this run have kept. */
function savedTable(): WorstTable {
  const all = new WorstTable();
  for (const file of readdirSync(kept)) {
    const rows: ReturnType<WorstTable["toJSON"]> = JSON.parse(readFileSync(join(kept, file), "utf8"));
    for (const [law, row] of Object.entries(rows))
      for (const [backend, used] of Object.entries(row)) all.note(law, backend, used);
  }
  return all;
}

/**
 * Before and after all test files. What they write for a while lies in one folder, which goes with the run; and the last
 * thing that a run prints of laws is one table of them.
 */
export default function summary(): () => void {
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), "pss-dlrm-tests-"));
  process.env.TEMPORARY_FOLDER = folder; // not TMPDIR, where compiled sources are kept from run to run
  return () => {
    rmSync(folder, { recursive: true, force: true });
    const table = `${savedTable()}`;
    if (table !== "") console.info(`\n${table}\n`);
  };
}
