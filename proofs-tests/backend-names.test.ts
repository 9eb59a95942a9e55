import { describe, expect, it } from "vitest";
import { backends, openBackend } from "../backends/index.ts";
import type { DeviceBackend } from "../core/backend.ts";

/** Those that run in every Node. */
const here = ["cpu", "cpu64", "fast", "fast:fused", "gpu:webasm", "gpu:cpu"];

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
});
