// npx tsx examples/05-your-own-kernel.ts
// Write a kernel of your own for one form, and see it verified: validate() runs every form on the oracle too and holds
// the difference against the form's error bound. A kernel with a fault is named, with the element that is wrong.
import assert from "node:assert/strict";
import { adagrad, type Backend, cpu, dlrm, robe, synthetic, train, validate } from "pss-dlrm";

type Matmul = (a: Float32Array, b: Float32Array, n: number, k: number, m: number) => Float32Array;

/** The reference backend with another kernel for plain products [n × k] · [k × m]; the rest stays as it is. */
const withMatmul = (matmul: Matmul): Backend => ({
  ...cpu,
  run(form, inputs) {
    if (form.kind !== "matmul" || form.bias || form.transposeA || form.transposeB)
      return cpu.run(form, inputs);
    const [a, b] = inputs as [Float32Array, Float32Array];
    return matmul(a, b, form.n, form.k, form.m);
  },
});

/** Sums in f32, from the last term to the first: other bits than the reference, the same bound. It may forget some. */
const backwards = (forgotten: number): Matmul =>
  function matmul(a, b, n, k, m) {
    const out = new Float32Array(n * m);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        let sum = 0;
        for (let l = k - 1 - forgotten; l >= 0; l--)
          sum = Math.fround(sum + Math.fround(a[i * k + l]! * b[l * m + j]!));
        out[i * m + j] = sum;
      }
    }
    return out;
  };

/** Trains a few steps with every form checked. */
async function verify(backend: Backend) {
  const { backend: checked, agreement } = validate(backend);
  const tables = [100, 20];
  const data = synthetic({ tables, dense: 3, rows: 500, seed: 1 });
  const layers = { dense: 3, tables, dim: 8, bottom: [16, 8], top: [16, 1] };
  const model = dlrm({ ...layers, embedding: robe({ compression: 4 }), backend: checked });
  for await (const _ of train(model, data.train, { optimizer: adagrad(0.05), batch: 64, steps: 3 }));
  return agreement();
}

const sound = await verify(withMatmul(backwards(0)));
assert.equal(sound.first, undefined);
assert.ok(sound.worst > 0 && sound.worst <= 1);
console.log(`summing backwards: ${sound.calls} forms and steps, all within their bounds`);

const faulty = await verify(withMatmul(backwards(1)));
assert.equal(faulty.first?.form, "matmul");
console.log(`forgetting a term: a ${faulty.first.form} is wrong at element ${faulty.first.index}`);
