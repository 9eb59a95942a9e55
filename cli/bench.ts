import { backendsHere, openBackend } from "../backends/index.ts";
import type { Agreement } from "../backends/validate.ts";
import type { Backend } from "../core/backend.ts";
import { check, shown, shownWord } from "../core/errors.ts";
import { writeWhole } from "../core/file.ts";
import { choiceOption, numberOption, switchOption, textOption, wholeOption } from "../core/options.ts";
import { scorer } from "../models/dlrm/saved/scorer.ts";
import { agreementOn, bench, milliseconds, type Timing } from "./bench/bench.ts";
import { byBenchmark } from "./bench/benchmark.ts";
import type { BenchShape } from "./bench/cases.ts";
import { type BenchCase, opCases, stepCases } from "./bench/cases.ts";
import { anatomy, profile } from "./bench/profile.ts";
import { servingInWords, timeServing } from "./bench/serve.ts";
import { kaggleShape, smallShape } from "./bench/shapes.ts";
import { backendsFlag, describeAgreement, isValidating } from "./common/backend.ts";
import { machine } from "./common/machine.ts";
import { commandLine, type Flags, fileFlag, jsonFlag, verb } from "./flags.ts";

const shapes = { small: smallShape, "criteo-kaggle": kaggleShape };

const flags = {
  backend: backendsFlag("all that open here and are no software imitation of a GPU", "what is timed"),
  shape: choiceOption(Object.keys(shapes) as (keyof typeof shapes)[], {
    default: "small",
    help: "the model",
  }),
  batch: wholeOption({ from: 1, help: "rows of a step", otherwise: "the shape's" }),
  case: textOption({ help: "only cases whose name has this in it" }),
  seconds: numberOption({ above: 0, default: 0.5, help: "for each case and backend, at least 5 samples" }),
  profile: switchOption({
    help: "what a training step is made of, part by part, and how near each comes to what the machine can do; of cpu or fast",
  }),
  serve: textOption({
    form: "FILE",
    help: "a saved model of yours, DIR/model.safetensors: latency of one row, rows a second, memory, time to the first answer",
  }),
  svg: fileFlag("a picture of the table"),
  json: jsonFlag,
};

type BenchFlags = Flags<typeof flags>;

/** `pss-dlrm bench` */
export const benchVerb = verb({
  name: "bench",
  about:
    "Times the ops of one layer and one lookup, a whole train step and a prediction, on each backend in turn. Medians, quartiles, and how many times as fast as the first backend, from one run. With --serve it times a saved model of yours instead.",
  flags,
  async run(given, { texts }) {
    if (given.serve !== undefined) {
      const other = ["shape", "batch", "case", "profile", "svg"].find((name) => texts[name] !== undefined);
      check(other === undefined, () => `--serve times a saved model, and takes no --${other}.`);
      return runServe(given, given.serve);
    }
    if (given.profile) {
      const other = ["case", "seconds", "svg"].find((name) => texts[name] !== undefined);
      check(other === undefined, () => `--profile times a training step, and takes no --${other}.`);
      return runProfile(given);
    }
    const cases = casesFrom(given);
    const { svg, seconds, json } = given;
    const opened = await backendsFrom(given.backend);
    const agreements = isValidating() ? await agreementsOf(opened, cases) : undefined;
    const timings: Timing[] = [];
    for await (const timing of bench(cases, opened, byBenchmark(seconds))) {
      timings.push(timing);
      if (!json) console.log(describeTiming(timing, timings));
    }
    const report = {
      machine: machine(),
      command: commandLine(process.argv.slice(2)),
      timings,
      ...(agreements && { agreements }),
    };
    if (json) console.log(JSON.stringify(report));
    else {
      console.log(`${report.machine}; repeat with ${report.command}`);
      for (const { backend, ...agreement } of agreements ?? [])
        console.log(`${describeAgreement(agreement)} (${backend})`);
    }
    if (svg !== undefined) {
      const { chart } = await import("./bench/chart.ts"); // its plots take long to load
      await writeWhole(svg, chart(timings));
    }
    return agreements?.some(({ first }) => first) ? 1 : 0;
  },
});

