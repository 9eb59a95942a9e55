// npx tsx examples/11-your-own-held-to-the-laws.ts
// An op, a sharing scheme, an optimizer and a backend of your own, each with one fault. The laws that this package keeps
// find each fault, and say where, in the smallest example. Without its fault each is kept.
import assert from "node:assert/strict";
import {
  type Backend,
  cpu,
  elementwise,
  linear,
  matmul,
  multiply,
  type SharingScheme,
  scalar,
  scale,
  type TableShape,
} from "pss-dlrm";
import { alone, failureInWords, optimizerFamily, type Subjects, schemeFamily, verify } from "pss-dlrm/laws";

/** x², whose gradient should be 2x. */
const square = (factor: number) =>
  elementwise({
    name: "square",
    f: scalar("x", "x * x"),
    vjp: (g, { inputs: [x] }) => [scale(multiply(g, x!), { by: factor })],
  });

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

/** The reference, which forgets the last term of each sum over an axis where it has the fault. */
const forgetful = (forgets: boolean): Backend => ({
  ...cpu,
  name: "forgetful",
  run(form, inputs) {
    if (forgets && form.kind === "matmul" && form.k > 1) {
      const [a, ...rest] = inputs as [Float32Array, ...Float32Array[]];
      const last = form.transposeA ? (form.k - 1) * form.n : form.k - 1;
      return cpu.run(form, [a.with(last, 0), ...rest]);
    }
    return cpu.run(form, inputs);
  },
});

async function failures(subjects: Subjects): Promise<string[]> {
  const found: string[] = [];
  for await (const finding of verify({ ...subjects, examples: 50, seed: 1 }))
    if (finding.failure) found.push(failureInWords(finding));
  return found;
}

const ops = [matmul, linear];
const subjects: readonly (readonly [string, broken: Subjects, sound: Subjects])[] = [
  ["an op", { ops: [square(3)] }, { ops: [square(2)] }],
  ["a scheme", { embeddings: [dealt(1)] }, { embeddings: [dealt(0)] }],
  ["an optimizer", { optimizers: [signDescent("+")] }, { optimizers: [signDescent("-")] }],
  ["a backend", { backends: [forgetful(true)], ops }, { backends: [forgetful(false)], ops }],
];
for (const [what, broken, sound] of subjects) {
  const found = await failures(broken);
  console.log(`${what} breaks ${found.length}; the first:\n${found[0]}\n`);
  assert(found.length > 0);
  assert.deepEqual(await failures(sound), []);
}
