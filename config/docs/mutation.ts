import { isSame, type Planted, type Recorded } from "../../proofs-tests/tests/mutation/planted.ts";
import {
  folderOf,
  type Report,
  type Score,
  scoresOf,
  shareOf,
  short,
  whyOf,
} from "../../proofs-tests/tests/mutation/score.ts";
import { survivors } from "../../proofs-tests/tests/mutation/survivors.ts";
import { table } from "./table.ts";

/** Code in a cell of a table, whatever marks it has. */
const code = (text: string) =>
  `<code>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "&#124;")}</code>`;
const words = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
const percent = (score: Score | undefined) =>
  score === undefined || score.killed + score.survived === 0 ? "–" : `${(100 * shareOf(score)).toFixed(1)} %`;

/** Planted faults by folder, how many of them some test saw, and one of them with the test that fails while it is there. */
export function killsTable(faults: readonly Planted[], kills: readonly Recorded[]): string {
  const seen = (fault: Planted) => kills.find((kill) => isSame(kill, fault))?.test;
  const folders = [...new Set(faults.map(({ file }) => folderOf(file)))].toSorted();
  const rows = folders.map((folder) => {
    const own = faults.filter(({ file }) => folderOf(file) === folder);
    const [first] = own;
    const { tells } = first!;
    return [
      `\`${folder}\``,
      own.length,
      own.filter(seen).length,
      words(tells),
      words(seen(first!) ?? "none"),
    ];
  });
  const heads = [
    "folder",
    "faults",
    "seen",
    "one of them: what a reader would be told",
    "and the test that fails",
  ];
  const all = `${faults.filter(seen).length} of ${faults.length} planted faults are seen.`;
  return `${table(heads, rows)}\n\n${all} By \`npm run planted -- --record\`.`;
}

/** Scores by folder, of an earlier state of the project and of a later one. */
export function scoresTable(before: Report, after: Report): string {
  const [earlier, later] = [scoresOf(before, survivors), scoresOf(after, survivors)];
  const rows = later.map((score) => {
    const was = earlier.find(({ folder }) => folder === score.folder);
    const { folder, killed, survived, equivalent } = score;
    return [`\`${folder}\``, percent(was), percent(score), killed, survived, equivalent];
  });
  const heads = ["folder", "seen before", "seen now", "killed", "survived", "equivalent"];
  return `${table(heads, rows)}\n\nBy \`${after.command}\`, then and now; ${after.machine}.`;
}

/** Scores by folder of the project as it is, and what survived. */
export function todayTable(report: Report): string {
  const rows = scoresOf(report, survivors).map((score) => {
    const { folder, killed, survived, equivalent } = score;
    return [`\`${folder}\``, percent(score), killed, survived, equivalent];
  });
  const heads = ["folder", "seen", "killed", "survived", "equivalent"];
  return `${table(heads, rows)}\n\n${survivorsTable(report)}\n\nBy \`${report.command}\`; ${report.machine}.`;
}

/** Every change that survived, and why. */
export function survivorsTable({ unseen }: Report): string {
  const rows = unseen.map((one) => [
    `${one.file}:${one.line}`,
    `${code(short(one.was))} → ${code(short(one.becomes))}`,
    whyOf(one, survivors) ?? "",
  ]);
  return table(["where", "change", "why"], rows);
}
