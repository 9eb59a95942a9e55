/**
 * `pss-dlrm/laws`: the properties that every op, embedding, optimizer and backend of this package is held to, for your own.
 */
export { alone, type OptimizerFamily, optimizerFamily } from "./core/optimizers/family.ts";
export { choiceOption, numberOption, switchOption, wholeOption } from "./core/options.ts";
export { type EmbeddingFamily, embeddingFamily } from "./models/embeddings/family.ts";
export { schemeFamily } from "./models/embeddings/scheme-family.ts";
export { type Claim, claimsOf, type Subjects } from "./proofs-tests/laws/claims.ts";
export type { Failure, Outcome, Said, Tries, Try } from "./proofs-tests/laws/law.ts";
export { WorstTable } from "./proofs-tests/laws/table.ts";
export {
  type Finding,
  failureInWords,
  lawsAsTests,
  type Runner,
  type VerifyOptions,
  verify,
} from "./proofs-tests/laws/verify.ts";
