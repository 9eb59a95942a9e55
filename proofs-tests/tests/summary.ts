import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WorstTable } from "../laws/table.ts";

/**
 * Before and after all test files. What they write for a while lies in one folder, which goes with the run; and the last
 * thing that a run prints of laws is one table of them.
 */
export default function summary(): () => void {
  WorstTable.forget();
  const folder = mkdtempSync(join(tmpdir(), "pss-dlrm-tests-"));
  process.env.TEMPORARY_FOLDER = folder; // not TMPDIR, where compiled sources are kept from run to run
  return () => {
    rmSync(folder, { recursive: true, force: true });
    const table = `${WorstTable.saved()}`;
    if (table !== "") console.info(`\n${table}\n`);
  };
}
