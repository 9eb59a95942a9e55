import { createRequire } from "node:module";
import { check } from "../../../core/errors.ts";

/**
 * Where these packages are, in their order. They are not dependencies of this package: few need them.
 * @throws InputError where one is not installed; `what` needs them.
 */
export function resolved(what: string, names: readonly string[]): string[] {
  const { resolve } = createRequire(import.meta.url);
  const missing: string[] = [];
  const found = names.map((name) => {
    try {
      return resolve(name);
    } catch {
      missing.push(name);
      return "";
    }
  });
  check(
    missing.length === 0,
    () => `${what} need packages that are not installed; run npm install ${missing.join(" ")}.`,
  );
  return found;
}
