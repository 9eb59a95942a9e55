import { backends } from "../../backends/index.ts";
import type { Backend } from "../../core/backend.ts";
import { InputError } from "../../core/errors.ts";

/** A backend that cannot run here, and why: its laws are skipped with that reason. */
interface Missing {
  readonly name: string;
  readonly reason: string;
}

/** Every backend that runs in this process, and every one that does not. */
export async function backendsHere(): Promise<{ opened: readonly Backend[]; missing: readonly Missing[] }> {
  const opened: Backend[] = [];
  const missing: Missing[] = [];
  for (const { name, open } of backends) {
    try {
      opened.push(await open());
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      missing.push({ name, reason: error.message });
    }
  }
  return { opened, missing };
}