/** `bench --profile`: the anatomy of a training step. */
async function runProfile(given: BenchFlags): Promise<number> {
  const [name = "fast", ...others] = given.backend ?? [];
  check(others.length === 0, () => `--profile takes one backend, not ${others.length + 1}.`);
  const backend = await openBackend(name);
  check(
    backend.peek !== undefined,
    () => `--profile times forms one by one, but ${name} works them off later; take cpu or fast.`,
  );
  const shape = shapeFrom(given);
  const limits = backend.limits?.();
  const parts = await profile(shape, backend, 10);
  const report = {
    machine: machine(),
    device: backend.device?.name ?? "this process",
    command: commandLine(process.argv.slice(2)),
    shape: `${shape.name}, batch ${shape.batch}`,
    ...(limits && { limits }),
    parts,
  };
  if (given.json) console.log(JSON.stringify(report));
  else {
    for (const line of anatomy(parts, limits)) console.log(line);
    console.log(`${report.shape}; ${report.device}; ${report.machine}; repeat with ${report.command}`);
  }
  return 0;
}

/** `bench --serve`: how fast a saved model scores. */
async function runServe({ backend: given, seconds, json }: BenchFlags, path: string): Promise<number> {
  const [name = "fast", ...others] = given ?? [];
  check(others.length === 0, () => `--serve takes one backend, not ${others.length + 1}.`);
  const load = async () => scorer(path, { backend: await openBackend(name) });
  const report = {
    machine: machine(),
    command: commandLine(process.argv.slice(2)),
    backend: name,
    ...(await timeServing(load, shownWord(path), seconds)),
  };
  if (json) console.log(JSON.stringify(report));
  else {
    for (const line of servingInWords(report)) console.log(line);
    console.log(`${name}; ${report.machine}; repeat with ${report.command}`);
  }
  return 0;
}

function shapeFrom({ shape: name, batch }: BenchFlags): BenchShape {
  const shape = shapes[name];
  return { ...shape, batch: batch ?? shape.batch };
}

/** The cases that `--shape`, `--batch` and `--case` ask for. */
function casesFrom(given: BenchFlags): BenchCase[] {
  const sized = shapeFrom(given);
  const wanted = given.case ?? "";
  const all = [...opCases(sized), ...stepCases(sized)];
  const cases = all.filter((c) => c.name.includes(wanted));
  check(
    cases.length > 0,
    () => `No case has ${shown(wanted)} in its name; there are ${all.map((c) => c.name).join(", ")}.`,
  );
  return cases;
}

/** What VALIDATE=1 asks for: every case beside the reference, in a round that is not timed. */
async function agreementsOf(opened: readonly Backend[], cases: readonly BenchCase[]) {
  const agreements: (Agreement & { backend: string })[] = [];
  for (const backend of opened)
    agreements.push({ backend: backend.name, ...(await agreementOn(backend, cases)) });
  return agreements;
}

/** The backends that `--backend` names; without it all that open here but software imitations of a GPU. */
export async function backendsFrom(
  given: readonly string[] | undefined,
  here = backendsHere,
): Promise<Backend[]> {
  if (given) return Promise.all(given.map(openBackend));
  const { opened } = await here();
  return opened.filter(({ device }) => !device?.software);
}

/** One line a backend; the case's name before the first of them. */
export function describeTiming(timing: Timing, all: readonly Timing[]): string {
  const { name, shape, backend, device, software, median, quartiles, gflops, samples } = timing;
  const first = all.find((t) => t.name === name)!;
  const line = [
    `  ${backend.padEnd(11)}`,
    `${milliseconds(median).padStart(8)} ms (${milliseconds(quartiles[0])} … ${milliseconds(quartiles[1])}, ${samples} samples)`.padEnd(
      46,
    ),
    (gflops === undefined ? "" : `${gflops.toPrecision(3)} GFLOP/s`).padEnd(14),
    first === timing ? "" : `${(first.median / median).toPrecision(3)}× ${first.backend}`.padEnd(12),
    `${device}${software ? " (software)" : ""}`,
  ].join(" ");
  return first === timing ? `${name} (${shape})\n${line}` : line;
}
