import { WorstTable } from "./laws/table.ts";

/** Before and after all test files: the last thing that a run prints of laws is one table of them. */
export default function summary(): () => void {
  WorstTable.forget();
  return () => {
    const table = `${WorstTable.saved()}`;
    if (table !== "") console.info(`\n${table}\n`);
  };
}
