import fc from "fast-check";
import type { Backend } from "../../core/backend.ts";
import { ops } from "../../core/ops/index.ts";
import { backendLaws, backendProperty } from "./backend-laws.ts";
import { halfLaws, halfSubjects } from "./half-laws.ts";
import { hardForms, readFarEnd, tryHardForm } from "./hard-forms.ts";
import { optimizerLaws } from "./optimizer-laws.ts";
import { rules } from "./optimizer-rules.ts";

/** What was found of one law about one subject on a backend. */
export interface Finding {
  readonly law: string;
  /** The op or optimizer. */
  readonly subject: string;
  /** Largest fraction of what is allowed, where the law measures one. */
  readonly worst?: number;
  /** Why it failed, with the example and the seed that repeats it. */
  readonly failure?: string;
  /** Why the law says nothing about the subject. */
  readonly skip?: string;
}

/** Every law of ops and optimizers on `backend`, one finding at a time. Needs no test runner: pages run it too. */
export async function* conformance(
  backend: Backend,
  { runs, seed }: { runs: number; seed: number },
): AsyncGenerator<Finding> {
  const tried = async (property: fc.IAsyncProperty<unknown>) => {
    const result = await fc.check(property, { numRuns: runs, seed });
    if (!result.failed) return {};
    const cause = (result.errorInstance as Error | undefined)?.message ?? "";
    return { failure: `${cause} (seed ${result.seed}: ${JSON.stringify(result.counterexample)})` };
  };
  for (const law of backendLaws) {
    for (const op of ops) {
      let worst = 0;
      const property = backendProperty(law, op, backend, (used) => {
        worst = Math.max(worst, used);
      });
      yield { law: law.law, subject: op.definition.name, ...(await tried(property)), worst };
    }
  }
  for (const hard of hardForms) {
    const { worst, first } = await tryHardForm(hard, backend);
    yield {
      law: "agrees at sizes where kernels go wrong",
      subject: hard.name,
      worst,
      ...(first && {
        failure: `element ${first.index}: ${first.actual}, not ${first.expected} ± ${first.allowed}`,
      }),
    };
  }
  const { read, expected } = await readFarEnd(backend);
  yield {
    law: "reads the last slots of the largest memory exactly",
    subject: "gather",
    ...(`${read}` !== `${expected}` && { failure: `${read}, not ${expected}` }),
  };
  for (const half of halfLaws) {
    for (const rule of halfSubjects(half)) {
      const said = half.of(backend, rule);
      const found = "skip" in said ? said : await tried(said);
      yield { law: half.law, subject: half.ofOptimizers ? rule.name : "halves", ...found };
    }
  }
  for (const { law, of } of optimizerLaws) {
    for (const rule of rules) {
      const said = of(rule, backend);
      const found = "skip" in said ? said : await tried(said);
      yield { law, subject: rule.name, ...found };
    }
  }
}
