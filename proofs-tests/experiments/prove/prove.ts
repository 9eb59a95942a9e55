import fc from "fast-check";
import { cpu } from "../../../backends/cpu/index.ts";
import type { Backend } from "../../../core/backend.ts";
import { drawnSeed } from "../../../core/numeric/random.ts";
import { theorems } from "../../../theory/index.ts";
import type { Check, Theorem } from "../../../theory/theorem.ts";
import { drawsOf, noDraws } from "./draws.ts";
import { anyFamilies, type SketchFamily, soundFamilies } from "./families.ts";
import { type InstanceSpec, instanceOf, instances } from "./instances.ts";
import { drawsFor, type Finding, judge } from "./judge.ts";

/** Which theorems to try, on which schemes, how hard. */
export interface ProveOptions {
  /** R7, …; all where absent. */
  readonly theorem?: string;
  /** One scheme, by name or one's own, in place of those whose hypotheses fit; one that claims too much is refuted. */
  readonly scheme?: string | SketchFamily;
  /** What computes R; default: the reference. */
  readonly backends?: readonly Backend[];
  /** Default: drawn anew. */
  readonly seed?: number;
  /** Schemes that `scheme` may name; default: those of the project. */
  readonly families?: readonly SketchFamily[];
  /** Draws of R for each experiment. Default: 20,000. */
  readonly samples?: number;
  /** Instances for each check and scheme. Default: 3, and 20 of one scheme. */
  readonly instances?: number;
  /** Whether to look for the smallest instance where one fails; default: yes. */
  readonly shrink?: boolean;
}

/** Options with what is usual where nothing was said; a scheme is one of `families`. */
export interface Settled extends Required<Omit<ProveOptions, "theorem" | "scheme" | "shrink">> {
  readonly theorem?: string;
  readonly scheme?: string;
  readonly shrink?: boolean;
}

/** The verdict on one check of a theorem for one scheme. */
export interface Verdict {
  readonly theorem: string;
  readonly check: string;
  /** "any" where the check speaks of none. */
  readonly scheme: string;
  readonly backend: string;
  readonly notRejected: boolean;
  /** The finding that came closest to refuting it, or did. */
  readonly finding: Finding;
  readonly experiments: number;
  /** Draws of the hashes, over all experiments. */
  readonly draws: number;
  /** P(this verdict rejects a true theorem). */
  readonly familyWiseErrorRate: number;
  /** The smallest instance found in which it fails. */
  readonly witness?: InstanceSpec;
}

/** P(rejecting a true theorem) of every single finding. */
const alpha = 1e-8;

/** Schemes by name. */
export const allFamilies: readonly SketchFamily[] = [...soundFamilies, ...anyFamilies];

/** The schemes that a check speaks of, among those of the project or the one of `families` that was named. */
export function familiesOf(
  { needs }: Check,
  scheme: string | undefined,
  families: readonly SketchFamily[] = allFamilies,
): readonly SketchFamily[] {
  if (needs === undefined) return [];
  if (scheme === undefined && needs.length === 0) return anyFamilies;
  const pool = scheme === undefined ? soundFamilies : families.filter(({ name }) => name === scheme);
  return pool.filter(({ has }) => needs.every((hypothesis) => has.includes(hypothesis)));
}

/** One experiment's subject: a check, and the scheme and backend whose draws it gets, if it speaks of any. */
interface Subject {
  readonly theorem: Theorem;
  readonly check: Check;
  readonly family?: SketchFamily;
  readonly backend: Backend;
}

