import { describe, expect, it } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { openBackend } from "../../../backends/index.ts";
import { instrument } from "../../../backends/instrument.ts";
import { validate } from "../../../backends/validate.ts";
import type { Backend, FloatArray } from "../../../core/backend.ts";
import { adagrad } from "../../../core/optimizers/adagrad.ts";
import { sgd } from "../../../core/optimizers/sgd.ts";
import { synthetic } from "../../../models/data/synthetic/synthetic.ts";
import { dlrm } from "../../../models/dlrm/dlrm.ts";
import { train, trainStep } from "../../../models/dlrm/train.ts";
import { robe } from "../../../models/embeddings/families/robe.ts";

const tables = [50, 20];
const data = synthetic({ tables, dense: 3, rows: 400, seed: 1 });
const modelOn = (backend: Backend) =>
  dlrm({
    dense: 3,
    tables,
    dim: 4,
    bottom: [5, 4],
    top: [6, 1],
    embedding: robe({ memorySize: 60, block: 4 }),
    backend,
  });

async function trainOn(backend: Backend, each: () => void = () => {}): Promise<number[]> {
  const losses: number[] = [];
  for await (const { loss } of train(modelOn(backend), data.train, { optimizer: adagrad(0.05), batch: 32 })) {
    losses.push(loss);
    each();
  }
  return losses;
}

describe("observe", () => {
  it("changes no bit, counts the work, and sees every buffer freed", async () => {
    const { backend, observation } = instrument(cpu);
    const buffers: number[] = [];
    expect(await trainOn(backend, () => buffers.push(observation.buffers))).toEqual(await trainOn(cpu));
    expect(new Set(buffers.slice(1)).size).toBe(1);
    const steps = buffers.length;
    // Two layers each in the bottom and the top MLP, each with a product forward and two backward.
    expect(observation.costs.matmul).toMatchObject({ calls: 12 * steps });
    expect(observation.costs.gather).toMatchObject({ calls: steps });
    expect(observation.costs.update!.calls).toBe(9 * steps);
    expect(observation.bytesDown).toBe(4 * steps); // the losses alone come back
  });

  it.each(["cpu", "gpu:webasm"])("counts what a step sends and brings back on %s", async (name) => {
    const { backend, observation } = instrument(await openBackend(name));
    const model = modelOn(backend);
    const { bytesUp: parameters } = observation;
    expect(parameters).toBe(4 * model.parameters.reduce((n, { size }) => n + size, 0));
    for await (const batch of data.train.batches(32)) {
      await trainStep(model, batch, 1, { optimizer: sgd(0.1) });
      break;
    }
    const [rows, blocks] = [32, 32 * tables.length];
    const lookup = blocks + blocks + (blocks + 1); // starts, sign words, bag offsets
    const batch = rows * 3 + rows; // dense features, labels
    expect(observation.bytesUp - parameters).toBe(4 * (batch + 1 + 2 * lookup)); // 1: the gradient of the loss
    expect(observation.bytesDown).toBe(4);
  });
});

/** A backend whose `kind` results are spoilt at one element. */
const spoilt = (kind: string, index: number): Backend => ({
  ...cpu,
  run(form, inputs) {
    const out = cpu.run(form, inputs) as FloatArray;
    if (form.kind === kind) out[index]! += 1e-3;
    return out;
  },
});

describe("agree", () => {
  it("finds nothing where a backend keeps to its bounds, and says how much of them it used", async () => {
    const { backend, agreement } = validate(cpu);
    await trainOn(backend);
    const { first, worst, calls } = await agreement();
    expect(first).toBeUndefined();
    expect(worst).toBeLessThanOrEqual(1);
    expect(worst).toBeGreaterThan(0);
    expect(calls).toBeGreaterThan(100);
  });

  it.each(["map", "matmul", "gather", "scatter", "pairs", "mix", "arrange"])(
    "names a wrong %s and the element",
    async (kind) => {
      const { backend, agreement } = validate(spoilt(kind, 2));
      await trainOn(backend);
      expect((await agreement()).first).toMatchObject({ form: kind, index: 2 });
    },
  );

  it("names a wrong optimizer step: a state that is stepped twice", async () => {
    const twice: Backend = {
      ...cpu,
      update(step, weights, state, gradient) {
        const once = cpu.update(step, weights, state, gradient);
        return cpu.update(step, once.weights, once.state, gradient);
      },
    };
    const { backend, agreement } = validate(twice);
    await trainOn(backend);
    expect((await agreement()).first).toMatchObject({ form: "update" });
  });
});
