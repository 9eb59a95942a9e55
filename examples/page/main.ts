import { cpu } from "../../backends/cpu.ts";
import { type Fast, fast } from "../../backends/fast/fast.ts";
import { type Gpu, gpu } from "../../backends/gpu/gpu.ts";
import { type Mode, modes } from "../../backends/gpu/library.ts";
import { bench, medianAndQuartiles, stopwatch, type Timing } from "../../models/bench/bench.ts";
import { opCases, stepCases } from "../../models/bench/cases.ts";
import { smallShape } from "../../models/bench/shapes.ts";
import { conformOn } from "../../proofs-tests/conform/conform.ts";
import { conformance, type Finding } from "../../proofs-tests/laws/conformance.ts";
import { trainLong } from "../../proofs-tests/laws/long-run.ts";
import { prove, type Verdict } from "../../proofs-tests/theorems/prove.ts";
import { clear, fill, say } from "./view.ts";

/** What a page can run: the modes of gpu.js, and the fast CPU backend. */
type Choice = Mode | "fast";
const choices: readonly Choice[] = [...modes.filter((mode) => mode !== "headlessgl"), "fast"];

/** Opens a backend for `work`, and gives back everything after it. */
async function on<Result>(choice: Choice, work: (backend: Gpu | Fast) => Promise<Result>): Promise<Result> {
  const backend = choice === "fast" ? await fast() : await gpu({ mode: choice });
  try {
    return await work(backend);
  } finally {
    await backend.destroy();
  }
}

/** What the form does, and what the tests call: the same functions. */
const page = {
  choices,

  /** Every law on a mode. */
  verify: (mode: Choice, options: { runs: number; seed: number }, each: (f: Finding) => void = () => {}) =>
    on(mode, async (backend) => {
      const findings: Finding[] = [];
      for await (const finding of conformance(backend, options)) {
        findings.push(finding);
        each(finding);
      }
      return { name: backend.name, device: backend.device.name, findings, arrays: backend.statistics.arrays };
    }),

  /** Statements of the theory, with R read off a mode. */
  prove: (
    mode: Choice,
    options: { statement?: string; samples: number; worlds: number; seed: number },
    each: (verdict: Verdict) => void = () => {},
  ) =>
    on(mode, async (backend) => {
      const verdicts: Verdict[] = [];
      for await (const verdict of prove({ ...options, backends: [backend] })) {
        verdicts.push(verdict);
        each(verdict);
      }
      return verdicts;
    }),

  /** A golden file's training run on a mode: the comparisons that this mode made, and the largest share of what is allowed. */
  golden: (mode: Choice, json: unknown) => on(mode, (backend) => conformOn(json, backend)),

  /** Many training steps on a mode: arrays held after each of them. */
  long: (mode: Choice, steps: number) => on(mode, (backend) => trainLong(backend, steps)),

  /** Timings of a mode beside the reference. */
  time: (mode: Choice, seconds: number, each: (timing: Timing) => void = () => {}) =>
    on(mode, async (backend) => {
      const timings: Timing[] = [];
      const cases = [...opCases(smallShape), ...stepCases(smallShape)];
      for await (const timing of bench(cases, [cpu, backend], stopwatch(seconds))) {
        timings.push(timing);
        each(timing);
      }
      return timings;
    }),
};

export type Page = typeof page;
(globalThis as { pssDlrm?: Page }).pssDlrm = page;

const form = document.querySelector<HTMLFormElement>("#form")!;
const modeField = document.querySelector<HTMLSelectElement>("#mode")!;
for (const choice of choices) modeField.add(new Option(choice));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const number = (id: string) => document.querySelector<HTMLInputElement>(id)!.valueAsNumber;
  const mode = modeField.value as Choice;
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  const wanted = (event.submitter as HTMLButtonElement | null)?.value;
  const options = { runs: number("#runs"), seed: number("#seed") };
  const work =
    wanted === "time"
      ? showTimes(mode)
      : wanted === "prove"
        ? showVerdicts(mode, options)
        : showLaws(mode, options);
  void work
    .catch((error: Error) => say(error.message, true))
    .finally(() => {
      for (const button of buttons) button.disabled = false;
    });
});

async function showLaws(mode: Choice, options: { runs: number; seed: number }): Promise<void> {
  clear();
  let done = 0;
  const { name, device, findings } = await page.verify(mode, options, ({ law, subject }) =>
    say(`${++done} checked: ${subject} ${law}`),
  );
  const failed = findings.filter(({ failure }) => failure !== undefined);
  const skipped = findings.filter(({ skip }) => skip !== undefined);
  say(
    `${name} (${device}): ${findings.length - failed.length - skipped.length} hold, ${failed.length} fail, ${skipped.length} say nothing. Seed ${options.seed}.`,
    failed.length > 0,
  );
  const laws = [...new Set(findings.map(({ law }) => law))];
  fill(
    ["law", "subjects", "worst fraction of its bound"],
    laws.map((law) => {
      const own = findings.filter((f) => f.law === law && f.skip === undefined);
      const measured = own.flatMap(({ worst }) => (worst === undefined ? [] : [worst]));
      return [law, String(own.length), measured.length ? Math.max(...measured).toFixed(3) : "–"];
    }),
    failed.map(({ law, subject, failure }) => `${subject} ${law}: ${failure}`),
  );
}

/** Statements about the map itself: it is the mode that reads it and adds into it. */
async function showVerdicts(mode: Choice, { runs, seed }: { runs: number; seed: number }): Promise<void> {
  clear();
  const verdicts: Verdict[] = [];
  for (const statement of ["R1", "R2", "R14"]) {
    const options = { statement, samples: 100 * runs, worlds: 2, seed };
    const own = await page.prove(mode, options, ({ scheme }) => say(`${statement} on ${scheme} …`));
    verdicts.push(...own);
  }
  const refuted = verdicts.filter(({ holds }) => !holds);
  say(
    `${mode}: ${verdicts.length - refuted.length} verdicts hold, ${refuted.length} refuted. Seed ${seed}.`,
    refuted.length > 0,
  );
  fill(
    ["statement, scheme", "observed", "predicted"],
    verdicts.map(({ statement, check, scheme, finding: { what, observed, predicted } }) => [
      `${statement} ${check}, ${scheme}`,
      `${what} ${Number(observed.toPrecision(4))}`,
      String(Number(predicted.toPrecision(4))),
    ]),
    refuted.map(
      ({ statement, check, scheme, witness }) =>
        `${statement} ${check}, ${scheme}: ${JSON.stringify(witness)}`,
    ),
  );
}

async function showTimes(mode: Choice): Promise<void> {
  clear();
  const timings = await page.time(mode, 0.3, ({ name, backend }) => say(`${name} on ${backend} …`));
  const { device, software } = timings.find(({ backend }) => backend !== cpu.name)!;
  const imitation = software ? ", a software driver, which says nothing about GPUs" : "";
  say(
    `${mode} (${device}${imitation}) beside the reference; medians of at least five rounds, with quartiles.`,
  );
  const rows = timings.flatMap((t) => {
    if (t.backend === cpu.name) return [];
    const reference = timings.find((r) => r.backend === cpu.name && r.name === t.name)!;
    const speed = `${(reference.median / t.median).toPrecision(3)}×`;
    return [[`${t.name}, ${t.shape}`, medianAndQuartiles(t), medianAndQuartiles(reference), speed]];
  });
  fill(["what", `${mode}, ms`, "reference, ms", "speed"], rows, []);
}
