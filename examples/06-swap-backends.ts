// npx tsx examples/06-swap-backends.ts
// Swap backends: the same parameters, the same batch, other kernels. compare() says how many f32 numbers lie between
// the two at every step of the computation, and whether rounding explains it; then both are timed.
// A mode may follow: webasm (default), cpu, or webgpu where there is a Vulkan driver. The page has webgl and webgl2.
import assert from "node:assert/strict";
import { type Batch, compare, cpu, dlrm, gpu, type Mode, robe, sgd, synthetic, trainStep } from "pss-dlrm";

const tables = [10_000, 1000, 100];
const data = synthetic({ tables, dense: 13, rows: 1280, seed: 3 });
const layers = { dense: 13, tables, dim: 16, bottom: [128, 64, 16], top: [128, 64, 1] };
const onCpu = dlrm({ ...layers, embedding: robe({ compression: 10 }), backend: cpu, seed: 1 });

const device = await gpu({ mode: (process.argv[2] ?? "webasm") as Mode });
const onDevice = await onCpu.to(device);
const batches: Batch[] = [];
for await (const batch of data.train.batches(256)) batches.push(batch);

const { calls, loss, firstDifference, firstOutOfBound, worst } = await compare(onCpu, onDevice, batches[0]!);
assert.equal(firstOutOfBound, undefined, "every op is within its error bound");
assert.ok(loss.ulps < 100);
console.log(`${device.name} against ${cpu.name}: ${calls} tensors, forward and backward`);
console.log(`all within their error bounds: ${worst.fraction <= 1}`);
console.log(`the bits part first at: ${firstDifference?.op ?? "nowhere"}`);

for (const model of [onCpu, onDevice]) {
  const times: number[] = [];
  for (const [i, batch] of batches.entries()) {
    const from = performance.now();
    await trainStep(model, batch, i + 1, { optimizer: sgd(0.1) });
    times.push(performance.now() - from);
  }
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
  console.error(`${model.backend.name}: ${median.toFixed(1)} ms a step`); // differs from run to run
}
await device.destroy();
