import { describe, it } from "vitest";
import { ops } from "../../../core/ops/index.ts";
import { claimsOf } from "../../laws/claims.ts";
import { claimsAsTests } from "../../laws/verify.ts";
import { seed } from "../seed.ts";

claimsAsTests({ describe, it }, [...claimsOf({ ops, backends: [] })], { examples: 50, seed });
