/**
 * `npm run walk [-- --json]`: does what the README tells a reader who has a click log, with 200,000 made rows a day, and holds the
 * models against the best possible. Exit code 1 where a command fails, or a model is 0.01 AUC or more below the best.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machine, version } from "../../../cli/common/machine.ts";
import { aucOn, bestOf, type Step, walk } from "./walk.ts";

const json = process.argv.includes("--json");
const rows = 200_000;
const folder = mkdtempSync(join(tmpdir(), "pss-dlrm-walk-"));
try {
  const steps = walk(rows, folder, ({ command, code, out, err, seconds }) => {
    if (code !== 0) console.error(err);
    if (!json) console.log(`$ ${command}\n${out.trimEnd()}\n(${seconds.toFixed(1)} s)\n`);
  });
  const [, tuesday, wednesday] = steps as [Step, Step, Step];
  const days = [
    { model: "best.safetensors", on: "tuesday.csv", best: bestOf(tuesday) },
    { model: "tuesday/model.safetensors", on: "wednesday.csv", best: bestOf(wednesday) },
  ].map((day) => ({ ...day, auc: aucOn(day.model, day.on, folder) }));
  const took = steps.map(({ command, seconds }) => ({ command, seconds: Number(seconds.toFixed(1)) }));
  if (json) console.log(JSON.stringify({ machine: machine(), version: version(), rows, days, steps: took }));
  else
    for (const { model, on, auc, best } of days)
      console.log(`${model} on ${on}: AUC ${auc.toFixed(4)}; the best possible is ${best.toFixed(4)}`);
  const isDone = steps.every(({ code }) => code === 0);
  process.exitCode = isDone && days.every(({ auc, best }) => best - auc < 0.01) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
