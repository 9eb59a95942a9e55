import type { Backend } from "../../core/backend.ts";
import { check } from "../../core/errors.ts";
import { type Comparison, compare, passes, type Recomputed } from "./compare.ts";
import { recomputeDlrm } from "./dlrm.ts";
import { Golden } from "./golden.ts";
import { recomputeConstants, recomputeIndices } from "./indices.ts";
import { recomputeMetrics } from "./metrics.ts";
import { recomputeOptimizers } from "./optimizers.ts";
import { recomputeProgram } from "./program.ts";

export { type Comparison, passes } from "./compare.ts";

interface Format {
  /** Whole models are computed on the `also` backends too. */
  recompute(golden: Golden, also: readonly Backend[]): Recomputed[] | Promise<Recomputed[]>;
  /** Lone numbers that nothing recomputes are parameters of the program that made the file, not results. */
  readonly numbersAreParameters?: boolean;
}

const formats = new Map<string, Format>(
  Object.entries({
    "dlrm-golden-1": { recompute: recomputeDlrm },
    "robe-dlrm-golden-1": { recompute: recomputeDlrm },
    "dlrm-cli-1": { recompute: recomputeProgram },
    "robe-index-1": { recompute: recomputeIndices, numbersAreParameters: true },
    "robe-constants-1": { recompute: recomputeConstants },
    "metrics-1": { recompute: recomputeMetrics },
    "optimizers-1": { recompute: recomputeOptimizers },
  }),
);

/** What one backend makes of a golden file: its comparisons, those that fail, and the largest share of what is allowed. */
export async function conformOn(json: unknown, backend: Backend) {
  const own = (await conformTo(json, [backend])).filter(({ by }) => by === backend.name);
  const measured = own.filter(({ precision }) => precision !== "exact");
  return {
    comparisons: own.length,
    failed: own.filter((c) => !passes(c)),
    worst: Math.max(...measured.map(({ difference, allowed }) => difference / allowed)),
  };
}

/**
 * Recomputes every array of a golden file (numbers that a public reference program made) with this framework, and
 * says how far each is from the file's. Models are computed on the reference backends, and on those of `also`.
 */
export async function conformTo(json: unknown, also: readonly Backend[] = []): Promise<Comparison[]> {
  const golden = new Golden(json);
  const name = golden.text("format");
  const format = formats.get(name);
  check(
    format !== undefined,
    () => `There is no golden format "${name}"; known are ${[...formats.keys()].join(", ")}.`,
  );
  if (golden.has("made_by")) golden.section("made_by");
  const found = new Map<string, Recomputed[]>();
  for (const one of await format.recompute(golden, also)) {
    found.set(one.array, [...(found.get(one.array) ?? []), one]);
  }
  const comparisons: Comparison[] = [];
  for (const expected of golden.results()) {
    const computed = found.get(expected.array);
    if (computed === undefined && format.numbersAreParameters && expected.shape.length === 0) continue;
    check(
      computed !== undefined,
      () => `${expected.array} is no array that conform knows in a file of format ${name}.`,
    );
    comparisons.push(...computed.map((one) => compare(expected, one)));
  }
  check(comparisons.length > 0, () => "The file holds no result to compare: only inputs, or nothing.");
  return comparisons;
}
