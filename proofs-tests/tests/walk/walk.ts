import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");
const cli = [process.execPath, "--import", import.meta.resolve("tsx"), join(root, "cli/index.ts")];

/** A command of the walk, and what it printed. */
export interface Step {
  readonly command: string;
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly seconds: number;
}

/** The commands that the README shows a reader who has a click log, in their order. */
export const commandsOfReadme = (): string[] =>
  /<!-- walk -->\n```sh\n([\s\S]*?)```/
    .exec(readFileSync(join(root, "README.md"), "utf8"))![1]!
    .trim()
    .split("\n")
    .map((line) => line.replace(/ +#.*/, ""));

/** Runs a command as a reader does, in `folder`, but by the sources of this checkout. */
function stepOf(command: string, folder: string): Step {
  const begun = performance.now();
  const [program, name, ...words] = command.replaceAll("'", "").split(" ");
  const own = name === "tsx" ? [...cli.slice(0, 3), join(root, words.shift()!)] : cli;
  if (program !== "npx") throw new Error(`The walk has a command that is not npx: ${command}`);
  const { status, stdout, stderr } = spawnSync(own[0]!, [...own.slice(1), ...words], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  return { command, code: status, out: stdout, err: stderr, seconds: (performance.now() - begun) / 1000 };
}

/** The same walk with days of so many rows. */
export const walk = (rows: number, folder: string, tell: (step: Step) => void = () => {}): Step[] =>
  commandsOfReadme().map((command) => {
    const step = stepOf(command.replace(" 200000 ", ` ${rows} `), folder);
    tell(step);
    return step;
  });

/** AUC of a saved model on a day's rows. */
export function aucOn(model: string, day: string, folder: string): number {
  const { out, err } = stepOf(
    `npx pss-dlrm predict --model ${model} --data csv:${day} --evaluate --json`,
    folder,
  );
  if (out === "") throw new Error(err);
  return (JSON.parse(out) as { quality: { auc: { value: number } } }).quality.auc.value;
}

/** The best possible AUC of a day, by what the program that made its rows printed. */
export const bestOf = ({ out }: Step): number => Number(/AUC ([\d.]+)/.exec(out)![1]);
