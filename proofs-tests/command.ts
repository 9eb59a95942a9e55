import { execFile } from "node:child_process";

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as its own process. */
export function run(...args: string[]): Promise<Outcome> {
  return runWith({}, ...args);
}

/** {@link run} with these environment variables too. */
export function runWith(environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--import", "tsx", "cli.ts", ...args],
      { maxBuffer: 2 ** 26, env: { ...process.env, ...environment } },
      (error, out, err) =>
        resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err }),
    );
  });
}
