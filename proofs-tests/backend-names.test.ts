import { describe, expect, it } from "vitest";
import { backends, openBackend } from "../backends/index.ts";
import type { DeviceBackend } from "../core/backend.ts";
import { backendFrom, backendNames, describeAgreement } from "../models/command/backend.ts";

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
    expect(backendNames).toBe("cpu, cpu64, fast, fast:fused, gpu[:MODE]");
  });
});

describe("--backend", () => {
  it("is what runs, or what a verb takes otherwise, unwatched", async () => {
    const opened = [await backendFrom({ backend: "cpu64" }, "cpu"), await backendFrom({}, "cpu")];
    expect(opened.map(({ backend }) => backend.name)).toEqual(["cpu64", "cpu"]);
    for (const { agreement } of opened) expect(await agreement()).toBeUndefined();
  });
});

describe("an agreement in words", () => {
  it("says how many were compared, and how much of the bound was used", () => {
    expect(describeAgreement({ calls: 12_345, worst: 0.98765, first: undefined })).toBe(
      "validated   12,345 forms and optimizer steps, each within its error bound of the reference; 0.988 of the bound used at most",
    );
  });

  it("says where the first fault is, what was made and what should have been", () => {
    const first = {
      call: 7,
      form: "gather",
      index: 3,
      expected: 1.5,
      actual: 2.5,
      allowed: 1.234e-6,
    } as const;
    expect(describeAgreement({ calls: 9, worst: 8e5, first })).toBe(
      "INVALID     form 7 (gather), element 3: 2.5, but the reference has 1.5 (± 1.23e-6)",
    );
  });
});
