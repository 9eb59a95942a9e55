import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cpu } from "../../../backends/cpu/index.ts";
import { usualIterations } from "../../experiments/convergence/iterations.ts";
import { type ConvergenceStudy, convergenceStudy } from "../../experiments/convergence/study.ts";
import { type Curves, curvesOf } from "../../experiments/prove/curves.ts";
import { allFamilies, prove, type Settled, type Verdict } from "../../experiments/prove/prove.ts";
import { type Measured, measureTable, trainedTable } from "../../experiments/prove/trained.ts";
import { temporaryFolder } from "../temporary.ts";
import { run } from "./command.ts";

vi.mock("../../experiments/prove/prove.ts", async (original) => ({ ...(await original()), prove: vi.fn() }));
vi.mock("../../experiments/prove/curves.ts", async (original) => ({
  ...(await original()),
  curvesOf: vi.fn(),
}));
vi.mock("../../experiments/convergence/study.ts", async (original) => ({
  ...(await original()),
  convergenceStudy: vi.fn(),
}));
vi.mock("../../experiments/prove/trained.ts", async (original) => ({
  ...(await original()),
  trainedTable: vi.fn(),
  measureTable: vi.fn(),
}));

const verdict: Verdict = {
  theorem: "R4",
  check: "P(|⟨Rx, Ry⟩ − ⟨x, y⟩| > ε‖x‖‖y‖)",
  scheme: "robe:mixer",
  backend: "cpu",
  notRejected: true,
  finding: {
    notRejected: true,
    what: "probability",
    observed: 0.1,
    predicted: 0.2,
    draws: 50,
    familyWiseErrorRate: 1e-8,
  },
  experiments: 2,
  draws: 100,
  familyWiseErrorRate: 2e-8,
};

/** The verdicts that `prove` finds. */
function finds(...verdicts: readonly Verdict[]): void {
  vi.mocked(prove).mockImplementation(async function* () {
    yield* verdicts;
  });
}

const point = { at: 1, observed: 0.5, interval: [0.4, 0.6] as const, predicted: 0.5 };
const sizes = { rows: 64, dim: 16, memory: 128, draws: 9, slope: -0.5 };
const curve = [point, { ...point, at: 2 }];
const curves: Curves = {
  ...sizes,
  scheme: "robe",
  backend: "cpu",
  tail: curve,
  byBlock: curve,
  byMemory: curve,
};

beforeEach(() => {
  finds(verdict);
  vi.mocked(curvesOf).mockResolvedValue(curves);
});
afterEach(() => vi.clearAllMocks());

const prefixed = (repeat: string) => `npx pss-dlrm prove ${repeat}`;

it("the help says which theorems there are", async () => {
  const { code, out } = await run("prove", "--help");
  expect(code).toBe(0);
  expect(out).toMatch(/one theorem: R1, R2, R3, [\s\S]* R17/);
});

describe("prove's flags", () => {
  const optionsOf = async (...flags: string[]): Promise<Omit<Settled, "families">> => {
    expect((await run("prove", ...flags)).code).toBe(0);
    const { families, ...options } = vi.mocked(prove).mock.lastCall![0] as Settled;
    expect(families).toBe(allFamilies);
    return options;
  };

  it("are all theorems and schemes, 20,000 draws, 3 instances and a new seed, where there are none", async () => {
    const { seed, ...options } = await optionsOf();
    expect(options).toEqual({ samples: 20_000, instances: 3, backends: [cpu] });
    expect(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31).toBe(true);
    const seeds = [seed, (await optionsOf()).seed, (await optionsOf()).seed];
    expect(new Set(seeds).size).toBeGreaterThan(1);
    expect(Math.max(...seeds)).toBeGreaterThan(1);
  });

  it("are 20 instances for a scheme that is named", async () =>
    expect(await optionsOf("--scheme", "full", "--seed", "5")).toEqual({
      scheme: "full",
      seed: 5,
      samples: 20_000,
      instances: 20,
      backends: [cpu],
    }));

  it("each go to the proof, and into the line that repeats it", async () => {
    const flags =
      "--theorem R4 --scheme robe:mixer --backend cpu,gpu:cpu --seed 0 --samples 50 --instances 1".split(" ");
    const { backends, ...options } = await optionsOf(...flags);
    expect(options).toEqual({ theorem: "R4", scheme: "robe:mixer", seed: 0, samples: 50, instances: 1 });
    expect(backends.map(({ name }) => name)).toEqual(["cpu", "gpu:cpu"]);
    const { out } = await run("prove", ...flags);
    expect(out).toContain(`repeat: ${prefixed(flags.join(" "))}`);
    const bare = await run("prove", "--seed", "4");
    expect(bare.out).toContain(`repeat: ${prefixed("--seed 4 --samples 20000 --instances 3")}\n`);
  });

  it.each([
    [["--theorem", "R99"], "--theorem must be one of R1, R2, "],
    [["--scheme", "best"], 'There is no scheme "best" to try; choose one of robe:mersenne61; '],
    [["--samples", "49"], "--samples"],
    [["--instances", "0"], "--instances"],
    [["--seed", "-1"], "--seed"],
    [["--trained", "--samples", "49"], "--samples"],
    [["--trained", "--theorem", "R2"], "takes only --samples and --json; leave out --theorem."],
    [["--trained", "--seed", "1"], "leave out --seed."],
    [
      ["--convergence", "--instances", "2"],
      "takes only --samples, --seed, --html and --json; leave out --instances.",
    ],
    [["--convergence", "--samples", "399"], "--samples"],
  ])("%j are refused in a sentence", async (flags, words) => {
    const { code, out, err } = await run("prove", ...flags);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
    expect(prove).not.toHaveBeenCalled();
    expect(convergenceStudy).not.toHaveBeenCalled();
    expect(measureTable).not.toHaveBeenCalled();
  });

  it("that leave no check are refused", async () => {
    finds();
    const { code, out, err } = await run("prove", "--theorem", "R12", "--scheme", "aligned");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain('No check of R12 speaks of the scheme "aligned"');
    expect((await run("prove", "--scheme", "aligned")).err).toContain("No check of any theorem speaks");
  });
});

