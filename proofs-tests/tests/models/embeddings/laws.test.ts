import fc from "fast-check";
import { describe, it } from "vitest";
import { families } from "../../../../models/embeddings/registry.ts";
import { schemeLaws, schemeProperty } from "../../../laws/scheme-laws.ts";

describe.each(schemeLaws)("$law", (law) => {
  it.each(families.map((f) => [f.name, f] as const))("%s", async (_, family) => {
    await fc.assert(schemeProperty(law, family), { numRuns: 200 });
  });
});
