import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandLine } from "../../../cli/flags.ts";
import { programWords } from "../../../config/program.ts";
import { describe as described } from "../../../models/dlrm/saved/load.ts";
import { checkpointIn } from "../../../models/dlrm/saved/save.ts";
import { type Outcome, run } from "../cli/command.ts";
import { temporaryFolder } from "../temporary.ts";
import { badSentence } from "./tries.ts";

const folder = temporaryFolder();
let folders = 0;
const place = (): string => join(folder, String(folders++));

const small = [
  ...[
    "train",
    "--data",
    "synthetic",
    "--tables",
    "900,50",
    "--rows",
    "400",
    "--dim",
    "16",
    "--bottom",
    "8,16",
  ],
  ...["--batch", "16", "--backend", "cpu", "--json"],
];

/** Runs a command whose process may write files of so many KiB at most, as a full disk lets it. */
const within = (kib: number, ...args: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    // npx would write its own files
    const words = commandLine(args).replace(
      /^npx pss-dlrm/,
      [process.execPath, ...programWords("cli/index.ts")].map((word) => `"${word}"`).join(" "),
    );
    execFile("bash", ["-c", `trap '' XFSZ; ulimit -f ${kib}; exec ${words}`], (error, out, err) =>
      resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err }),
    );
  });

describe("where nothing more can be written", () => {
  it("a training warns and goes on, says so at its end, and leaves what was saved", async () => {
    const at = place();
    expect((await run(...small, "--steps", "3", "--checkpoint", at)).code).toBe(0);
    const good = readFileSync(checkpointIn(at));
    const words = [...small, "--epochs", "2", "--save-every", "0.001", "--checkpoint", at, "--resume"];
    const { code, out, err } = await within(16, ...words);
    expect([code, out]).toEqual([2, ""]);
    const said = err.trim().split("\n");
    expect(said.length).toBeGreaterThan(2);
    for (const line of said) expect(badSentence(line)).toBeUndefined();
    for (const warning of said.slice(0, -1))
      expect(warning).toMatch(/^Cannot write .*EFBIG.*Training goes on/);
    expect(said.at(-1)).toMatch(/^Cannot write .*EFBIG: file too large, write\.$/);
    expect(readFileSync(checkpointIn(at)).equals(good)).toBe(true);
    expect(readdirSync(at).toSorted()).toEqual(["checkpoint.safetensors", "model.safetensors"]);
    // and where there is room again it goes on
    expect((await run(...words)).code).toBe(0);
    expect((await described(checkpointIn(at))).training?.step).toBe(40);
  });
});

describe("a folder that can hold no checkpoint is refused before any work", () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  mkdirSync(join(folder, "taken", "checkpoint.safetensors"), { recursive: true });
  it.each([
    "/dev/full",
    "/dev/null",
    "/proc/nope",
    "/proc",
    file,
    join(file, "below"),
    join(folder, "taken"),
  ])("%s", async (at) => {
    const words = small.with(small.indexOf("--rows") + 1, "1e9"); // which would take an hour
    const { code, out, err } = await run(...words, "--checkpoint", at);
    expect([code, out, badSentence(err.replace(/\n$/, ""))]).toEqual([2, "", undefined]);
  });
  it("nor is anything made there", () =>
    expect(existsSync(join(folder, "taken", "training.lock"))).toBe(false));
});