describe("prove", () => {
  it("exits with 1 where one verdict is a refutation, and adds up all false alarms", async () => {
    const refuted = { ...verdict, notRejected: false, familyWiseErrorRate: 5e-8 };
    finds(verdict, refuted, verdict);
    const { code, out } = await run("prove", "--seed", "1", "--json");
    const repeat = prefixed("--seed 1 --samples 20000 --instances 3");
    expect(code).toBe(1);
    const found = JSON.parse(out);
    expect(found).toEqual({
      familyWiseErrorRate: found.familyWiseErrorRate,
      repeat,
      verdicts: [verdict, refuted, verdict],
    });
    expect(found.familyWiseErrorRate).toBeCloseTo(9e-8, 20);
    const said = async () => (await run("prove")).out;
    expect(await said()).toContain("2 of 3 checks not rejected. P(a run rejects something true) < 9e-8.");
    finds({ ...verdict, familyWiseErrorRate: 0 });
    expect(await said()).toContain("1 of 1 check not rejected. P(a run rejects something true) = 0.");
  });

  it("writes a page where one is asked for, with the curves of the first backend at its seed", async () => {
    const html = join(temporaryFolder(), "page.html");
    await run("prove", "--seed", "6", "--backend", "gpu:cpu,cpu", "--html", html);
    const page = readFileSync(html, "utf8");
    expect(page).toContain("1 of 1 check not rejected");
    const [backend, seed] = vi.mocked(curvesOf).mock.lastCall!;
    expect([backend.name, seed]).toEqual(["gpu:cpu", 6]);
    const {
      repeat,
      familyWiseErrorRate,
      curves: kept,
    } = JSON.parse(/id="proof">(.*)<\/script>/.exec(page)![1]!);
    expect({ repeat, familyWiseErrorRate, kept }).toEqual({
      repeat: prefixed("--backend gpu:cpu,cpu --seed 6 --samples 20000 --instances 3"),
      familyWiseErrorRate: 2e-8,
      kept: curves,
    });
    await run("prove", "--seed", "6", "--html", html);
    expect(vi.mocked(curvesOf).mock.lastCall![0]).toBe(cpu);
  });

  it("tells a terminal how far it is, on one line that it clears at the end, and nobody else", async () => {
    const { stderr } = process;
    const { isTTY, columns } = stderr;
    try {
      Object.assign(stderr, { isTTY: true, columns: 30 });
      const { err } = await run("prove");
      expect(err).toBe("\r\x1b[K1 check: R4 on robe:mixer, cp\r\x1b[K"); // 29 of 30
      expect((await run("prove", "--json")).err).toBe("");
      Object.assign(stderr, { columns: undefined });
      expect((await run("prove")).err).toBe("\r\x1b[K1 check: R4 on robe:mixer, cpu\r\x1b[K");
      Object.assign(stderr, { isTTY: false });
      expect((await run("prove")).err).toBe("");
    } finally {
      Object.assign(stderr, { isTTY, columns });
    }
  });
});