/** Every subject, scheme by scheme: all checks on a scheme share its draws. */
function subjectsOf({ theorem, scheme, families, backends }: Settled): Subject[] {
  const tried = theorems
    .filter(({ id }) => theorem === undefined || id === theorem)
    .flatMap((own) => own.checks.map((check) => ({ theorem: own, check })));
  const ofSchemes = backends.flatMap((backend) =>
    families.flatMap((family) =>
      tried
        .filter(({ check }) => familiesOf(check, scheme, families).includes(family))
        .map((one) => ({ ...one, family, backend })),
    ),
  );
  const ofNone = tried.filter(({ check }) => check.needs === undefined && scheme === undefined);
  return [...ofSchemes, ...ofNone.map((one) => ({ ...one, backend: cpu }))];
}

/** {@link ProveOptions} with what is usual where nothing is said. */
export const settled = ({ scheme, families = allFamilies, ...options }: ProveOptions): Settled => ({
  seed: drawnSeed(),
  samples: 20_000,
  instances: scheme === undefined ? 3 : 20,
  backends: [cpu],
  ...options,
  families: typeof scheme === "object" ? [scheme] : families,
  ...(scheme !== undefined && { scheme: typeof scheme === "object" ? scheme.name : scheme }),
});

/** Every verdict, one at a time. */
export async function* prove(options: ProveOptions = {}): AsyncGenerator<Verdict> {
  const own = settled(options);
  for (const subject of subjectsOf(own)) yield await verdictOn(subject, own);
}

/** Instances looked at for a smaller one that fails too, and draws in each: a refutation is found, so few will do. */
const shrinking = { instances: 40, samples: 4000 };

/** The verdict on one subject, by experiments in many instances. */
export async function verdictOn(
  { theorem, check, family, backend }: Subject,
  options: Pick<Settled, "seed" | "samples" | "instances" | "shrink">,
): Promise<Verdict> {
  let [closest, refutation]: (Finding | undefined)[] = [];
  let [experiments, draws, shrunk] = [0, 0, 0];
  const result = await fc.check(
    fc.asyncProperty(instances, async (spec) => {
      if (refutation && ++shrunk > shrinking.instances) return true;
      const samples = refutation ? Math.min(options.samples, shrinking.samples) : options.samples;
      const findings = await findingsOf({ check, backend, ...(family && { family }) }, spec, samples);
      experiments += findings.length;
      draws += findings[0]!.draws;
      for (const finding of findings)
        if (closest === undefined || isCloser(finding, closest)) closest = finding;
      const failed = findings.find(({ notRejected }) => !notRejected);
      refutation = failed ?? refutation;
      return failed === undefined;
    }),
    { seed: options.seed, numRuns: options.instances, endOnFailure: options.shrink === false },
  );
  if (result.failed && refutation === undefined)
    throw result.errorInstance ?? new Error(`"${check.name}" speaks of too few instances.`);
  const witness = result.counterexample?.[0] as InstanceSpec | undefined;
  const finding = refutation ?? closest!;
  return {
    theorem: theorem.id,
    check: check.name,
    scheme: family?.name ?? "any",
    backend: backend.name,
    notRejected: !result.failed,
    finding,
    experiments,
    draws,
    familyWiseErrorRate: experiments * finding.familyWiseErrorRate,
    ...(witness && { witness }),
  };
}

async function findingsOf(
  { check, family, backend }: Omit<Subject, "theorem">,
  spec: InstanceSpec,
  samples: number,
): Promise<Finding[]> {
  const drawn = instanceOf(spec);
  const instance = family?.fit?.(drawn) ?? drawn;
  if (check.applies && !check.applies(instance)) fc.pre(false);
  const made = family
    ? await drawsOf(family, instance, backend, spec.seed, drawsFor(check, samples))
    : noDraws;
  return judge(check, instance, made, { draws: samples, seed: spec.seed, alpha });
}

/** Where the prediction lies in the interval: 0 in its middle, 1 at an end. */
function strain({ interval, predicted, observed }: Finding): number {
  if (interval === undefined) return observed;
  const [low, high] = interval;
  return high > low ? Math.abs(2 * predicted - low - high) / (high - low) : 0;
}

const isCloser = (a: Finding, b: Finding): boolean => strain(a) > strain(b);
