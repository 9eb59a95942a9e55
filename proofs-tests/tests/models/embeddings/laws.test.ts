import { describe, it } from "vitest";
import { families } from "../../../../models/embeddings/registry.ts";
import { claimsOf } from "../../../laws/claims.ts";
import { claimsAsTests } from "../../../laws/verify.ts";
import { seed } from "../../seed.ts";

claimsAsTests({ describe, it }, [...claimsOf({ embeddings: families, backends: [] })], {
  examples: 30,
  seed,
});