describe("prove --trained", () => {
  const seen = { measured: 0.5, predicted: 0.4, interval: [0.3, 0.6] as const, notRejected: true };
  const measured: Measured = { memory: 80, compression: 100, query: seen, subspace: seen, entry: seen };
  const table = Float64Array.of(1, 2);
  beforeEach(() => {
    vi.mocked(trainedTable).mockResolvedValue(table);
    vi.mocked(measureTable).mockResolvedValue([measured, measured]);
  });

  it("measures a table of 1000 rows of 8 in four memories, in 400 draws or as many as asked for", async () => {
    const { code, out } = await run("prove", "--trained");
    expect(code).toBe(0);
    expect(vi.mocked(trainedTable).mock.calls).toEqual([[1000, 8]]);
    const shape = { rows: 1000, dim: 8 };
    expect(vi.mocked(measureTable).mock.lastCall).toEqual([table, shape, [2000, 800, 80, 16], 400]);
    expect(out.trimEnd().split("\n").slice(3)).toEqual(
      [0, 1].map(
        () => `80      100×     ${"0.500 (0.400)".padEnd(20)}${"0.500 (0.400)".padEnd(20)}0.500 (0.400)`,
      ),
    );
    const json = await run("prove", "--trained", "--samples", "60", "--json");
    expect(vi.mocked(measureTable).mock.lastCall![3]).toBe(60);
    expect(JSON.parse(json.out)).toEqual({ ...shape, measured: [measured, measured] });
    expect(prove).not.toHaveBeenCalled();
  });

  it.each(["query", "subspace", "entry"] as const)("exits with 1 where the %s is refuted", async (name) => {
    vi.mocked(measureTable).mockResolvedValue([
      measured,
      { ...measured, [name]: { ...seen, notRejected: false } },
    ]);
    const { code, out } = await run("prove", "--trained");
    expect(code).toBe(1);
    expect(out.match(/REFUTED/g)).toHaveLength(1);
  });
});

describe("prove --convergence", () => {
  const step = { memory: 4, load: 2, largestLoad: 3, bound: 1, predicted: 2, measured: 2, notRejected: true };
  const study: ConvergenceStudy = {
    quadratic: [step, step],
    linear: [step, step],
    interference: [{ memory: 6, measured: 1, predicted: 1, interval: [0, 2], notRejected: true }],
    iterations: [{ load: 1, memory: 7, steps: [3], ratio: 1 }],
    options: usualIterations,
    seed: 0,
  };
  beforeEach(() => void vi.mocked(convergenceStudy).mockResolvedValue(study));

  it("is of seed 0, 20,000 draws and the usual iterations, or as it is told", async () => {
    const { code, out } = await run("prove", "--convergence");
    expect(code).toBe(0);
    const options = { seed: 0, draws: 20_000, iterations: usualIterations };
    expect(vi.mocked(convergenceStudy).mock.lastCall![0]).toEqual(options);
    expect(out).toContain("R16 on a quadratic");
    expect(out).toContain(`\nrepeat: ${prefixed("--convergence --seed 0 --samples 20000")}\n`);
    const json = await run(..."prove --convergence --seed 3 --samples 400 --json".split(" "));
    expect(vi.mocked(convergenceStudy).mock.lastCall![0]).toEqual({ ...options, seed: 3, draws: 400 });
    const { repeat, machine, ...kept } = JSON.parse(json.out);
    expect([repeat, kept]).toEqual([prefixed("--convergence --seed 3 --samples 400"), study]);
    expect(machine.length).toBeGreaterThan(3);
  });

  it("exits with 1 where it is not confirmed", async () => {
    vi.mocked(convergenceStudy).mockResolvedValue({ ...study, linear: [{ ...step, notRejected: false }] });
    expect((await run("prove", "--convergence")).code).toBe(1);
  });

  it("writes its page", async () => {
    const html = join(temporaryFolder(), "study.html");
    await run("prove", "--convergence", "--html", html);
    const page = readFileSync(html, "utf8");
    expect(page).toContain("What sharing does to training");
    expect(page).toContain(prefixed("--convergence --seed 0 --samples 20000"));
  });

  it("tells a terminal what it is at", async () => {
    const { stderr } = process;
    const { isTTY } = stderr;
    vi.mocked(convergenceStudy).mockImplementation(async (_, say) => {
      say!("a part");
      return study;
    });
    try {
      Object.assign(stderr, { isTTY: true });
      expect((await run("prove", "--convergence")).err).toBe("\r\x1b[Ka part\r\x1b[K");
    } finally {
      Object.assign(stderr, { isTTY });
    }
  });
});
