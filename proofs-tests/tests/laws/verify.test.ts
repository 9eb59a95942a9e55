import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { add } from "../../../core/ops/arithmetic.ts";
import { elementwise } from "../../../core/ops/elementwise.ts";
import { relu } from "../../../core/ops/functions.ts";
import { scalar } from "../../../core/scalar.ts";
import { memcomFamily } from "../../../models/embeddings/families/memcom.ts";
import { robeFamily } from "../../../models/embeddings/families/robe.ts";
import { claimsOf } from "../../laws/claims.ts";
import { once, trial } from "../../laws/law.ts";
import { WorstTable } from "../../laws/table.ts";
import {
  type Finding,
  failureInWords,
  lawsAsTests,
  skipsInWords,
  type VerifyOptions,
  verify,
} from "../../laws/verify.ts";
import { brokenSchemes } from "../../mutants/schemes.ts";

const tries = { seed: 3, examples: 20 };
const numbers = { examples: fc.integer({ min: 0, max: 1000 }), words: (n: number) => `the number ${n}` };

async function found(options: VerifyOptions): Promise<Finding[]> {
  const all: Finding[] = [];
  for await (const finding of verify({ ...tries, ...options })) all.push(finding);
  return all;
}

const zero = (words: string) => elementwise({ name: words, f: scalar("x", "x * x"), vjp: () => [null] });

afterEach(() => void vi.restoreAllMocks());

const usual = fc.readConfigureGlobal() ?? {};
beforeAll(() => fc.configureGlobal({ ...usual, endOnFailure: false })); // a run that judges mutants asks for no smaller ones
afterAll(() => fc.configureGlobal(usual));

describe("a law", () => {
  it("is kept by all examples, and tells how much the worst of them used", async () => {
    let tried = 0;
    const used = trial({
      ...numbers,
      check: (n) => {
        tried++;
        return n / 1000;
      },
    });
    const { worst, failure } = await used(tries);
    expect([tried, failure]).toEqual([20, undefined]);
    expect(worst).toBeGreaterThan(0.5);
    expect(await used(tries)).toEqual({ worst });
  });

  it("that fails is told by the smallest example there is", async () => {
    const small = trial({
      ...numbers,
      check(n) {
        if (n >= 17) throw new Error(`${n} is too large`);
        return 0;
      },
    });
    expect((await small(tries)).failure).toEqual({ message: "17 is too large", example: "the number 17" });
  });

  it.each([undefined, Number.NaN, -1, "0"])("that returns %s has no verdict, and fails", async (used) => {
    const { failure } = await trial({ ...numbers, check: () => used as number })(tries);
    expect(failure).toEqual({ message: "the law returned without a verdict", example: "the number 0" });
  });

  it("of which no example speaks fails too", async () => {
    const { failure } = await trial({ ...numbers, check: () => fc.pre(false) as unknown as number })(tries);
    expect(failure?.message).toBe("too few examples are of the kind that the law speaks of");
  });

  it("that is one comparison is made once", async () => {
    let made = 0;
    expect(await once(() => ++made / 2, "it")(tries)).toEqual({ worst: 0.5 });
    expect(made).toBe(1);
  });
});

