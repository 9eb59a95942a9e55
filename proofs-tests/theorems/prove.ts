import fc from "fast-check";
import { statements } from "../../theory/index.ts";
import type { Check, Statement } from "../../theory/world.ts";
import { brokenFamilies, type SketchFamily, soundFamilies } from "./families.ts";
import { type Finding, judge } from "./judge.ts";
import { type WorldSpec, worldOf, worlds } from "./worlds.ts";

/** Which statements to try, on which schemes, how hard. */
export interface ProveOptions {
  /** R7, …; all where absent. */
  readonly statement?: string;
  /** One scheme in place of those whose hypotheses fit; a broken one must be refuted. */
  readonly scheme?: string;
  readonly seed: number;
  /** Draws of R for each experiment. */
  readonly samples: number;
  /** Worlds for each check and scheme. */
  readonly worlds: number;
  /** Whether to look for the smallest world where one fails; default: yes. */
  readonly shrink?: boolean;
}

/** The verdict on one check of a statement for one scheme. */
export interface Verdict {
  readonly statement: string;
  readonly check: string;
  readonly scheme: string;
  readonly holds: boolean;
  /** The finding that came closest to refuting it, or did. */
  readonly finding: Finding;
  readonly experiments: number;
  /** Draws of the hashes, over all experiments. */
  readonly draws: number;
  /** P(this verdict rejects a true statement). */
  readonly falseAlarm: number;
  /** The smallest world found in which it fails. */
  readonly witness?: WorldSpec;
}

/** P(rejecting a true statement) of every single finding. */
const alpha = 1e-8;

/** Schemes by name, the broken ones too. */
export const allFamilies: readonly SketchFamily[] = [...soundFamilies, ...brokenFamilies];

/** The schemes that a check speaks of. */
export function familiesOf({ needs }: Check, scheme: string | undefined): readonly SketchFamily[] {
  const pool = scheme === undefined ? soundFamilies : allFamilies.filter(({ name }) => name === scheme);
  const fitting = pool.filter(({ has }) => needs.every((hypothesis) => has.includes(hypothesis)));
  return needs.length === 0 ? fitting.slice(0, 1) : fitting; // without hypotheses one scheme is as good as another
}

/** Every verdict, one at a time. Scheme by scheme, since all checks on a scheme share its draws. */
export async function* prove(options: ProveOptions): AsyncGenerator<Verdict> {
  const tried = statements.filter(({ id }) => options.statement === undefined || id === options.statement);
  for (const family of allFamilies) {
    for (const statement of tried) {
      for (const check of statement.checks) {
        if (familiesOf(check, options.scheme).includes(family))
          yield verdictOn(statement, check, family, options);
      }
    }
  }
}

function verdictOn(statement: Statement, check: Check, family: SketchFamily, options: ProveOptions): Verdict {
  let closest: Finding | undefined;
  let [experiments, draws] = [0, 0];
  const findingsOf = (spec: WorldSpec): Finding[] => {
    const world = worldOf(spec);
    if (check.applies && !check.applies(world)) fc.pre(false);
    return judge(check, family, world, { draws: options.samples, seed: spec.seed, alpha });
  };
  const result = fc.check(
    fc.property(worlds, (spec) => {
      const findings = findingsOf(spec);
      experiments += findings.length;
      draws += findings[0]!.draws;
      for (const finding of findings)
        if (closest === undefined || isCloser(finding, closest)) closest = finding;
      return findings.every(({ holds }) => holds);
    }),
    { seed: options.seed, numRuns: options.worlds, endOnFailure: options.shrink === false },
  );
  const witness = result.failed ? (result.counterexample?.[0] as WorldSpec | undefined) : undefined;
  const finding = witness ? findingsOf(witness).find(({ holds }) => !holds)! : closest!;
  return {
    statement: statement.id,
    check: check.name,
    scheme: check.needs.length === 0 ? "any" : family.name,
    holds: !result.failed,
    finding,
    experiments,
    draws,
    falseAlarm: experiments * finding.falseAlarm,
    ...(witness && { witness }),
  };
}

/** Where the prediction lies in the interval: 0 in its middle, 1 at an end. */
function strain({ interval, predicted, observed }: Finding): number {
  if (interval === undefined) return observed;
  const [low, high] = interval;
  return high > low ? Math.abs(2 * predicted - low - high) / (high - low) : 0;
}

const isCloser = (a: Finding, b: Finding): boolean => strain(a) > strain(b);
