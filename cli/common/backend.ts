import { backends, openBackend } from "../../backends/index.ts";
import { type Agreement, validate } from "../../backends/validate.ts";
import type { Backend } from "../../core/backend.ts";
import { choiceOption, listOption } from "../../core/options.ts";

/** Every name that opens a backend; "gpu" is the best mode of gpu.js that is here. */
const named = [...backends.map(({ name }) => name), "gpu"];

/** `--backend`, which computes everything. */
export const backendFlag = choiceOption(named, {
  default: "fast",
  help: "what computes; gpu is the best mode that is here",
});

/** `--backend A,B`, where several do the same. */
export const backendsFlag = (otherwise: string, help: string) =>
  listOption(choiceOption(named, { help: "" }), {
    form: "A,B",
    help: `${help}: ${named.join(", ")}`,
    otherwise,
  });

/** Whether everything is to run on the reference too. */
export const isValidating = (): boolean => process.env.VALIDATE === "1";

/** A backend, and how it agreed with the reference where VALIDATE=1 asks for that. */
export interface OpenBackend {
  readonly backend: Backend;
  /** What `VALIDATE=1` found; undefined where it was not asked for. */
  agreement(): Promise<Agreement | undefined>;
}

export async function backendFrom(name: string): Promise<OpenBackend> {
  const backend = await openBackend(name);
  return isValidating() ? validate(backend) : { backend, agreement: () => Promise.resolve(undefined) };
}

/** An agreement as a line for people. */
export function describeAgreement({ calls, worst, first }: Agreement): string {
  if (first === undefined)
    return `validated   ${calls.toLocaleString("en-US")} forms and optimizer steps, each within its error bound of the reference; ${worst.toFixed(3)} of the bound used at most`;
  const { call, form, index, expected, actual, allowed } = first;
  return `INVALID     form ${call} (${form}), element ${index}: ${actual}, but the reference has ${expected} (± ${allowed.toExponential(2)})`;
}
