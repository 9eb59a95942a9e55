import type { Kill } from "../proofs-tests/mutation/planted.ts";
import { type Report, type Score, scoresOf, shareOf, whyOf } from "../proofs-tests/mutation/score.ts";
import { survivors } from "../proofs-tests/mutation/survivors.ts";
import { table } from "./table.ts";

/** Code in a cell of a table, whatever marks it has. */
const code = (text: string) =>
  `<code>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "&#124;")}</code>`;
const words = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
const percent = (score: Score) => `${(100 * shareOf(score)).toFixed(1)} %`;

/** Every planted fault and the test that fails while it is there. */
export function killsTable(kills: readonly Kill[]): string {
  const rows = kills.map(({ file, tells, test }) => [
    `\`${file}\``,
    words(tells),
    test ? words(test) : "**none**",
  ]);
  return `${table(["where", "what a reader would be told", "test that fails"], rows)}\n\n${kills.length} faults, ${kills.filter(({ test }) => test).length} seen. By \`npm run planted\`.`;
}

/** Scores by folder, of an earlier state of the project and of a later one. */
export function scoresTable(before: Report, after: Report): string {
  const [earlier, later] = [scoresOf(before, survivors), scoresOf(after, survivors)];
  const rows = later.map((score) => {
    const was = earlier.find(({ folder }) => folder === score.folder);
    const { folder, killed, survived, equivalent } = score;
    return [`\`${folder}\``, was ? percent(was) : "–", percent(score), killed, survived, equivalent];
  });
  const heads = ["folder", "seen before", "seen now", "killed", "survived", "equivalent"];
  return `${table(heads, rows)}\n\nBy \`${after.command}\`, then and now; ${after.machine}.`;
}

/** Every change that survived, and why. */
export function survivorsTable({ unseen }: Report): string {
  const rows = unseen.map((one) => [
    `${one.file}:${one.line}`,
    `${code(one.was)} → ${code(one.becomes)}`,
    whyOf(one, survivors) ?? "",
  ]);
  return table(["where", "change", "why"], rows);
}
