import { cpu } from "../backends/cpu/index.ts";
import { openBackend } from "../backends/index.ts";
import { require } from "../core/errors.ts";
import { writeWhole } from "../core/file.ts";
import { roundedUp } from "../core/format.ts";
import { short } from "../core/numeric/number.ts";
import { usualIterations } from "../proofs-tests/experiments/convergence/iterations.ts";
import {
  convergenceStudy,
  describeConvergence,
  isConfirmed,
} from "../proofs-tests/experiments/convergence/study.ts";
import { curvesOf } from "../proofs-tests/experiments/prove/curves.ts";
import {
  allFamilies,
  type ProveOptions,
  prove,
  type Verdict,
} from "../proofs-tests/experiments/prove/prove.ts";
import { type Measured, measureTable, trainedTable } from "../proofs-tests/experiments/prove/trained.ts";
import { statements } from "../theory/index.ts";
import type { Check } from "../theory/theorem.ts";
import { backendNames } from "./backend.ts";
import { commandLine, type Flags, names, text, type Verb, whole, writable } from "./flags.ts";
import { machine } from "./machine.ts";

/** `pss-dlrm prove` */
export const proveVerb: Verb = {
  name: "prove",
  summary: "try to refute every statement of the theory here",
  options: {
    statement: { type: "string" },
    scheme: { type: "string" },
    backend: { type: "string" },
    seed: { type: "string" },
    samples: { type: "string" },
    worlds: { type: "string" },
    trained: { type: "boolean" },
    convergence: { type: "boolean" },
    html: { type: "string" },
  },
  help: `pss-dlrm prove [flags]

  Draws small worlds (sizes, adversarial vectors) and fresh hash functions, and
  holds what it sees against each statement: exact moments, probabilities,
  identities. Exit code 1 if any is refuted, with the smallest world found.

  --statement R7  one statement; default: all of ${statements[0]!.id} … ${statements.at(-1)!.id}
  --scheme NAME   only this scheme; those that start with "broken:" lack what
                  they claim, and must be refuted
  --backend A,B   who looks up: ${backendNames};
                  default: cpu. R is read off each of them
  --seed N        default: a new one; the same seed draws the same again
  --samples 20000 draws of the hashes for each experiment; means and
                  variances take at least 4000
  --worlds 3      worlds for each check and scheme; 20 for a named scheme
  --trained       instead: train a full table, sketch it at several sizes, and
                  compare with what R2, R6 and R7 predict
  --convergence   instead: the stable step and the interference that R16 and R17
                  predict, and how many steps a DLRM takes, load by load
  --html FILE     a page with every verdict and pictures of the errors
  --json          one JSON object`,
  async run(flags) {
    if (flags.trained) return proveTrained(allowing(flags, "trained", ["samples"]));
    if (flags.convergence)
      return studyConvergence(allowing(flags, "convergence", ["samples", "seed", "html"]));
    const html = writable(flags, "html");
    const options = await optionsFrom(flags);
    const verdicts: Verdict[] = [];
    for await (const verdict of prove(options)) {
      verdicts.push(verdict);
      progress(
        flags,
        `${verdicts.length} verdicts: ${verdict.statement} on ${verdict.scheme}, ${verdict.backend}`,
      );
    }
    progress(flags, "");
    require(verdicts.length > 0, () =>
      `No check of ${options.statement ?? "any statement"} speaks of the scheme "${options.scheme}": it lacks their hypotheses, or they speak of no scheme.`);
    const falseAlarm = verdicts.reduce((sum, v) => sum + v.falseAlarm, 0);
    const repeat = commandLine(["prove", ...repeated(options)]);
    if (flags.json) console.log(JSON.stringify({ falseAlarm, repeat, verdicts }));
    else console.log(describeVerdicts(verdicts, falseAlarm, repeat));
    if (html !== undefined) {
      const { reportOf } = await import("./report/prove.ts"); // its plots take long to load
      const curves = await curvesOf(options.backends?.[0] ?? cpu, options.seed);
      await writeWhole(html, reportOf({ verdicts, falseAlarm, repeat, curves, machine: machine() }));
    }
    return verdicts.every(({ holds }) => holds) ? 0 : 1;
  },
};

/** `flags`, if a study of its own takes all of them. */
function allowing(flags: Flags, study: string, allowed: readonly string[]): Flags {
  const extra = Object.keys(flags).find((name) => ![study, "json", ...allowed].includes(name));
  require(extra === undefined, () =>
    `prove --${study} takes only ${allowed.map((name) => `--${name}`).join(", ")} and --json; leave out --${extra}.`);
  return flags;
}

/** A trained table's own numbers: no random vectors. */
async function proveTrained(flags: Flags): Promise<number> {
  const shape = { rows: 1000, dim: 8 };
  const table = await trainedTable(shape.rows, shape.dim);
  const measured = await measureTable(table, shape, [2000, 800, 80, 16], whole(flags, "samples", 50) ?? 400);
  const all = measured.flatMap(({ readOut, spectrum, entry }) => [readOut, spectrum, entry]);
  if (flags.json) console.log(JSON.stringify({ ...shape, measured }));
  else console.log(describeTrained(measured));
  return all.every(({ holds }) => holds) ? 0 : 1;
}

