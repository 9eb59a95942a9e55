import { afterEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { backends } from "../../../backends/index.ts";
import { backendFlag, backendFrom, describeAgreement } from "../../../cli/common/backend.ts";
import type { Backend } from "../../../core/backend.ts";
import { taking } from "./bench/made.ts";
import { run } from "./command.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

it("the help names every backend, and the best mode of gpu.js", () => {
  expect(backendFlag.form.split("|")).toEqual([...backends.map(({ name }) => name), "gpu"]);
});

describe("--backend", () => {
  it("is what runs, unwatched", async () => {
    const opened = [await backendFrom("cpu64"), await backendFrom("cpu")];
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

describe("VALIDATE=1", () => {
  /** The reference takes the place of the backend called cpu, but what it multiplies is `off`. */
  function multipliesOff(off: number): void {
    const faulty: Backend = {
      ...cpu,
      run(form, inputs) {
        const made = cpu.run(form, inputs) as Float32Array;
        if (form.kind === "matmul") made[0]! += off;
        return made;
      },
    };
    vi.spyOn(backends.find(({ name }) => name === "cpu")!, "open").mockResolvedValue(faulty);
    vi.stubEnv("VALIDATE", "1");
    taking(1, 2, 3);
  }
  const small = "--data synthetic --tables 9,5 --rows 400 --dim 2 --bottom 2 --top 1 --backend cpu";
  const train = ["train", ...small.split(" ")];
  const bench = [..."bench --backend cpu,cpu64 --batch 2 --case".split(" "), "one row"];

  it.each([
    [0, 0, "validated   "],
    [0.5, 1, "INVALID     "],
  ])("ends a training that is off by %d with %d", async (off, code, word) => {
    multipliesOff(off);
    const found = await run(...train);
    expect(found.code).toBe(code);
    expect(found.out.split("\n").at(-2)).toContain(word);
    const json = await run(...train, "--json");
    const { agreement } = JSON.parse(json.out);
    expect([json.code, agreement.first?.form]).toEqual([code, off > 0 ? "matmul" : undefined]);
    expect(agreement.calls).toBeGreaterThan(10);
  });

  it.each([
    [0, 0, "validated   "],
    [0.5, 1, "INVALID     "],
  ])("ends a bench that is off by %d with %d", async (off, code, word) => {
    multipliesOff(off);
    const found = await run(...bench);
    expect(found.code).toBe(code);
    const [faulty, right] = found.out.trimEnd().split("\n").slice(-2);
    expect(faulty).toMatch(new RegExp(`^${word}.* \\(cpu\\)$`));
    expect(right).toMatch(/^validated {3}.* \(cpu64\)$/);
    const json = await run(...bench, "--json");
    const { agreements } = JSON.parse(json.out);
    expect(json.code).toBe(code);
    expect(agreements).toMatchObject([{ backend: "cpu" }, { backend: "cpu64" }]);
    expect(agreements[0].first?.form).toBe(off > 0 ? "matmul" : undefined);
    expect(agreements[0].calls).toBe(2); // a product and its relu
  });

  it("is said to be so by 1 alone: without it nothing is compared", async () => {
    multipliesOff(0.5);
    vi.stubEnv("VALIDATE", "0");
    const trained = await run(...train, "--json");
    expect([trained.code, Object.keys(JSON.parse(trained.out))]).toEqual([
      0,
      expect.not.arrayContaining(["agreement"]),
    ]);
    expect((await run(...train)).out).not.toMatch(/validated|INVALID/);
    const timed = await run(...bench, "--json");
    expect([timed.code, Object.keys(JSON.parse(timed.out))]).toEqual([0, ["machine", "command", "timings"]]);
  });
});
