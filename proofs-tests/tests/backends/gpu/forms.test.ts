import { afterAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { gpu } from "../../../../backends/gpu/index.ts";
import { type Form, outputSize } from "../../../../core/form.ts";
import { smallForms, wholes } from "../small-forms.ts";

const backends = await Promise.all((["cpu", "webasm"] as const).map((mode) => gpu({ mode })));
afterAll(() => Promise.all(backends.map((backend) => backend.destroy())));

describe.each(backends.map((backend) => [backend.name, backend] as const))("%s", (_, backend) => {
  /** Whether a form of whole numbers is the reference's, and leaves nothing behind. */
  async function agrees(form: Form, lengths: readonly number[]): Promise<void> {
    const inputs = lengths.map((length, i) => wholes(length, i));
    const handles = inputs.map((values) => backend.upload(values));
    const out = backend.run(form, handles);
    const made = await backend.read(out);
    expect([...made].map((x) => x + 0)).toEqual(
      [...(cpu.run(form, inputs) as Float32Array)].map((x) => x + 0),
    );
    expect(backend.statistics.arrays).toBe(lengths.length + 1);
    for (const handle of [...handles, out]) backend.free(handle);
  }

  it.each(smallForms)("makes what it should: %s", async (__, cases) => {
    // gpu.js has no empty arrays.
    for (const [form, lengths] of cases)
      if (outputSize(form) > 0 && !lengths.includes(0)) await agrees(form, lengths);
  });
});
