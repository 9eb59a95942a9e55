import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { check, escaped, InputError, shownWord } from "../../core/errors.ts";
import type { SketchFamily } from "../../proofs-tests/experiments/prove/families.ts";
import { hypotheses } from "../../theory/theorem.ts";

/**
 * The scheme that a module exports by default: `{ name, has, scheme(instance, seed) }`, where `has` lists the hypotheses
 * that it claims and `scheme` gives a `SharingScheme` for tables of `instance.rows` rows of `instance.dim` floats, with
 * `instance.memory` floats in blocks of `instance.block`. Throws an InputError where it is not that.
 */
export async function schemeIn(path: string): Promise<SketchFamily> {
  const found = (await imported(path)).default as Partial<SketchFamily> | undefined;
  check(
    typeof found === "object" && typeof found.name === "string" && typeof found.scheme === "function",
    () =>
      `${shownWord(path)} exports no scheme by default; it needs \`export default { name, has, scheme(instance, seed) }\`.`,
  );
  check(
    Array.isArray(found.has) && found.has.every((claim) => hypotheses.includes(claim)),
    () =>
      `${shownWord(path)} must list in \`has\` which of these its scheme claims: ${hypotheses.join("; ")}.`,
  );
  return found as SketchFamily;
}

async function imported(path: string): Promise<{ readonly default?: unknown }> {
  try {
    check(
      statSync(path).isFile(),
      () => `Cannot import ${shownWord(path)}: it is no file; give a module of JavaScript.`,
    );
    return await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_UNKNOWN_FILE_EXTENSION")
      throw new InputError(
        `This Node reads no TypeScript: compile ${shownWord(path)} to JavaScript, or run Node 22.18 or newer.`,
      );
    throw new InputError(`Cannot import ${shownWord(path)}: ${escaped(message.split("\n")[0]!)}.`);
  }
}
