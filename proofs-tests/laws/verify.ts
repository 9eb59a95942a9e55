import { check } from "../../core/errors.ts";
import { drawnSeed } from "../../core/numeric/random.ts";
import { type Claim, claimsOf, type Subjects } from "./claims.ts";
import type { Failure, Tries } from "./law.ts";

/** What to hold to the laws, how often, and from which seed. */
export interface VerifyOptions extends Subjects {
  /** Random examples of each law and subject. Default 50. */
  readonly examples?: number;
  /** Where the examples come from: the same seed draws the same. Default: drawn anew. */
  readonly seed?: number;
  /** Only what has this text in its law or is this subject. */
  readonly only?: string;
}

/** What was found of one law about one subject on one backend. */
export interface Finding {
  readonly law: string;
  /** Name of the op, embedding, optimizer or form. */
  readonly subject: string;
  /** What computed. */
  readonly backend: string;
  readonly examples: number;
  readonly seed: number;
  /** The largest part of what is allowed that an example used: 0 where numbers were equal. */
  readonly worst?: number;
  /** How it failed, in the smallest example that was found. */
  readonly failure?: Failure;
  /** Why the law says nothing about the subject. */
  readonly skip?: string;
}

const usualExamples = 50;

/** The claims about the subjects that are asked for. Throws an InputError where there is none: nothing tried is nothing kept. */
function* chosenClaims(only: string | undefined, subjects: Subjects): Generator<Claim> {
  let isAny = false;
  for (const claim of claimsOf(subjects)) {
    if (only !== undefined && claim.subject !== only && !claim.law.includes(only)) continue;
    isAny = true;
    yield claim;
  }
  check(isAny, () =>
    only === undefined
      ? "Nothing is given that a law speaks of; give ops, embeddings, optimizers or backends."
      : `There is no subject "${only}", and no law has these words; leave out --only to see all of them.`,
  );
}

/** Every law about the subjects, one finding at a time. Needs no test runner; pages run it too. */
export async function* verify({
  examples = usualExamples,
  seed = drawnSeed(),
  only,
  ...subjects
}: VerifyOptions = {}): AsyncGenerator<Finding> {
  for (const { said, ...names } of chosenClaims(only, subjects)) {
    const tried = { ...names, examples, seed };
    yield "skip" in said ? { ...tried, skip: said.skip } : { ...tried, ...(await said({ examples, seed })) };
  }
}

/** A failure as a sentence: what failed, the smallest example, and what repeats it. */
export function failureInWords({ law, subject, backend, failure, examples, seed }: Finding): string {
  return [
    `${subject} on ${backend} breaks the law "${law}": ${failure!.message}.`,
    `Smallest example: ${failure!.example}.`,
    `To repeat it: verify({ …, only: ${JSON.stringify(subject)}, seed: ${seed}, examples: ${examples} }).`,
  ].join("\n");
}

/** The functions of a test runner that register tests: those of Vitest, Jest, Mocha and node:test. */
export interface Runner {
  /** Names the tests that `body` registers. */
  describe(name: string, body: () => void): unknown;
  /** Registers a test, which fails where the promise is rejected. */
  it(name: string, body: () => Promise<void>): unknown;
}

/**
 * Registers a test for each law about each subject. What a law says nothing about is printed with the reason, once each.
 */
export function lawsAsTests(
  runner: Runner,
  { examples = usualExamples, seed = drawnSeed(), only, ...subjects }: VerifyOptions = {},
): void {
  claimsAsTests(runner, [...chosenClaims(only, subjects)], { examples, seed });
}

/** Registers a test for each claim; `found` is told what each came to. */
export function claimsAsTests(
  { describe, it }: Runner,
  claims: readonly Claim[],
  tries: Tries,
  found: (finding: Finding) => void = () => {},
): void {
  const tried = claims.filter(({ said }) => !("skip" in said));
  for (const law of new Set(tried.map((claim) => claim.law)))
    describe(law, () => {
      for (const { said, ...names } of tried) {
        if (names.law !== law || "skip" in said) continue;
        it(`${names.subject} on ${names.backend}`, async () => {
          const finding = { ...names, ...tries, ...(await said(tries)) };
          found(finding);
          if (finding.failure) throw new Error(failureInWords(finding));
        });
      }
    });
  const skipped = claims.flatMap(({ said, ...names }) => ("skip" in said ? [{ ...names, ...said }] : []));
  for (const line of skipsInWords(skipped)) console.info(line);
}

const mostNamed = 6;

/** One line for each law and reason for which it says nothing about some subjects. */
export function skipsInWords(
  findings: readonly Pick<Finding, "law" | "subject" | "backend" | "skip">[],
): string[] {
  const lines = new Map<string, { backends: Set<string>; subjects: Set<string> }>();
  for (const { law, subject, backend, skip } of findings) {
    if (skip === undefined) continue;
    const key = `"${law}" is skipped: ${skip.replace(/\.$/, "")}`;
    const line = lines.get(key) ?? { backends: new Set(), subjects: new Set() };
    lines.set(key, line);
    line.backends.add(backend);
    line.subjects.add(subject);
  }
  return [...lines].map(([words, { backends, subjects }]) => {
    const named = [...subjects].slice(0, mostNamed).join(", ");
    const more = subjects.size > mostNamed ? ` and ${subjects.size - mostNamed} more` : "";
    return `${words} (${named}${more}; on ${[...backends].join(", ")})`;
  });
}
