import { describe, expect, it } from "vitest";
import { backends, backendsHere, openBackend } from "../../../backends/index.ts";
import type { DeviceBackend } from "../../../core/backend.ts";
import { InputError } from "../../../core/errors.ts";

/** Those that run in every Node. */
const here = ["cpu", "cpu64", "fast", "fast:fma", "gpu:webasm", "gpu:cpu"];

describe("a backend opened by its name", () => {
  it.each(here)("is called so: %s", async (name) => {
    const backend = await openBackend(name);
    expect(backend.name).toBe(name);
    expect(backend.precision).toBe(name === "cpu64" ? "f64" : "f32");
    await (backend as DeviceBackend).destroy?.();
  });

  it("is one of a list without doubles", () => {
    const names = backends.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(here));
  });

  it("is refused where there is none of that name, which names those that there are", async () => {
    const error = await openBackend("cuda").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain('There is no backend "cuda"; choose one of cpu, cpu64, fast,');
  });

  it("is the best of gpu.js where it is called gpu", async () => {
    const backend = (await openBackend("gpu")) as DeviceBackend;
    expect(backend.name).toMatch(/^gpu:/);
    await backend.destroy();
  });
});

it("every backend is opened here, or says why not", async () => {
  const { opened, missing } = await backendsHere();
  expect(opened.map(({ name }) => name)).toEqual(expect.arrayContaining(here));
  const names = [...opened, ...missing].map(({ name }) => name);
  expect(names.toSorted()).toEqual(backends.map(({ name }) => name).toSorted());
  for (const { reason } of missing) expect(reason).toMatch(/\w+.*[.)]/);
  await Promise.all(opened.map((backend) => (backend as DeviceBackend).destroy?.()));
});
