import { syncBuiltinESMExports } from "node:module";
import v8 from "node:v8";
import { afterEach, describe, expect, it, vi } from "vitest";
import { fast } from "../../../../backends/fast/index.ts";
import { InputError } from "../../../../core/errors.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe("fused arithmetic", () => {
  /** What Node was asked for while a machine was made of an engine that says so, in turn, of what it has. */
  async function flagsAsked(...known: boolean[]): Promise<string[]> {
    const asked = vi.spyOn(v8, "setFlagsFromString");
    syncBuiltinESMExports();
    const validate = vi.spyOn(WebAssembly, "validate");
    for (const says of known) validate.mockReturnValueOnce(says);
    const { machineWith: make } = await import("../../../../backends/fast/machine.ts");
    await (await make(1, true)).close();
    const flags = asked.mock.calls.map(([flag]) => flag);
    asked.mockRestore();
    validate.mockRestore();
    syncBuiltinESMExports();
    return flags;
  }

  it("is asked of Node where it is there and hidden, and only there", async () => {
    expect(await flagsAsked(false, true)).toEqual(["--experimental-wasm-relaxed-simd"]);
    expect(await flagsAsked(true, true)).toEqual([]);
    vi.resetModules();
    vi.stubGlobal("Worker", class {});
    expect(await flagsAsked(true, true)).toEqual([]);
    await expect(flagsAsked(false, false)).rejects.toThrow("This engine has no fused multiply-add");
  });

  it("is refused where the engine has none, after it was asked for", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    const error = await fast({ threads: 1, fma: true }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain("has no fused multiply-add for WebAssembly");
    const plain = await fast({ threads: 1 });
    await plain.destroy();
  });
});
