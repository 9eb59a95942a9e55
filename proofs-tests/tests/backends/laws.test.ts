import fc from "fast-check";
import { afterAll, describe, it } from "vitest";
import { backendsHere } from "../../../backends/index.ts";
import { ops } from "../../../core/ops/index.ts";
import { backendLaws, backendProperty } from "../../laws/backend-laws.ts";
import { WorstTable } from "../../laws/table.ts";

const { opened, missing } = await backendsHere();
const table = new WorstTable();

for (const backend of opened) {
  describe.each(backendLaws)(`${backend.name}: $law`, (law) => {
    it.each(ops.map((op) => [op.definition.name, op] as const))("%s", async (_, op) => {
      await fc.assert(
        backendProperty(law, op, backend, (used) => table.note(law.law, backend.name, used)),
        { numRuns: backend.peek ? 50 : 6 },
      );
    });
  });
}

afterAll(() => {
  for (const { name, reason } of missing) console.info(`every law of backends skips ${name}: ${reason}`);
  table.save("backends");
});
