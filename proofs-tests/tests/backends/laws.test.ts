import { afterAll, describe, it } from "vitest";
import { backendsHere } from "../../../backends/index.ts";
import { ops } from "../../../core/ops/index.ts";
import { backendLaws } from "../../laws/backend-laws.ts";
import { type Claim, claimsOf } from "../../laws/claims.ts";
import { WorstTable } from "../../laws/table.ts";
import { claimsAsTests } from "../../laws/verify.ts";
import { seed } from "../seed.ts";
import { saveTable } from "../summary.ts";

const { opened, missing } = await backendsHere();
const table = new WorstTable();
const isOfBackends = ({ law }: Claim) => backendLaws.some((own) => own.law === law);

for (const backend of opened) {
  const claims = [...claimsOf({ ops, backends: [backend] })].filter(isOfBackends);
  const tries = { examples: backend.peek ? 30 : 4, seed };
  claimsAsTests({ describe, it }, claims, tries, ({ law, worst }) => table.note(law, backend.name, worst!));
}

afterAll(() => {
  for (const { name, reason } of missing) console.info(`every law of backends skips ${name}: ${reason}`);
  saveTable(table, "backends");
});
