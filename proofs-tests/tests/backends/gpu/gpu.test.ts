import { afterAll, describe, expect, it } from "vitest";
import { type Gpu, gpu } from "../../../../backends/gpu/index.ts";
import { backendsHere } from "../../../../backends/index.ts";
import { type Agreement, validate } from "../../../../backends/validate.ts";
import type { Backend } from "../../../../core/backend.ts";
import { InputError } from "../../../../core/errors.ts";
import { exp } from "../../../../core/ops/functions.ts";
import { sgd } from "../../../../core/optimizers/sgd.ts";
import { tensor } from "../../../../core/tensor.ts";
import { trainStep } from "../../../../models/dlrm/train.ts";
import { robe } from "../../../../models/embeddings/families/robe.ts";
import { hardForms, tryHardForm } from "../../../laws/hard-forms.ts";
import { WorstTable } from "../../../laws/table.ts";
import { type BrokenKernel, brokenGpu, brokenKernels } from "../../../mutants/kernels.ts";
import { firstBatch, model, said } from "../../models/dlrm/tiny-model.ts";
import { saveTable } from "../../summary.ts";
import { deviceTests } from "../device-tests.ts";

const isGpu = (backend: Backend): backend is Gpu => "mode" in backend;
const { opened } = await backendsHere();
const table = new WorstTable();
afterAll(() => saveTable(table, "gpu"));

describe.each(opened.filter(isGpu))("$name", (backend) => {
  const open = () => gpu({ mode: backend.mode });
  deviceTests({ backend, open, expOfNaN: [Number.NaN, Infinity], table }); // some drivers say ∞

  it("refuses an array whose places are no exact floats, before anything runs", () => {
    expect(said(() => backend.upload({ length: 2 ** 24 + 1 }))).toContain(
      "has 16777217 floats, but gpu.js computes indices as 32-bit floats",
    );
  });

  it("says so when it is used after it was destroyed", async () => {
    const own = await gpu({ mode: backend.mode });
    const x = tensor(own, [1], [1]);
    await own.destroy();
    expect(own.statistics.arrays).toBe(0);
    expect(said(() => exp(x))).toBe(`The backend ${own.name} was destroyed; make another with gpu().`);
    x.free();
    await own.destroy();
  });
});

describe("agree catches and locates a kernel that", () => {
  it.each(brokenKernels.map((broken) => [broken.fault, broken.form, broken] as const))(
    "%s (%s)",
    async (_, form, broken) => {
      const { backend, touched } = await brokenGpu("cpu", broken);
      const { first } = await shown(broken, backend);
      expect(touched()).toBe(true);
      expect(first).toMatchObject({ form });
      expect(Math.abs(first!.actual - first!.expected)).not.toBeLessThanOrEqual(first!.allowed);
      await backend.destroy();
    },
  );

  /** What shows the fault, on a backend. */
  async function shown({ shownBy }: BrokenKernel, backend: Backend): Promise<Agreement> {
    if (shownBy !== "training") {
      const hard = hardForms.find(({ name }) => name === shownBy.hardForm)!;
      return tryHardForm(hard, backend);
    }
    const { backend: watched, agreement } = validate(backend);
    const tiny = model({ backend: watched, embedding: robe({ compression: 4, block: 4 }) });
    await trainStep(tiny, await firstBatch(8), 1, { optimizer: sgd(0.1) }).catch(() => {});
    return agreement();
  }
});

describe("gpu()", () => {
  it("names what it picked, which is no imitation of a GPU", async () => {
    const best = await gpu();
    expect(best.name).toBe(`gpu:${best.mode}`);
    expect(best.device.software).toBe(false);
    await best.destroy();
  });

  it.each([
    ["webgl2", "WebGL 2"],
    ["webgl", "WebGL"],
    ["headlessgl", "npm install gl"],
  ] as const)("fails for %s with a sentence that says what is missing", async (mode, words) => {
    const error = await gpu({ mode }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(`Mode ${mode} needs`);
    expect((error as Error).message).toContain(words);
  });

  it("refuses a mode that there is not", async () => {
    await expect(gpu({ mode: "cuda" as never })).rejects.toThrow(
      'gpu.js has no mode "cuda"; choose one of webgpu, webgl2, webgl, headlessgl, webasm, cpu.',
    );
  });
});
