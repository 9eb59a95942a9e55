import { check } from "../core/errors.ts";
import { counted } from "../core/format.ts";
import { switchOption } from "../core/options.ts";
import { type Comparison, passes } from "../proofs-tests/golden/check.ts";
import { conform } from "../proofs-tests/golden/file.ts";
import { backendFlag, backendFrom, describeAgreement, isValidating } from "./common/backend.ts";
import { jsonFlag, verb } from "./flags.ts";

/** `pss-dlrm golden` */
export const goldenVerb = verb({
  name: "golden",
  about:
    "Recomputes every array of golden files of outside programs: in f64 (allowed 1e-10), in f32 (2e-6), indices and signs exactly. Exit code 1 if any differs by more, with the names of the arrays.",
  words: { form: "FILE.json…", help: "golden files", most: Infinity },
  flags: {
    backend: { ...backendFlag, default: "cpu", help: "computes the models too, in f32" },
    failures: switchOption({ help: "prints only the arrays that differ too much" }),
    json: jsonFlag,
  },
  async run(flags, { texts, words: files }) {
    check(files.length > 0, () => "golden needs golden files: pss-dlrm golden FILE.json…");
    const { backend, agreement } = await backendFrom(flags.backend);
    const also = texts.backend !== undefined || isValidating() ? [backend] : [];
    let failed = 0;
    for (const file of files) {
      const comparisons = await conform(file, also);
      const bad = comparisons.filter((c) => !passes(c));
      failed += bad.length;
      if (flags.json) console.log(JSON.stringify({ file, passed: bad.length === 0, comparisons }));
      else {
        console.log(`${file}: ${outcomeOf(comparisons.length, bad.length)}`);
        for (const c of flags.failures ? bad : comparisons) console.log(`  ${describe(c)}`);
      }
    }
    const agreed = await agreement();
    if (flags.json) {
      if (agreed) console.log(JSON.stringify({ agreement: agreed }));
    } else {
      console.log(
        failed === 0
          ? `${counted(files.length, "file")} conform${files.length === 1 ? "s" : ""}.`
          : `${counted(failed, "array")} ${failed === 1 ? "does" : "do"} not conform.`,
      );
      if (agreed) console.log(describeAgreement(agreed));
    }
    return failed > 0 || agreed?.first ? 1 : 0;
  },
});

function outcomeOf(all: number, failed: number): string {
  if (failed > 0) return `${failed} of ${counted(all, "comparison")} ${failed === 1 ? "FAILS" : "FAIL"}`;
  return all === 1 ? "its comparison holds" : `all ${all} comparisons hold`;
}

function describe(comparison: Comparison): string {
  const { array, precision, by, difference, allowed, where } = comparison;
  const found =
    precision === "exact"
      ? `${difference} numbers differ`
      : `off by ${difference.toExponential(1)}, allowed ${allowed.toExponential(1)}`;
  const verdict = passes(comparison) ? "ok  " : "FAIL";
  return `${verdict} ${array} (${by}): ${found}${passes(comparison) || where === undefined ? "" : `; worst at ${where}`}`;
}
