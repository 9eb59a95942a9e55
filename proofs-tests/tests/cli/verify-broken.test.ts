import { expect, it, vi } from "vitest";
import type { Comparison } from "../../golden/check.ts";
import { conform } from "../../golden/file.ts";
import { type Finding, verify } from "../../laws/verify.ts";
import { run } from "./command.ts";

vi.mock(import("../../laws/verify.ts"), async (original) => ({ ...(await original()), verify: vi.fn() }));
vi.mock(import("../../golden/file.ts"), async (original) => ({ ...(await original()), conform: vi.fn() }));

const kept: Finding = { law: "keeps", subject: "mine", backend: "cpu", seed: 1, examples: 2, worst: 0.5 };
const broken: Finding = { ...kept, failure: { message: "1, not 2", example: "the number 1" } };
const near: Comparison = { array: "loss", precision: "f64", by: "cpu", difference: 0, allowed: 1e-10 };
const far: Comparison = { ...near, difference: 1, where: "0" };

it.each([
  ["0 where all is kept", kept, near, 0],
  ["1 where a law is broken", broken, near, 1],
  ["1 where a golden file does not hold", kept, far, 1],
])("verify exits with %s", async (_, finding, comparison, expected) => {
  vi.mocked(verify).mockImplementation(async function* () {
    yield finding;
  });
  vi.mocked(conform).mockResolvedValue([comparison]);
  const { code, out } = await run("verify", "--backend", "cpu", "--seed", "1");
  expect(code).toBe(expected);
  expect(out.includes("loss, by cpu")).toBe(comparison === far);
  expect(out.includes('breaks the law "keeps"')).toBe(finding === broken);
});
