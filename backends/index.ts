import type { Backend, DeviceBackend } from "../core/backend.ts";
import { InputError, orRefusal } from "../core/errors.ts";
import { cpu, cpu64 } from "./cpu/index.ts";
import { fast } from "./fast/index.ts";
import { gpu } from "./gpu/index.ts";
import { modes } from "./gpu/library.ts";

/** A backend by name, opened when it is asked for. */
export interface BackendChoice<Opened extends Backend = Backend> {
  readonly name: string;
  /** Throws an InputError that says what is missing where the backend cannot run here. */
  open(): Promise<Opened>;
}

/** Those with kernels and memory of their own: what a page offers, where the others are only the definition. */
export const devices: readonly BackendChoice<DeviceBackend>[] = [
  { name: "fast", open: () => fast() },
  { name: "fast:fma", open: () => fast({ fma: true }) },
  ...modes.map((mode) => ({ name: `gpu:${mode}`, open: () => gpu({ mode }) })),
];

/** Every backend: what `--backend` offers and the laws are applied to. */
export const backends: readonly BackendChoice[] = [
  { name: "cpu", open: async () => cpu },
  { name: "cpu64", open: async () => cpu64 },
  ...devices,
];

/** Every backend that runs in this process, and why each of the others does not. */
export async function backendsHere(): Promise<{
  readonly opened: readonly Backend[];
  readonly missing: readonly { readonly name: string; readonly reason: string }[];
}> {
  const opened: Backend[] = [];
  const missing: { name: string; reason: string }[] = [];
  for (const { name, open } of backends) {
    const backend = await orRefusal(open());
    if (backend instanceof InputError) missing.push({ name, reason: backend.message });
    else opened.push(backend);
  }
  return { opened, missing };
}

/** Opens a backend by its name; "gpu" is the best mode of gpu.js that is here. */
export async function openBackend(name: string): Promise<Backend> {
  if (name === "gpu") return gpu();
  const choice = backends.find((b) => b.name === name);
  if (choice !== undefined) return choice.open();
  const names = backends.map((b) => b.name);
  throw new InputError(
    `There is no backend "${name}"; choose one of ${names.join(", ")}, or gpu for the best of them.`,
  );
}
