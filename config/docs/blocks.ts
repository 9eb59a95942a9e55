/** Programs and commands of the README that a block of output follows: run as a reader would run them. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { programWords } from "../program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Block {
  readonly language: "ts" | "sh";
  readonly code: string;
  /** What the page says it prints. */
  readonly output: string;
}

/** A block's code ends at the first fence, so that one without output takes in nothing of the next. */
const pattern = /```(ts|sh)\n((?:(?!```)[\s\S])*)```\n\n```text\n([\s\S]*?)```/g;

export const blocksOf = (page: string): Block[] =>
  [...page.matchAll(pattern)].map(([, language, code, output]) => ({
    language: language as Block["language"],
    code: code!,
    output: output!,
  }));

/** `page` with what every block prints now. */
export async function withOutputs(page: string): Promise<string> {
  let renewed = page;
  for (const block of blocksOf(page)) {
    const fenced = (output: string) => `${block.code}\`\`\`\n\n\`\`\`text\n${output}\`\`\``;
    const output = await outputOf(block);
    renewed = renewed.replace(fenced(block.output), () => fenced(output));
  }
  return renewed;
}

/** What a block prints. A program runs from a folder that git ignores; `npx pss-dlrm` is the command line's source. */
export async function outputOf({ language, code }: Block): Promise<string> {
  if (language === "sh") {
    const words = code.trim().split(/\s+/);
    const settings = words
      .filter((word) => /^[A-Z]+=/.test(word))
      .map((word) => word.split("=") as [string, string]);
    const [npx, name, ...args] = words.slice(settings.length);
    if (npx !== "npx" || name !== "pss-dlrm")
      throw new Error(`The README runs "${code.trim()}", not npx pss-dlrm.`);
    return printed([...programWords("cli/index.ts"), ...args], Object.fromEntries(settings));
  }
  mkdirSync(join(root, "reports"), { recursive: true });
  const folder = mkdtempSync(join(root, "reports/readme-"));
  try {
    writeFileSync(join(folder, "program.ts"), code);
    return await printed(["--import", "tsx", join(folder, "program.ts")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What `node` prints, followed by these words. Rejects where it exits with another code than 0. */
export async function printed(
  words: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const environment = { ...process.env, ...settings };
  return (await promisify(execFile)(process.execPath, words, { cwd: root, env: environment })).stdout;
}
