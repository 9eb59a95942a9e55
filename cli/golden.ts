import { InputError } from "../core/errors.ts";
import { type Comparison, passes } from "../proofs-tests/golden/check.ts";
import { conform } from "../proofs-tests/golden/file.ts";
import { backendFrom, describeAgreement, isValidating } from "./backend.ts";
import { text, type Verb } from "./flags.ts";

/** `pss-dlrm conform` */
export const conformVerb: Verb = {
  name: "conform",
  summary: "recompute golden files of outside programs",
  options: { failures: { type: "boolean" }, backend: { type: "string" } },
  help: `pss-dlrm conform FILE.json…

  Recomputes every array of golden files of outside programs: in f64 (allowed
  1e-10), in f32 (2e-6), indices and signs exactly. Exit code 1 if any differs
  by more, with the names of the arrays.

  --backend NAME  compute the models on this backend too, in f32
  --failures      print only the arrays that differ too much
  --json          one JSON object a file`,
  async run(flags, files) {
    if (files.length === 0) throw new InputError("conform needs golden files: pss-dlrm conform FILE.json…");
    const { backend, agreement } = await backendFrom(flags, "cpu");
    const also = text(flags, "backend") !== undefined || isValidating() ? [backend] : [];
    let failed = 0;
    for (const file of files) {
      const comparisons = await conform(file, also);
      const bad = comparisons.filter((c) => !passes(c));
      failed += bad.length;
      if (flags.json) console.log(JSON.stringify({ file, passed: bad.length === 0, comparisons }));
      else {
        console.log(
          `${file}: ${bad.length === 0 ? `all ${comparisons.length} comparisons hold` : `${bad.length} of ${comparisons.length} comparisons FAIL`}`,
        );
        for (const c of flags.failures ? bad : comparisons) console.log(`  ${describe(c)}`);
      }
    }
    const agreed = await agreement();
    if (flags.json) {
      if (agreed) console.log(JSON.stringify({ agreement: agreed }));
    } else {
      console.log(failed === 0 ? `${files.length} files conform.` : `${failed} arrays do not conform.`);
      if (agreed) console.log(describeAgreement(agreed));
    }
    return failed > 0 || agreed?.first ? 1 : 0;
  },
};

function describe(comparison: Comparison): string {
  const { array, precision, by, difference, allowed, where } = comparison;
  const found =
    precision === "exact"
      ? `${difference} numbers differ`
      : `off by ${difference.toExponential(1)}, allowed ${allowed.toExponential(1)}`;
  const verdict = passes(comparison) ? "ok  " : "FAIL";
  return `${verdict} ${array} (${by}): ${found}${passes(comparison) || where === undefined ? "" : `; worst at ${where}`}`;
}
