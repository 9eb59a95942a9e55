import type { Planted } from "../planted.ts";

export const reports: readonly Planted[] = [
  {
    file: "backends/agree.ts",
    was: "const u = 2 ** 11 *",
    becomes: "const u = 2 ** 14 *",
    tells: "VALIDATE=1 passes optimizer steps that are eight times as far off as rounding explains.",
    seenBy: "proofs-tests/agree.test.ts",
  },
  {
    file: "backends/agree.ts",
    was: "fraction > 1)",
    becomes: "fraction > 2)",
    tells: "VALIDATE=1 passes what is twice as far off as rounding explains.",
    seenBy: "proofs-tests/agree.test.ts",
  },
  {
    file: "backends/agree.ts",
    was: "sofar.first ?? first",
    becomes: "first ?? sofar.first",
    tells: "VALIDATE=1 blames the last fault, which the first one may have led to.",
    seenBy: "proofs-tests/agree.test.ts",
  },
  {
    file: "backends/agree.ts",
    was: "Math.max(a, b), sofar.worst)",
    becomes: "Math.max(a, b), 0)",
    tells: "“… of the bound used at most” is that of the last form alone.",
    seenBy: "proofs-tests/agree.test.ts",
  },
  {
    file: "backends/agree.ts",
    was: "calls: sofar.calls + 1",
    becomes: "calls: sofar.calls + 2",
    tells: "VALIDATE=1 says that twice as many forms were compared.",
    seenBy: "proofs-tests/agree.test.ts",
  },
  {
    file: "backends/agree.ts",
    was: "Number.isNaN(fraction) ? Infinity : fraction",
    becomes: "Number.isNaN(fraction) ? 0 : fraction",
    tells: "VALIDATE=1 passes a backend that makes no numbers at all.",
    seenBy: "proofs-tests/agree.test.ts",
  },
  {
    file: "backends/agree.ts",
    was: "const g = readers * ",
    becomes: "const g = 100 * readers * ",
    tells: "VALIDATE=1 passes optimizer steps far beyond what rounding explains.",
    seenBy: "proofs-tests/agree.test.ts",
  },
  {
    file: "backends/agree.ts",
    was: "smallestNormal.f32 + spacing;",
    becomes: "smallestNormal.f32 + 2 * spacing;",
    tells: "VALIDATE=1 passes weights that were rounded to the wrong half.",
    seenBy: "proofs-tests/agree.test.ts",
  },
  {
    file: "models/compare.ts",
    was: "if (place.ulps > 0)",
    becomes: "if (place.ulps > 1)",
    tells: "Two models “part” later than they do: an op after the guilty one is blamed.",
    seenBy: "proofs-tests/compare.test.ts",
  },
  {
    file: "models/compare.ts",
    was: "Math.max(ofA[index]!, ofB[index]!)",
    becomes: "ofB[index]!",
    tells: "A wrong first model is called sound.",
    seenBy: "proofs-tests/compare.test.ts",
  },
];
