// npm start — trains one DLRM three times on real flight delays: with full embedding tables, and with a shared memory
// a 10th and a 100th of their size. Prints a table and writes reports/flights.html. With --docs it also renews the
// numbers and the picture of the README; with --check it fails where they are not those of the README.
import { readFile } from "node:fs/promises";
import { fast, split } from "pss-dlrm";
import { flights } from "pss-dlrm/node";
import { machine } from "../../cli/common/machine.ts";
import { versionOf } from "../version.ts";
import { asked, commandOf, compared, dataInWords, idsOf, modelsOf, protocolOn, writeStudy } from "./study.ts";
import { cellsOf, heads } from "./train.ts";

/** The lines of a table with numbers: machines differ, these do not. */
const rowsOf = (table: string): string =>
  table
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .join("\n");

const { rows, docs, check } = asked(process.argv.slice(2));
const backend = await fast();
const protocol = protocolOn(backend);

const data = await flights({ rows });
const { tables } = data;
const parts = await split(data, { by: "random", seed: protocol.seed, test: 0.1, validation: 0.02 });
console.log(`Flight delays: the first ${rows} of 3,000,000 US flights of January to June 2001 (real rows;`);
console.log(
  `source: US Department of Transportation). Will a flight arrive more than 15 minutes late? Random split,`,
);
console.log(
  `${parts.train.rows} rows to train on, ${parts.test.rows} to test. ${tables.length} tables, ${idsOf(tables)} ids. One epoch each.\n`,
);
console.log(heads.join("  "));
const runs = await compared(modelsOf(protocol), tables, parts, protocol, (run) =>
  console.log(cellsOf(run).join("  ")),
);
const study = {
  title: "Embedding tables in a fraction of their memory",
  data: dataInWords(rows, tables, parts, protocol),
  machine: `${machine()}, backend fast (${backend.threads} threads)`,
  command: commandOf(rows),
  seed: protocol.seed,
  versions: { node: process.version, "pss-dlrm": versionOf("pss-dlrm") },
  runs,
};
await writeStudy(study, ".", docs);
if (check) {
  const { between, flightsTable } = await import("../../config/docs/tables.ts");
  const [stated, now] = [between(await readFile("README.md", "utf8"), "flights"), flightsTable(study)].map(
    rowsOf,
  );
  if (stated !== now) {
    console.error(`The README says:\n${stated}\nThis run has:\n${now}`);
    process.exitCode = 1;
  }
}
console.log("\nPlots: reports/flights.html (one file, opens anywhere). Numbers: reports/flights.json.");
