import { cpu } from "../../backends/cpu/index.ts";
import { devices } from "../../backends/index.ts";
import { bench, medianAndQuartiles, stopwatch, type Timing } from "../../cli/bench/bench.ts";
import { opCases, stepCases } from "../../cli/bench/cases.ts";
import { smallShape } from "../../cli/bench/shapes.ts";
import type { DeviceBackend } from "../../core/backend.ts";
import { short } from "../../core/numeric/number.ts";
import { prove, type Verdict } from "../../proofs-tests/experiments/prove/prove.ts";
import { conformOn } from "../../proofs-tests/golden/check.ts";
import { trainLong } from "../../proofs-tests/laws/long-run.ts";
import { type Finding, failureInWords, verify } from "../../proofs-tests/laws/verify.ts";
import { clear, fill, say } from "./view.ts";

/** What a page can run; headless GL is for Node. */
const choices = devices.filter(({ name }) => name !== "gpu:headlessgl");

/** Opens a backend by its name for `work`, and gives back everything after it. */
async function on<Result>(name: string, work: (backend: DeviceBackend) => Promise<Result>): Promise<Result> {
  const backend = await choices.find((choice) => choice.name === name)!.open();
  try {
    return await work(backend);
  } finally {
    await backend.destroy();
  }
}

/** What the form does, and what the tests call: the same functions. */
const page = {
  /** Every law on a backend. */
  verify: (
    choice: string,
    options: { examples: number; seed: number; definitions?: boolean },
    each: (f: Finding) => void = () => {},
  ) =>
    on(choice, async (backend) => {
      const findings: Finding[] = [];
      for await (const finding of verify({ backends: [backend], ...options })) {
        findings.push(finding);
        each(finding);
      }
      return { name: backend.name, device: backend.device.name, findings, arrays: backend.statistics.arrays };
    }),

  /** Theorems of the theory, with R read off a backend. */
  prove: (
    choice: string,
    options: { theorem?: string; samples: number; instances: number; seed: number },
    each: (verdict: Verdict) => void = () => {},
  ) =>
    on(choice, async (backend) => {
      const verdicts: Verdict[] = [];
      for await (const verdict of prove({ ...options, backends: [backend] })) {
        verdicts.push(verdict);
        each(verdict);
      }
      return verdicts;
    }),

  /** A golden file's training run on a backend: the comparisons that this backend made, and the largest share of what is allowed. */
  golden: (choice: string, json: unknown) => on(choice, (backend) => conformOn(json, backend)),

  /** Many training steps on a backend: arrays held after each of them. */
  long: (choice: string, steps: number) => on(choice, (backend) => trainLong(backend, steps)),

  /** Timings of a backend beside the reference. */
  time: (choice: string, seconds: number, each: (timing: Timing) => void = () => {}) =>
    on(choice, async (backend) => {
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
const choiceField = document.querySelector<HTMLSelectElement>("#backend")!;
for (const { name } of choices) choiceField.add(new Option(name));
choiceField.value = "gpu:webgpu"; // whoever opens a page has come for the GPU

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const number = (id: string) => document.querySelector<HTMLInputElement>(id)!.valueAsNumber;
  const choice = choiceField.value;
  const buttons = form.querySelectorAll("button");
  for (const button of buttons) button.disabled = true;
  const wanted = (event.submitter as HTMLButtonElement | null)?.value;
  const options = { examples: number("#runs"), seed: number("#seed") };
  const work =
    wanted === "time"
      ? showTimes(choice)
      : wanted === "prove"
        ? showVerdicts(choice, options)
        : showLaws(choice, options);
  void work
    .catch((error: Error) => say(error.message, true))
    .finally(() => {
      for (const button of buttons) button.disabled = false;
    });
});

async function showLaws(choice: string, options: { examples: number; seed: number }): Promise<void> {
  clear();
  let done = 0;
  const { name, device, findings } = await page.verify(choice, options, ({ law, subject }) =>
    say(`${++done} checked: ${subject} ${law}`),
  );
  const failed = findings.filter(({ failure }) => failure !== undefined);
  const skipped = findings.filter(({ skip }) => skip !== undefined);
  say(
    `${name} (${device}): ${findings.length - failed.length - skipped.length} kept, ${failed.length} broken, ${skipped.length} say nothing. Seed ${options.seed}.`,
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
    failed.map(failureInWords),
  );
}

/** Theorems about the map itself: it is the backend that reads it and adds into it. */
async function showVerdicts(
  choice: string,
  { examples, seed }: { examples: number; seed: number },
): Promise<void> {
  clear();
  const verdicts: Verdict[] = [];
  for (const theorem of ["R1", "R2", "R14"]) {
    const options = { theorem, samples: 100 * examples, instances: 2, seed };
    const own = await page.prove(choice, options, ({ scheme }) => say(`${theorem} on ${scheme} …`));
    verdicts.push(...own);
  }
  const refuted = verdicts.filter(({ notRejected }) => !notRejected);
  say(
    `${choice}: ${verdicts.length - refuted.length} checks not rejected, ${refuted.length} refuted. Seed ${seed}.`,
    refuted.length > 0,
  );
  fill(
    ["theorem, scheme", "observed", "predicted"],
    verdicts.map(({ theorem, check, scheme, finding: { what, observed, predicted } }) => [
      `${theorem} ${check}, ${scheme}`,
      `${what} ${short(observed)}`,
      short(predicted),
    ]),
    refuted.map(
      ({ theorem, check, scheme, witness }) => `${theorem} ${check}, ${scheme}: ${JSON.stringify(witness)}`,
    ),
  );
}

async function showTimes(choice: string): Promise<void> {
  clear();
  const timings = await page.time(choice, 0.2, ({ name, backend }) => say(`${name} on ${backend} …`));
  const { device, software } = timings.find(({ backend }) => backend !== cpu.name)!;
  const imitation = software ? ", a software driver, which says nothing about GPUs" : "";
  say(
    `${choice} (${device}${imitation}) beside the reference; medians of at least five rounds, with quartiles.`,
  );
  const rows = timings.flatMap((t) => {
    if (t.backend === cpu.name) return [];
    const reference = timings.find((r) => r.backend === cpu.name && r.name === t.name)!;
    const speed = `${(reference.median / t.median).toPrecision(3)}×`;
    return [[`${t.name}, ${t.shape}`, medianAndQuartiles(t), medianAndQuartiles(reference), speed]];
  });
  fill(["what", `${choice}, ms`, "reference, ms", "speed"], rows, []);
}
