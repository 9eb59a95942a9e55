import { openBackend } from "../backends/index.ts";
import { counted } from "../core/format.ts";
import { drawnSeed } from "../core/numeric/random.ts";
import { textOption, wholeOption } from "../core/options.ts";
import { type Comparison, passes } from "../proofs-tests/golden/check.ts";
import { conform, shippedFiles } from "../proofs-tests/golden/file.ts";
import { WorstTable } from "../proofs-tests/laws/table.ts";
import { type Finding, failureInWords, skipsInWords, verify } from "../proofs-tests/laws/verify.ts";
import { backendsFlag } from "./common/backend.ts";
import { commandLine, jsonFlag, verb } from "./flags.ts";
import { passingLine } from "./progress.ts";

/** Arrays of one golden file that one backend, or a definition in doubles, was held to. */
interface GoldenFinding {
  readonly file: string;
  readonly by: string;
  readonly comparisons: number;
  readonly failed: readonly Comparison[];
}

const usual = { backend: ["cpu", "fast"], examples: 25 } as const;

/** `pss-dlrm verify` */
export const verifyVerb = verb({
  name: "verify",
  about:
    "Holds every op, embedding, optimizer and backend of this package to every law, on random examples, and recomputes the golden files of outside programs. Exit code 1 if a law is broken, with the smallest example found.",
  flags: {
    backend: backendsFlag(usual.backend.join(), "what is held to the laws"),
    examples: wholeOption({
      from: 1,
      to: 100_000,
      form: "N",
      otherwise: `${usual.examples}`,
      help: "random examples of each law and subject",
    }),
    seed: wholeOption({ from: 0, help: "the same seed draws the same again", otherwise: "a new one" }),
    only: textOption({ form: "TEXT", help: "a subject, or part of a law; leaves out the golden files" }),
    json: jsonFlag,
  },
  async run({ backend: names = usual.backend, examples = usual.examples, seed = drawnSeed(), only, json }) {
    const backends = await Promise.all(names.map(openBackend));
    const line = passingLine(json ?? false);
    const findings: Finding[] = [];
    for await (const finding of verify({ backends, examples, seed, ...(only !== undefined && { only }) })) {
      findings.push(finding);
      line.show(
        `${counted(findings.length, "law and subject", "laws and subjects")}: ${finding.subject} on ${finding.backend}`,
      );
    }
    const golden: GoldenFinding[] = [];
    for (const file of only === undefined ? await shippedFiles() : []) {
      line.show(`golden files: ${file}`);
      golden.push(...byBackend(file, await conform(file, backends)));
    }
    line.end();
    const repeat = commandLine([
      ...["verify", "--backend", names.join(), "--examples", `${examples}`, "--seed", `${seed}`],
      ...(only === undefined ? [] : ["--only", only]),
    ]);
    if (json) console.log(JSON.stringify({ probabilityOfFalseRejection: 0, repeat, findings, golden }));
    else console.log(inWords(findings, golden, repeat));
    const isBroken =
      findings.some(({ failure }) => failure) || golden.some(({ failed }) => failed.length > 0);
    return isBroken ? 1 : 0;
  },
});

const byBackend = (file: string, comparisons: readonly Comparison[]): GoldenFinding[] =>
  [...new Set(comparisons.map(({ by }) => by))].map((by) => {
    const own = comparisons.filter((comparison) => comparison.by === by);
    return { file, by, comparisons: own.length, failed: own.filter((comparison) => !passes(comparison)) };
  });

/** What was found, for people: a table, what laws are silent about, what is broken. */
export function inWords(
  findings: readonly Finding[],
  golden: readonly GoldenFinding[],
  repeat: string,
): string {
  const table = new WorstTable();
  for (const { law, backend, worst, failure } of findings)
    if (worst !== undefined) table.note(law, backend, failure ? Infinity : worst);
  const tried = findings.filter(({ skip }) => skip === undefined);
  const broken = findings.filter(({ failure }) => failure !== undefined);
  const wrong = golden.flatMap(({ file, by, failed }) =>
    failed.map(({ array }) => `${file}: ${array}, by ${by}`),
  );
  const comparisons = golden.reduce((sum, own) => sum + own.comparisons, 0);
  return [
    `${table}`,
    "",
    ...skipsInWords(findings),
    "",
    ...broken.flatMap((finding) => [failureInWords(finding), ""]),
    `${counted(tried.length, "law and subject", "laws and subjects")} tried, ${broken.length} rejected.`,
    ...(golden.length === 0
      ? []
      : [
          `golden files of outside programs: ${counted(comparisons, "array")} compared, ${wrong.length} rejected.`,
          ...wrong,
        ]),
    "P(a run rejects something true) = 0: no law is statistical. What is allowed is derived; only where single ops are held to differences is their error estimated.",
    `repeat: ${repeat}`,
  ].join("\n");
}
