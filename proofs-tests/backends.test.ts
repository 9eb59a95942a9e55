import fc from "fast-check";
import { describe, it } from "vitest";
import { backends } from "../backends/index.ts";
import { ops } from "../core/ops/index.ts";
import { backendLaws, backendProperty } from "./laws/backend-laws.ts";

for (const backend of backends) {
  describe.each(backendLaws)(`${backend.name}: $law`, (law) => {
    it.each(ops.map((op) => [op.definition.name, op] as const))("%s", async (_, op) => {
      await fc.assert(
        backendProperty(law, op, backend, () => {}),
        { numRuns: 50 },
      );
    });
  });
}
