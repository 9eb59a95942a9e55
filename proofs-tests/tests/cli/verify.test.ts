import { describe, expect, it } from "vitest";
import { inWords } from "../../../cli/verify.ts";
import type { Comparison } from "../../golden/check.ts";
import { shippedFiles } from "../../golden/file.ts";
import type { Finding } from "../../laws/verify.ts";
import { run } from "./command.ts";

const few = ["--backend", "cpu", "--examples", "2", "--seed", "5"];

describe("verify", () => {
  it("tries every law and recomputes every golden file, on the backends that are named", async () => {
    const { code, out } = await run(
      "verify",
      "--backend",
      "fast",
      "--examples",
      "1",
      "--seed",
      "5",
      "--json",
    );
    const { findings, golden, repeat, probabilityOfFalseRejection } = JSON.parse(out);
    expect([code, probabilityOfFalseRejection]).toEqual([0, 0]);
    expect(repeat).toBe("npx pss-dlrm verify --backend fast --examples 1 --seed 5");
    expect(new Set(findings.map(({ backend }: Finding) => backend))).toEqual(new Set(["cpu64", "fast"]));
    expect(findings.filter(({ failure }: Finding) => failure)).toEqual([]);
    const files = golden.map(({ file }: { file: string }) => file);
    expect([...new Set(files)]).toEqual(await shippedFiles());
    expect(golden.map(({ by }: { by: string }) => by)).toContain("fast");
  });

  it("prints a table, what is skipped and why, how much was tried, and the line that repeats it", async () => {
    const { code, out } = await run("verify", ...few, "--only", "relu");
    expect(code).toBe(0);
    expect(out).toMatch(/^worst fraction of the bound +cpu64 +cpu\n/);
    expect(out).toContain(
      '"linear in the inputs said to be" is skipped: declares no linear input (relu; on cpu64)',
    );
    expect(out).toMatch(/\n\d+ laws and subjects tried, 0 rejected\.\n/);
    expect(out.trimEnd().split("\n").at(-1)).toBe(
      "repeat: npx pss-dlrm verify --backend cpu --examples 2 --seed 5 --only relu",
    );
    expect(out).not.toContain("golden");
    expect((await run("verify", ...few, "--only", "relu")).out).toBe(out);
  });

  it("says so where nothing is of that name", async () => {
    const { code, err } = await run("verify", ...few, "--only", "nothing");
    expect([code, err]).toEqual([
      2,
      'There is no subject "nothing", and no law has these words; leave out --only to see all of them.\n',
    ]);
  });

  it("says what is broken: the law's sentence, and each array of a golden file", () => {
    const tried = { subject: "mine", backend: "cpu", seed: 1, examples: 2 };
    const failure = { message: "element 0: 1, not 2", example: "input 1 [1]: 3" };
    const findings = [
      { ...tried, law: "keeps", worst: 0.5 },
      { ...tried, law: "breaks", worst: 0.25, failure },
      { ...tried, law: "is silent", skip: "it has none" },
    ];
    const array: Comparison = {
      ...{ array: "loss", precision: "f64", by: "cpu64", difference: 1, allowed: 0, where: "0" },
    };
    const golden = [{ file: "a.json", by: "cpu64", comparisons: 4, failed: [array] }];
    const lines = inWords(findings, golden, "again").split("\n");
    expect(lines).toContain('mine on cpu breaks the law "breaks": element 0: 1, not 2.');
    expect(lines).toContain("2 laws and subjects tried, 1 rejected.");
    expect(lines).toContain("golden files of outside programs: 4 arrays compared, 1 rejected.");
    expect(lines).toContain("a.json: loss, by cpu64");
    expect(lines.find((line) => line.startsWith("breaks"))).toMatch(/ broken$/);
    expect(lines.at(-1)).toBe("repeat: again");
  });
});
