// npx tsx examples/12-your-scheme-and-optimizer-held-to-the-laws.ts
// A sharing scheme and an optimizer of your own, each with a fault. The laws find it; they say table, row, column and slot.
import assert from "node:assert/strict";
import type { SharingScheme, TableShape } from "pss-dlrm";
import { alone, failureInWords, optimizerFamily, type Subjects, schemeFamily, verify } from "pss-dlrm/laws";

/** Rows dealt out to the rows of memory in turn. `slip` moves the last column of what the definition says. */
const dealt = (slip: number) =>
  schemeFamily({
    name: "dealt",
    scheme({ tables, dim }: TableShape, memorySize: number): SharingScheme {
      const rows = Math.floor(memorySize / dim);
      const at = (table: number, row: number) => ((row * tables.length + table) % rows) * dim;
      return {
        name: "dealt",
        memorySize: rows * dim,
        block: dim,
        blockStart: at,
        slotsOf: (table, row, column) => [
          { slot: at(table, row) + (column === dim - 1 ? Math.max(column - slip, 0) : column), sign: 1 },
        ],
        guarantee: "none: rows meet by their numbers",
      };
    },
  });

/** Steps of the size of the learning rate against the sign of the gradient. */
const signDescent = (step: string) =>
  optimizerFamily({
    name: "signDescent",
    summary: "steps of one size against the gradient's sign",
    usualRate: 0.01,
    options: {},
    steps: () => ({
      state: [],
      steps: [{ target: "w", expression: `w ${step} rate * (g > 0.0 ? 1.0 : (g < 0.0 ? -1.0 : g))` }],
      hyper: (_, rate) => ({ rate }),
      zeroGradient: "nothing",
    }),
    definition: (rate) => alone((_, w, g) => w - rate * Math.sign(g)),
  });

async function failures(subjects: Subjects): Promise<string[]> {
  const found: string[] = [];
  for await (const finding of verify({ ...subjects, examples: 50, seed: 1 }))
    if (finding.failure) found.push(failureInWords(finding));
  return found;
}

const subjects: readonly (readonly [string, broken: Subjects, sound: Subjects])[] = [
  ["the scheme", { embeddings: [dealt(1)] }, { embeddings: [dealt(0)] }],
  ["the optimizer", { optimizers: [signDescent("+")] }, { optimizers: [signDescent("-")] }],
];
for (const [what, broken, sound] of subjects) {
  const found = await failures(broken);
  console.log(`${what} breaks ${found.length}; the first:\n${found[0]}\n`);
  assert(found.length > 0);
  assert.deepEqual(await failures(sound), []);
}