/** Minutes: models are trained at several loads. */
async function studyConvergence(flags: Flags): Promise<number> {
  const html = writable(flags, "html");
  const seed = whole(flags, "seed", 0) ?? 0;
  const draws = whole(flags, "samples", 400) ?? 20_000;
  const options = { seed, draws, iterations: usualIterations };
  const study = await convergenceStudy(options, (line) => progress(flags, line));
  progress(flags, "");
  const repeat = commandLine(["prove", "--convergence", "--seed", String(seed), "--samples", String(draws)]);
  if (flags.json) console.log(JSON.stringify({ ...study, repeat, machine: machine() }));
  else console.log(`${describeConvergence(study)}\nrepeat: ${repeat}`);
  if (html !== undefined) {
    const { convergenceReport } = await import("./report/convergence.ts"); // its plots take long to load
    await writeWhole(html, convergenceReport(study, { repeat, machine: machine() }));
  }
  return isConfirmed(study) ? 0 : 1;
}

export function describeTrained(measured: readonly Measured[]): string {
  const cell = ({ measured, predicted, holds }: Measured["entry"]) =>
    `${measured.toPrecision(3)} (${predicted.toPrecision(3)})${holds ? "" : " REFUTED"}`.padEnd(20);
  return [
    "The embedding table of a trained DLRM, 1,000 rows of 8, sketched by robe with fresh hashes.",
    "Root mean square error, measured (predicted):",
    `slots   smaller  ${"read-out / ‖x‖‖θ‖".padEnd(20)}${"spectrum, 8 columns".padEnd(20)}heaviest entry / itself`,
    ...measured.map(({ memory, compression, readOut, spectrum, entry }) =>
      `${String(memory).padEnd(8)}${`${compression}×`.padEnd(9)}${cell(readOut)}${cell(spectrum)}${cell(entry)}`.trimEnd(),
    ),
  ].join("\n");
}

async function optionsFrom(flags: Flags): Promise<ProveOptions> {
  const [statement, scheme] = [text(flags, "statement"), text(flags, "scheme")];
  const ids = statements.map(({ id }) => id);
  require(statement === undefined || ids.includes(statement), () =>
    `There is no statement "${statement}"; choose one of ${ids.join(", ")}.`);
  const schemes = allFamilies.map(({ name }) => name);
  require(scheme === undefined || schemes.includes(scheme), () =>
    `There is no scheme "${scheme}" to try; choose one of ${schemes.join("; ")}.`);
  const backends = names(flags, "backend");
  return {
    ...(statement !== undefined && { statement }),
    ...(scheme !== undefined && { scheme }),
    ...(backends.length > 0 && { backends: await Promise.all(backends.map(openBackend)) }),
    seed: whole(flags, "seed", 0) ?? Math.floor(Math.random() * 2 ** 31),
    samples: whole(flags, "samples", 50) ?? 20_000,
    worlds: whole(flags, "worlds", 1) ?? (scheme === undefined ? 3 : 20),
  };
}

const repeated = ({ statement, scheme, backends, seed, samples, worlds }: ProveOptions): string[] => [
  ...(statement === undefined ? [] : ["--statement", statement]),
  ...(scheme === undefined ? [] : ["--scheme", scheme]),
  ...(backends === undefined ? [] : ["--backend", backends.map(({ name }) => name).join(",")]),
  "--seed",
  String(seed),
  "--samples",
  String(samples),
  "--worlds",
  String(worlds),
];

function progress(flags: Flags, line: string): void {
  const { stderr } = process;
  if (!flags.json && stderr.isTTY) stderr.write(`\r\x1b[K${line.slice(0, (stderr.columns || 80) - 1)}`);
}

export function describeVerdicts(verdicts: readonly Verdict[], falseAlarm: number, repeat: string): string {
  const lines = statements.flatMap(({ id, name, says, checks }) => {
    const parts = checks.flatMap((check) => {
      const own = verdicts.filter((v) => v.statement === id && v.check === check.name);
      return own.length === 0 ? [] : [`  ${check.name}${supposing(check)}`, ...own.map(lineOf)];
    });
    return parts.length === 0 ? [] : [`${id} ${name}: ${says}`, ...parts];
  });
  const refuted = verdicts.filter(({ holds }) => !holds);
  return [
    ...lines,
    "",
    `${verdicts.length - refuted.length} of ${verdicts.length} verdicts hold. P(a run rejects something true) < ${roundedUp(falseAlarm)}.`,
    `repeat: ${repeat}`,
  ].join("\n");
}

/** The hypotheses that a scheme must have for a check to speak of it. */
const supposing = ({ needs = [] }: Check): string => (needs.length === 0 ? "" : ` (if ${needs.join(", ")})`);

function lineOf({ holds, scheme, backend, finding, witness }: Verdict): string {
  const { what, observed, predicted, interval } = finding;
  const range = interval ? ` (${interval.map((x) => short(x)).join(" … ")})` : "";
  const seen = `${what} ${short(observed)}${range}, predicted ${short(predicted)}`;
  const where = backend === cpu.name ? "" : ` on ${backend}`;
  const found = witness ? `\n            in ${JSON.stringify(witness)}` : "";
  return `    ${holds ? "holds  " : "REFUTED"} ${scheme}${where}: ${seen}${found}`;
}
