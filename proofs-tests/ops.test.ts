import fc from "fast-check";
import { describe, it } from "vitest";
import { ops } from "../core/ops/index.ts";
import { opLaws } from "./laws/op-laws.ts";

describe.each(opLaws)("$law", (law) => {
  for (const op of ops) {
    const check = law.of(op);
    if ("skip" in check) it.skip(`${op.definition.name}: ${check.skip}`, () => {});
    else it(op.definition.name, () => fc.assert(check, { numRuns: 50 }));
  }
});
