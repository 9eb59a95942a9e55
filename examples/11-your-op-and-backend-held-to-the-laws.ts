// npx tsx examples/11-your-op-and-backend-held-to-the-laws.ts
// An op and a backend of your own, each with a fault. The laws find it, and say where, in the smallest example.
import assert from "node:assert/strict";
import { type Backend, cpu, elementwise, linear, matmul, multiply, scalar, scale } from "pss-dlrm";
import { failureInWords, type Subjects, verify } from "pss-dlrm/laws";

/** x², whose gradient should be 2x. */
const square = (factor: number) =>
  elementwise({
    name: "square",
    f: scalar("x", "x * x"),
    vjp: (g, { inputs: [x] }) => [scale(multiply(g, x!), { by: factor })],
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
  ["the op", { ops: [square(3)] }, { ops: [square(2)] }],
  ["the backend", { backends: [forgetful(true)], ops }, { backends: [forgetful(false)], ops }],
];
for (const [what, broken, sound] of subjects) {
  const found = await failures(broken);
  console.log(`${what} breaks ${found.length}; the first:\n${found[0]}\n`);
  assert(found.length > 0);
  assert.deepEqual(await failures(sound), []);
}
