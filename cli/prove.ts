import { cpu } from "../backends/cpu/index.ts";
import { openBackend } from "../backends/index.ts";
import { check, shown } from "../core/errors.ts";
import { writeWhole } from "../core/file.ts";
import { counted, roundedUp } from "../core/format.ts";
import { short } from "../core/numeric/number.ts";
import { choiceOption, switchOption, textOption, wholeOption } from "../core/options.ts";
import { usualIterations } from "../proofs-tests/experiments/convergence/iterations.ts";
import {
  convergenceStudy,
  describeConvergence,
  isConfirmed,
} from "../proofs-tests/experiments/convergence/study.ts";
import { curvesOf } from "../proofs-tests/experiments/prove/curves.ts";
import type { SketchFamily } from "../proofs-tests/experiments/prove/families.ts";
import {
  allFamilies,
  prove,
  type Settled,
  settled,
  type Verdict,
} from "../proofs-tests/experiments/prove/prove.ts";
import { type Measured, measureTable, trainedTable } from "../proofs-tests/experiments/prove/trained.ts";
import { theorems } from "../theory/index.ts";
import type { Check } from "../theory/theorem.ts";
import { backendsFlag } from "./common/backend.ts";
import { machine } from "./common/machine.ts";
import { commandLine, type Flags, fileFlag, jsonFlag, type Texts, verb } from "./flags.ts";
import { passingLine } from "./progress.ts";
import { schemeIn } from "./prove/own-scheme.ts";

const flags = {
  theorem: choiceOption(
    theorems.map(({ id }) => id),
    { help: "one theorem", otherwise: "all" },
  ),
  scheme: textOption({
    form: "NAME|FILE",
    help: "only this scheme; or your own, the default export of a module",
    otherwise: "every one that has the hypotheses",
  }),
  backend: backendsFlag("cpu", "who looks up; R is read off each of them"),
  seed: wholeOption({ from: 0, help: "the same seed draws the same again", otherwise: "a new one" }),
  samples: wholeOption({
    from: 50,
    help: "draws of the hashes for each experiment; means and variances take at least 4000",
    otherwise: "20000; 400 with --trained",
  }),
  instances: wholeOption({
    from: 1,
    help: "for each check and scheme",
    otherwise: "3; 20 for a named scheme",
  }),
  trained: switchOption({
    help: "instead: trains a full table, sketches it at several sizes, and compares with what R2, R6 and R7 predict",
  }),
  convergence: switchOption({
    help: "instead: the stable step and the interference that R16 and R17 predict, and how many steps a DLRM takes, load by load",
  }),
  html: fileFlag("a page with every verdict and pictures of the errors"),
  json: jsonFlag,
};

type ProveFlags = Flags<typeof flags>;

/** `pss-dlrm prove`, of these schemes by name. */
export const proveVerbOf = (families: readonly SketchFamily[]) =>
  verb({
    name: "prove",
    about:
      "Draws small instances (sizes, adversarial vectors) and fresh hash functions, and holds what it sees against each theorem: exact moments, probabilities, identities. Exit code 1 if any is refuted, with the smallest instance found.",
    flags,
    async run(given, { texts }) {
      if (given.trained) {
        allow(texts, "trained", ["samples"]);
        return proveTrained(given);
      }
      if (given.convergence) {
        allow(texts, "convergence", ["samples", "seed", "html"]);
        return studyConvergence(given);
      }
      const { html, json } = given;
      const options = await optionsFrom(given, families);
      const verdicts: Verdict[] = [];
      const line = passingLine(json ?? false);
      for await (const verdict of prove(options)) {
        verdicts.push(verdict);
        line.show(
          `${counted(verdicts.length, "check")}: ${verdict.theorem} on ${verdict.scheme}, ${verdict.backend}`,
        );
      }
      line.end();
      check(
        verdicts.length > 0,
        () =>
          `No check of ${options.theorem ?? "any theorem"} speaks of the scheme "${options.scheme}": it lacks their hypotheses, or they speak of no scheme.`,
      );
      const familyWiseErrorRate = verdicts.reduce((sum, v) => sum + v.familyWiseErrorRate, 0);
      const repeat = commandLine(["prove", ...repeated(given, options)]);
      if (json) console.log(JSON.stringify({ familyWiseErrorRate, repeat, verdicts }));
      else console.log(describeVerdicts(verdicts, familyWiseErrorRate, repeat));
      if (html !== undefined) {
        const { reportOf } = await import("./report/prove.ts"); // its plots take long to load
        const curves = await curvesOf(options.backends[0]!, options.seed);
        await writeWhole(
          html,
          reportOf({ verdicts, familyWiseErrorRate, repeat, curves, machine: machine() }),
        );
      }
      return verdicts.every(({ notRejected }) => notRejected) ? 0 : 1;
    },
  });

/** `pss-dlrm prove` */
export const proveVerb = proveVerbOf(allFamilies);

/** Throws an InputError where a study of its own was given a flag that it does not take. */
function allow(texts: Texts, study: string, allowed: readonly string[]): void {
  const extra = Object.keys(texts).find((name) => ![study, "json", ...allowed].includes(name));
  check(
    extra === undefined,
    () =>
      `prove --${study} takes only ${allowed.map((name) => `--${name}`).join(", ")} and --json; leave out --${extra}.`,
  );
}

