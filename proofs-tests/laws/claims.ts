import { cpu } from "../../backends/cpu/index.ts";
import type { Backend } from "../../core/backend.ts";
import type { Op } from "../../core/op.ts";
import { ops as ourOps } from "../../core/ops/index.ts";
import type { OptimizerFamily } from "../../core/optimizers/family.ts";
import { optimizers as ourOptimizers } from "../../core/optimizers/index.ts";
import type { EmbeddingFamily } from "../../models/embeddings/family.ts";
import { families } from "../../models/embeddings/registry.ts";
import { backendLaws } from "./backend-laws.ts";
import { embeddingLaws } from "./embedding-laws.ts";
import { halfLaws } from "./half-laws.ts";
import { hardLaws } from "./hard-forms.ts";
import type { Said } from "./law.ts";
import { opLaws } from "./op-laws.ts";
import { optimizerLaws } from "./optimizer-laws.ts";
import { rulesOf } from "./optimizer-rules.ts";

/** An op, whatever its options. */
interface AnyOp {
  readonly definition: { readonly name: string; readonly signature: string };
}

/**
 * What laws are held against. Of a package's own parts, give the lists that have them; a list that is left out is empty.
 * Where `ops`, `embeddings` and `optimizers` are all left out, they are all that this package has.
 */
export interface Subjects {
  /** Default: the reference, `cpu`. */
  readonly backends?: readonly Backend[];
  readonly ops?: readonly AnyOp[];
  readonly embeddings?: readonly EmbeddingFamily[];
  readonly optimizers?: readonly OptimizerFamily[];
  /** Whether laws about definitions alone are tried, in doubles and on no backend. Default: yes. */
  readonly definitions?: boolean;
}

/** A law about one subject on one backend. */
export interface Claim {
  readonly law: string;
  /** Name of the op, embedding, optimizer or form. */
  readonly subject: string;
  /** What computes. Laws about definitions alone are tried in doubles, on `cpu64`. */
  readonly backend: string;
  readonly said: Said;
}

/** Every law about every subject, in the order of their lists. */
export function* claimsOf({ backends = [cpu], definitions = true, ...given }: Subjects): Generator<Claim> {
  const isWhole = Object.values(given).every((list) => list === undefined);
  const { ops, embeddings, optimizers } = !isWhole
    ? { ops: [], embeddings: [], optimizers: [], ...given }
    : { ops: ourOps, embeddings: families, optimizers: ourOptimizers };
  const allOps = ops as readonly Op<never>[]; // laws make the options themselves, by the op's own example
  for (const { law, of } of definitions ? opLaws : [])
    for (const op of allOps) yield { law, subject: op.definition.name, backend: "cpu64", said: of(op) };
  for (const { law, of } of definitions ? embeddingLaws : [])
    for (const family of embeddings) yield { law, subject: family.name, backend: "cpu64", said: of(family) };
  const rules = optimizers.flatMap(rulesOf);
  for (const backend of backends) {
    for (const { law, of } of backendLaws)
      for (const op of allOps)
        yield { law, subject: op.definition.name, backend: backend.name, said: of(op, backend) };
    for (const { law, of } of optimizerLaws)
      for (const rule of rules)
        yield { law, subject: rule.name, backend: backend.name, said: of(rule, backend) };
    for (const { law, subject, of } of isWhole ? [...hardLaws, ...halfLaws] : [])
      yield { law, subject, backend: backend.name, said: of(backend) };
  }
}
