import { backends, openBackend } from "../backends/index.ts";
import { type Agreement, agree } from "../backends/validate.ts";
import type { Backend } from "../core/backend.ts";
import { type Flags, text } from "./flags.ts";

/** Names that `--backend` takes, for help. */
export const backendNames: string = [
  ...new Set(backends.map(({ name }) => name.replace(/^gpu:.*/, "gpu[:MODE]"))),
].join(", ");

/** Whether everything is to run on the reference too. */
export const isValidating = (): boolean => process.env.VALIDATE === "1";

/** The backend that `--backend` names, and how it agreed with the reference where VALIDATE=1 asks for that. */
export interface OpenBackend {
  readonly backend: Backend;
  /** What `VALIDATE=1` found; undefined where it was not asked for. */
  agreement(): Promise<Agreement | undefined>;
}

export async function backendFrom(flags: Flags, otherwise: string): Promise<OpenBackend> {
  const backend = await openBackend(text(flags, "backend") ?? otherwise);
  return isValidating() ? agree(backend) : { backend, agreement: () => Promise.resolve(undefined) };
}

/** An agreement as a line for people. */
export function describeAgreement({ calls, worst, first }: Agreement): string {
  if (first === undefined)
    return `validated   ${calls.toLocaleString("en-US")} forms and optimizer steps, each within its error bound of the reference; ${worst.toFixed(3)} of the bound used at most`;
  const { call, form, index, expected, actual, allowed } = first;
  return `INVALID     form ${call} (${form}), element ${index}: ${actual}, but the reference has ${expected} (± ${allowed.toExponential(2)})`;
}