/** A trained table's own numbers: no random vectors. */
async function proveTrained({ samples = 400, json }: ProveFlags): Promise<number> {
  const shape = { rows: 1000, dim: 8 };
  const table = await trainedTable(shape.rows, shape.dim);
  const measured = await measureTable(table, shape, [2000, 800, 80, 16], samples);
  const all = measured.flatMap(({ query, subspace, entry }) => [query, subspace, entry]);
  if (json) console.log(JSON.stringify({ ...shape, measured }));
  else console.log(describeTrained(measured));
  return all.every(({ notRejected }) => notRejected) ? 0 : 1;
}

/** Minutes: models are trained at several loads. */
async function studyConvergence({
  html,
  seed = 0,
  samples: draws = 20_000,
  json,
}: ProveFlags): Promise<number> {
  check(
    draws >= 400,
    () => `--samples must be a whole number from 400 up with --convergence, but it is ${draws}.`,
  );
  const options = { seed, draws, iterations: usualIterations };
  const passing = passingLine(json ?? false);
  const study = await convergenceStudy(options, passing.show);
  passing.end();
  const repeat = commandLine(["prove", "--convergence", "--seed", String(seed), "--samples", String(draws)]);
  if (json) console.log(JSON.stringify({ ...study, repeat, machine: machine() }));
  else console.log(`${describeConvergence(study)}\nrepeat: ${repeat}`);
  if (html !== undefined) {
    const { convergenceReport } = await import("./report/convergence.ts"); // its plots take long to load
    await writeWhole(html, convergenceReport(study, { repeat, machine: machine() }));
  }
  return isConfirmed(study) ? 0 : 1;
}

export function describeTrained(measured: readonly Measured[]): string {
  const cell = ({ measured, predicted, notRejected }: Measured["entry"]) =>
    `${measured.toPrecision(3)} (${predicted.toPrecision(3)})${notRejected ? "" : " REFUTED"}`.padEnd(20);
  return [
    "The embedding table of a trained DLRM, 1,000 rows of 8, sketched by robe with fresh hashes.",
    "Root mean square error, measured (predicted):",
    `slots   smaller  ${"query / ‖x‖‖θ‖".padEnd(20)}${"subspace, 8 columns".padEnd(20)}heaviest entry / itself`,
    ...measured.map(({ memory, compression, query, subspace, entry }) =>
      `${String(memory).padEnd(8)}${`${compression}×`.padEnd(9)}${cell(query)}${cell(subspace)}${cell(entry)}`.trimEnd(),
    ),
  ].join("\n");
}

async function optionsFrom(given: ProveFlags, families: readonly SketchFamily[]): Promise<Settled> {
  const { theorem, scheme, backend, seed, samples, instances } = given;
  const isFile = /[\\/.]/.test(scheme ?? "");
  const schemes = families.map(({ name }) => name);
  check(
    scheme === undefined || isFile || schemes.includes(scheme),
    () =>
      `There is no scheme ${shown(scheme)} to try; choose one of ${schemes.join("; ")}, or give the path of a file with your own, ./mine.js.`,
  );
  return settled({
    families,
    ...(theorem !== undefined && { theorem }),
    ...(scheme !== undefined && { scheme: isFile ? await schemeIn(scheme) : scheme }),
    ...(backend !== undefined && { backends: await Promise.all(backend.map(openBackend)) }),
    ...(seed !== undefined && { seed }),
    ...(samples !== undefined && { samples }),
    ...(instances !== undefined && { instances }),
  });
}

const repeated = (
  { theorem, scheme, backend }: ProveFlags,
  { seed, samples, instances }: Settled,
): string[] => [
  ...(theorem === undefined ? [] : ["--theorem", theorem]),
  ...(scheme === undefined ? [] : ["--scheme", scheme]),
  ...(backend === undefined ? [] : ["--backend", backend.join(",")]),
  "--seed",
  String(seed),
  "--samples",
  String(samples),
  "--instances",
  String(instances),
];

export function describeVerdicts(
  verdicts: readonly Verdict[],
  familyWiseErrorRate: number,
  repeat: string,
): string {
  const lines = theorems.flatMap(({ id, name, says, checks }) => {
    const parts = checks.flatMap((check) => {
      const own = verdicts.filter((v) => v.theorem === id && v.check === check.name);
      return own.length === 0 ? [] : [`  ${check.name}${supposing(check)}`, ...own.map(lineOf)];
    });
    return parts.length === 0 ? [] : [`${id} ${name}: ${says}`, ...parts];
  });
  const refuted = verdicts.filter(({ notRejected }) => !notRejected);
  return [
    ...lines,
    "",
    `${verdicts.length - refuted.length} of ${counted(verdicts.length, "check")} not rejected. P(a run rejects something true) ${familyWiseErrorRate === 0 ? "= 0" : `< ${roundedUp(familyWiseErrorRate)}`}.`,
    `repeat: ${repeat}`,
  ].join("\n");
}

/** The hypotheses that a scheme must have for a check to speak of it. */
const supposing = ({ needs = [] }: Check): string => (needs.length === 0 ? "" : ` (if ${needs.join(", ")})`);

function lineOf({ notRejected, scheme, backend, finding, witness }: Verdict): string {
  const { what, observed, predicted, interval } = finding;
  const range = interval ? ` (${interval.map((x) => short(x)).join(" … ")})` : "";
  const seen = `${what} ${short(observed)}${range}, predicted ${short(predicted)}`;
  const where = backend === cpu.name ? "" : ` on ${backend}`;
  const found = witness ? `\n            in ${JSON.stringify(witness)}` : "";
  return `    ${notRejected ? "not rejected" : "REFUTED     "} ${scheme}${where}: ${seen}${found}`;
}