describe("verify", () => {
  it("speaks of the lists that are given, and of no others", () => {
    const subjects = (given: VerifyOptions) => new Set([...claimsOf(given)].map(({ subject }) => subject));
    expect(subjects({ ops: [add] })).toEqual(new Set(["add"]));
    expect(subjects({ embeddings: [robeFamily], backends: [] })).toEqual(new Set(["robe"]));
    const all = [...claimsOf({ backends: [cpu] })];
    for (const name of ["add", "robe", "adagrad", "float16", "1,500 terms of a product"])
      expect(all.map(({ subject }) => subject)).toContain(name);
  });

  it("names backend, seed, examples and worst fraction of each law that is kept", async () => {
    const findings = await found({ ops: [relu] });
    expect(findings.length).toBeGreaterThan(6);
    for (const { failure, skip, worst, seed, examples, backend } of findings) {
      expect([failure, seed, examples]).toEqual([undefined, 3, 20]);
      expect(["cpu", "cpu64"]).toContain(backend);
      expect(skip === undefined).toBe(worst !== undefined);
    }
  });

  it("tries only what is asked for: a subject by its name, a law by its words", async () => {
    expect(new Set((await found({ ops: [add, relu], only: "relu" })).map((f) => f.subject))).toEqual(
      new Set(["relu"]),
    );
    const laws = new Set((await found({ ops: [add, relu], only: "same bits" })).map((f) => f.law));
    expect(laws).toEqual(new Set(["gives the same bits every time"]));
  });

  it("refuses to try nothing, as verdicts and as tests, since nothing tried would look like all kept", async () => {
    const runner = { describe: () => {}, it: () => {} };
    for (const [options, words] of [
      [{ ops: [add], only: "sad" }, 'There is no subject "sad", and no law has these words'],
      [{ ops: [] }, "Nothing is given that a law speaks of"],
    ] as const) {
      await expect(found(options)).rejects.toThrow(words);
      expect(() => lawsAsTests(runner, options)).toThrow(words);
    }
  });

  it("says what a wrong gradient does, in the smallest example, and what repeats it", async () => {
    const wrong = (await found({ ops: [zero("wrong")], backends: [] })).filter((f) => f.failure);
    expect(wrong.map(({ law }) => law)).toEqual(["vjp is the adjoint of the derivative"]);
    const words = failureInWords(wrong[0]!);
    expect(words).toMatch(/^wrong on cpu64 breaks the law "vjp is the adjoint of the derivative": /);
    expect(words).toMatch(/\nSmallest example: input 1 \[[12]\]: (0, )?-?0\.125\.\n/);
    expect(words).toContain('verify({ …, only: "wrong", seed: 3, examples: 20 })');
    expect(await found({ ops: [zero("wrong")], backends: [] })).toEqual(
      await found({ ops: [zero("wrong")], backends: [] }),
    );
  });

  it("says table, row, column and slot of an embedding that is not what it says", async () => {
    const { broken } = brokenSchemes.find(({ law }) => law.startsWith("the fast path"))!;
    const [first] = (await found({ embeddings: [broken], backends: [] })).filter((f) => f.failure);
    expect(first!.failure!.message).toMatch(
      /^table \d+, row \d+, column \d+: [+−] slot \d+ by the fast path, [+−] slot \d+ by definition$/,
    );
    expect(first!.failure!.example).toMatch(
      /tables of .* rows, dim \d+, seed \d+; (no row is read|sample \d)/,
    );
  });

  it("says why a law says nothing, once for all that it says nothing of", async () => {
    const skipped = await found({ embeddings: [memcomFamily], backends: [] });
    expect(skipsInWords(skipped)).toContain(
      '"every slot lies inside memory" is skipped: is no signed sum of slots of one memory (memcom; on cpu64)',
    );
    const many = ["a", "b", "c", "d", "e", "f", "g"].map((subject) => ({
      law: "l",
      subject,
      backend: "cpu",
      skip: "so.",
    }));
    expect(skipsInWords(many)).toEqual(['"l" is skipped: so (a, b, c, d, e, f and 1 more; on cpu)']);
  });
});

describe("laws as tests", () => {
  const registered = (options: VerifyOptions) => {
    const tests: { group: string; name: string; run: () => Promise<void> }[] = [];
    let group = "";
    const describe = (name: string, body: () => void) => {
      group = name;
      body();
    };
    const it = (name: string, run: () => Promise<void>) => void tests.push({ group, name, run });
    lawsAsTests({ describe, it }, { ...tries, ...options });
    return tests;
  };

  it("are one for each law and subject that it speaks of; the others are printed with the reason", () => {
    const said = vi.spyOn(console, "info").mockImplementation(() => {});
    const tests = registered({ ops: [add, relu] });
    const tried = [...claimsOf({ ops: [add, relu] })].filter((claim) => !("skip" in claim.said));
    expect(tests.map(({ group, name }) => `${group}: ${name}`).toSorted()).toEqual(
      tried.map(({ law, subject, backend }) => `${law}: ${subject} on ${backend}`).toSorted(),
    );
    expect(said.mock.calls.flat()).toContain(
      '"a permuted batch gives the permuted result" is skipped: has no batch axis (add, relu; on cpu64)',
    );
  });

  it("fail with the sentence of what is broken, and pass where nothing is", async () => {
    vi.spyOn(console, "info").mockImplementation(() => {});
    const run = (op: Parameters<typeof zero>[0] | typeof relu) =>
      registered({ ops: [typeof op === "string" ? zero(op) : op], only: "vjp is the adjoint" })[0]!.run();
    await expect(run("broken")).rejects.toThrow('broken on cpu64 breaks the law "vjp is the adjoint');
    await expect(run(relu)).resolves.toBeUndefined();
  });
});

it("a table of laws has a line a law and a column a backend, each with its worst", () => {
  const table = new WorstTable();
  table.note("one", "cpu", 0.25);
  table.note("one", "cpu", 0.125);
  table.note("another", "fast", 0);
  expect(`${table}`.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
    ["worst fraction of the bound", "cpu", "fast"],
    ["one", "0.250", "–"],
    ["another", "–", "exact"],
  ]);
  expect(`${new WorstTable()}`).toBe("");
});
