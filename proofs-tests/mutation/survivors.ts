import type { Known } from "./score.ts";

const loopOverBags = "for (let bag = 0; bag + 1 < offsets.length; bag++) {";

/** Changes that no test sees, each with one word why. */
export const survivors: readonly Known[] = [
  {
    file: "models/plan-check/measures.ts",
    was: "own > stableRank * (1 + 1e-9)",
    becomes: "own >= stableRank * (1 + 1e-9)",
    why: "rounding",
  },
  // `flops: undefined` is what an absent one reads as.
  { file: "models/bench/cases.ts", was: "flops !== undefined", becomes: "true", why: "equivalent" },
  // The lines of the grid are fainter or darker.
  {
    file: "models/bench/chart.ts",
    was: "{ stroke: palette.grid, strokeOpacity: 1 }",
    becomes: "{}",
    why: "layout",
  },
  // What runs between a scatter and the optimizer, in schemes that compute their memory; the timed models are robe's.
  {
    file: "models/bench/profile.ts",
    was: 'before === "optimizer" || before === "scatter"',
    becomes: "false",
    why: "defence",
  },
  {
    file: "models/bench/profile.ts",
    was: 'before === "optimizer" || before === "scatter"',
    becomes: 'before === "optimizer" && before === "scatter"',
    why: "defence",
  },
  // Past an array's end nothing is read or written.
  {
    file: "backends/fast/outside.ts",
    was: "i < keys.length",
    becomes: "i <= keys.length",
    why: "equivalent",
  },
  {
    file: "backends/fast/outside.ts",
    was: "many.length - from",
    becomes: "many.length + from",
    why: "equivalent",
  },
  { file: "backends/fast/fast.ts", was: "i < length", becomes: "i <= length", why: "equivalent" },
  {
    file: "backends/gpu/lookup.ts",
    was: "bag + 1 < bags.length",
    becomes: "bag + 1 <= bags.length",
    why: "equivalent",
  },
  // What a group writes past its rows, the next one writes again.
  {
    file: "backends/gpu/rows.ts",
    was: "Math.min(rowsAtOnce, n - group * rowsAtOnce)",
    becomes: "Math.max(rowsAtOnce, n - group * rowsAtOnce)",
    why: "equivalent",
  },
  { file: "backends/gpu/rows.ts", was: "r < rows", becomes: "r <= rows", why: "equivalent" },
  // A shift by 16 / 0 is one by 0.
  {
    file: "backends/gpu/lookup.ts",
    was: "signBits * (word & 1)",
    becomes: "signBits / (word & 1)",
    why: "equivalent",
  },
  // Keys are read only where they are said to be there.
  { file: "backends/fast/half.ts", was: "[0, 0]", becomes: "[]", why: "equivalent" },
  // Every number is a multiple of a unit of one float.
  { file: "backends/fast/update.ts", was: "unit > 1", becomes: "true", why: "speed" },
  { file: "backends/fast/update.ts", was: "unit > 1", becomes: "unit >= 1", why: "speed" },
  // Distances from one mean suffice: those from the other add up to 0.
  {
    file: "proofs-tests/theorems/curves.ts",
    at: "const over = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);",
    was: "px - x",
    becomes: "px + x",
    why: "rounding",
  },
  { file: "proofs-tests/theorems/curves.ts", was: "py - y", becomes: "py + y", why: "rounding" },
  // The last block of an item is copied whole, of which its own floats are read.
  {
    file: "backends/fast/outside.ts",
    was: "dim - (i % blocks) * block",
    becomes: "dim + i % blocks * block",
    why: "speed",
  },
  // Before a scatter: as above.
  { file: "models/bench/profile.ts", was: 'before === "scatter"', becomes: "false", why: "defence" },
  { file: "models/bench/profile.ts", was: 'before === "optimizer"', becomes: "false", why: "defence" },
  // Vectors were put side by side before they were paired, and the part stays the same.
  { file: "models/bench/profile.ts", was: 'kind === "pairs"', becomes: "false", why: "equivalent" },
  // An option that is undefined is read as one that is absent.
  { file: "models/command/plan.ts", was: "epsilon !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/plan.ts", was: "memory !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/plan.ts", was: "queries !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/plan.ts", was: "rank !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/plan.ts", was: "stableRank !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/source.ts", was: "rows !== undefined", becomes: "true", why: "equivalent" },
  { file: "models/command/source.ts", was: "rows === undefined", becomes: "false", why: "equivalent" },
  // Neither "" nor ":x" is a kind of data.
  { file: "models/command/source.ts", was: "colon < 0", becomes: "colon <= 0", why: "equivalent" },
  // Loops over bags that end late meet offsets that are undefined, and write nothing that is kept.
  ...["models/cafe.ts", "models/sharing.ts", "models/computed-rows.ts"].flatMap((file): Known[] => [
    { file, was: "bag + 1 < offsets.length", becomes: "bag + 1 <= offsets.length", why: "equivalent" },
    { file, at: loopOverBags, was: "bag + 1", becomes: "bag - 1", why: "equivalent" },
  ]),
  {
    file: "models/mixed-dimension.ts",
    was: "b + 1 < own.length",
    becomes: "b + 1 <= own.length",
    why: "equivalent",
  },
  {
    file: "models/mixed-dimension.ts",
    at: "for (let b = 0; b + 1 < own.length; b++)",
    was: "b + 1",
    becomes: "b - 1",
    why: "equivalent",
  },
  // What is written of the next bag too is written again by that bag.
  {
    file: "models/cafe.ts",
    was: "i < offsets[bag + 1]!",
    becomes: "i <= offsets[bag + 1]!",
    why: "equivalent",
  },
  {
    file: "models/sharing.ts",
    at: "for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++) tables[i] = table;",
    was: "i < offsets[bag + 1]!",
    becomes: "i <= offsets[bag + 1]!",
    why: "equivalent",
  },
  { file: "models/sharing.ts", was: "w < words", becomes: "w <= words", why: "equivalent" },
  // Block by block is the same, as a law says.
  { file: "models/sharing.ts", was: "scheme.locate", becomes: "false", why: "speed" },
  {
    file: "models/robe.ts",
    at: "const at = words === 1 ? key : { ...key, blocks: key.blocks * words, block: key.block * words + w };",
    was: "words === 1",
    becomes: "false",
    why: "speed",
  },
  // The greatest common divisor of dim and dim is dim.
  {
    file: "models/robe.ts",
    at: 'const block = index === "withinHash" ? 1 : Z <= dim ? Z : greatestCommonDivisor(Z, dim);',
    was: "Z <= dim",
    becomes: "Z < dim",
    why: "equivalent",
  },
  // A memory of f32 rounds the same numbers once.
  { file: "models/embedding.ts", was: 'precision === "f64"', becomes: "true", why: "rounding" },
  // A probability is from 0 to 1 as it is.
  {
    file: "models/dlrm.ts",
    at: "const probabilities = t > 0 ? clamp(p, { low: t, high: 1 - t }) : p;",
    was: "t > 0",
    becomes: "true",
    why: "equivalent",
  },
  {
    file: "models/dlrm.ts",
    at: "const probabilities = t > 0 ? clamp(p, { low: t, high: 1 - t }) : p;",
    was: "t > 0",
    becomes: "t >= 0",
    why: "equivalent",
  },
  // An empty slot has id 0, and is the one that id 0 would take.
  { file: "models/hot-sketch.ts", was: "scores[slot]! > 0", becomes: "true", why: "equivalent" },
  // Caught, and told in other words.
  {
    file: "models/checkpoint.ts",
    was: '() => "cut short"',
    becomes: "() => undefined",
    why: "equivalent",
  },
  // Bases are scaled by the same number as what they are compared with.
  {
    file: "models/mixed-dimension.ts",
    was: "Math.min(...tables)",
    becomes: "Math.max(...tables)",
    why: "rounding",
  },
  // Of a product of two rows no one asks for slots.
  {
    file: "models/quotient-remainder.ts",
    was: "[{ slot: rowsOf(layout, table, row)[name] + column, sign: 1 }]",
    becomes: "[]",
    why: "equivalent",
  },
  {
    file: "models/quotient-remainder.ts",
    was: "{ slot: rowsOf(layout, table, row)[name] + column, sign: 1 }",
    becomes: "{}",
    why: "equivalent",
  },
  // A cube root of this host that needs no mending.
  { file: "models/tensor-train.ts", was: "root--", becomes: "root++", why: "defence" },
  {
    file: "models/tensor-train.ts",
    was: "(root - 1) * (root - 1)",
    becomes: "(root - 1) / (root - 1)",
    why: "defence",
  },
  {
    file: "models/tensor-train.ts",
    was: "(root - 1) * (root - 1) * (root - 1) >= n",
    becomes: "false",
    why: "defence",
  },
  // Which of two empty slots is filled.
  {
    file: "models/hot-sketch.ts",
    was: "ids[slot]! > ids[least]!",
    becomes: "ids[slot]! >= ids[least]!",
    why: "layout",
  },
  {
    file: "models/in-words.ts",
    was: "nearest < p * (1 - 1e-9)",
    becomes: "nearest <= p * (1 - 1e-9)",
    why: "rounding",
  },
  {
    file: "models/compare.ts",
    was: "place.fraction > 1",
    becomes: "place.fraction >= 1",
    why: "rounding",
  },
  // Written beyond the end of an array, where nothing is kept.
  {
    file: "theory/dense-codes.ts",
    at: "for (let s = 0; s < m; s++) memory[s]! += own[s]! * weight;",
    was: "s < m",
    becomes: "s <= m",
    why: "equivalent",
  },
  { file: "theory/world.ts", was: "i < slots.length", becomes: "i <= slots.length", why: "equivalent" },
  { file: "theory/hypotheses.ts", was: "s < block", becomes: "s <= block", why: "equivalent" },
  {
    file: "theory/matrix.ts",
    at: "for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;",
    was: "p < n",
    becomes: "p <= n",
    why: "equivalent",
  },
  {
    file: "theory/matrix.ts",
    at: "for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, p, q);",
    was: "p < n",
    becomes: "p <= n",
    why: "equivalent",
  },
  // Both factors of a product, or what is squared, have the other sign; a sign over 1 is itself.
  {
    file: "theory/distances.ts",
    was: "sum + v * signs[c]![s]!",
    becomes: "sum - v * signs[c]![s]!",
    why: "equivalent",
  },
  { file: "theory/distances.ts", was: "v * signs[c]![s]!", becomes: "v / signs[c]![s]!", why: "equivalent" },
  { file: "theory/gram.ts", was: "sum + squared(c)", becomes: "sum - squared(c)", why: "equivalent" },
  { file: "theory/gram.ts", was: "sum + c[i]! ** 2", becomes: "sum - c[i]! ** 2", why: "equivalent" },
  { file: "theory/spectrum.ts", was: "sum + u[i]! ** 2", becomes: "sum - u[i]! ** 2", why: "equivalent" },
  {
    file: "theory/limit.ts",
    was: "sums[slot]! += signs[k]! * weight",
    becomes: "sums[slot]! -= signs[k]! * weight",
    why: "equivalent",
  },
  { file: "theory/hypotheses.ts", was: "a + b", becomes: "a - b", why: "equivalent" },
  {
    file: "theory/hypotheses.ts",
    was: "sum + (v[list[s]!] ?? 0)",
    becomes: "sum - (v[list[s]!] ?? 0)",
    why: "equivalent",
  },
  {
    file: "theory/hypotheses.ts",
    was: "shifts[(((t - s) % memory) + memory) % memory]! += x[i]! * y[j]! + x[j]! * y[i]!",
    becomes: "shifts[((t - s) % memory + memory) % memory]! -= x[i]! * y[j]! + x[j]! * y[i]!",
    why: "equivalent",
  },
  // A weight is in its own block; the second row is read before it is written; the error is 0 or 1.
  { file: "theory/moments.ts", was: "i < j", becomes: "i <= j", why: "equivalent" },
  { file: "theory/matrix.ts", was: "a[q]!.slice()", becomes: "a[q]!", why: "equivalent" },
  {
    file: "theory/norm.ts",
    was: "normError(sketch, x) > 0.99",
    becomes: "normError(sketch, x) >= 0.99",
    why: "equivalent",
  },
  // What is equal to its last digit, or computed to one digit more.
  {
    file: "theory/dense-codes.ts",
    was: "denseCodesError([x, y], m, (i) => codes[i]!) > epsilon * (1 + 1e-12)",
    becomes: "denseCodesError([x, y], m, i => codes[i]!) >= epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/distances.ts",
    was: "distancesError(table, m, stream) > epsilon * (1 + 1e-9)",
    becomes: "distancesError(table, m, stream) >= epsilon * (1 + 1e-9)",
    why: "rounding",
  },
  { file: "theory/distances.ts", was: "off > 1e-12", becomes: "off >= 1e-12", why: "rounding" },
  {
    file: "theory/gram.ts",
    was: "gramError(sketch, gramIn(world)) > world.epsilon * (1 + 1e-12)",
    becomes: "gramError(sketch, gramIn(world)) >= world.epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/inner-product.ts",
    was: "innerProductError(sketch, world) > world.epsilon * (1 + 1e-12)",
    becomes: "innerProductError(sketch, world) >= world.epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/load.ts",
    was: "Math.max(...loadsOf(sketch)) > largestLoadBound(rows * dim, memory, delta)",
    becomes: "Math.max(...loadsOf(sketch)) >= largestLoadBound(rows * dim, memory, delta)",
    why: "rounding",
  },
  {
    file: "theory/norm.ts",
    was: "normError(sketch, x) > epsilon * (1 + 1e-12)",
    becomes: "normError(sketch, x) >= epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/read-outs.ts",
    was: "readOutsError(sketch, x, asked) > epsilon * (1 + 1e-12)",
    becomes: "readOutsError(sketch, x, asked) >= epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/sparse-codes.ts",
    was: "Math.log(entries) + logBinomialTail((t + 1) / 2, t, 1 / 8) > Math.log(delta)",
    becomes: "Math.log(entries) + logBinomialTail((t + 1) / 2, t, 1 / 8) >= Math.log(delta)",
    why: "rounding",
  },
  {
    file: "theory/sparse-codes.ts",
    was: "sparseCodesError([x, y], size, stream) > epsilon * (1 + 1e-12)",
    becomes: "sparseCodesError([x, y], size, stream) >= epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/spectrum.ts",
    was: "spectrumError(sketch, basisOf(world)) > world.epsilon * (1 + 1e-12)",
    becomes: "spectrumError(sketch, basisOf(world)) >= world.epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  { file: "theory/verdict.ts", was: "term > 1e-17 * sum", becomes: "term >= 1e-17 * sum", why: "rounding" },
  { file: "theory/verdict.ts", was: "tail(high) > alpha", becomes: "tail(high) >= alpha", why: "rounding" },
  {
    file: "theory/verdict.ts",
    was: "high - low > 1e-12 * high",
    becomes: "high - low >= 1e-12 * high",
    why: "rounding",
  },
  {
    file: "theory/verdict.ts",
    was: "tail(middle) > alpha",
    becomes: "tail(middle) >= alpha",
    why: "rounding",
  },
  { file: "theory/matrix.ts", was: "pass < 2", becomes: "pass <= 2", why: "rounding" },
  { file: "theory/matrix.ts", was: "theta < 0", becomes: "theta <= 0", why: "rounding" },
  { file: "theory/plan.ts", was: "i < 60", becomes: "i <= 60", why: "rounding" },
  { file: "theory/verdict.ts", was: "z < 10", becomes: "z <= 10", why: "rounding" },
  {
    file: "theory/verdict.ts",
    was: "Math.abs(step - 1) < 1e-15",
    becomes: "Math.abs(step - 1) <= 1e-15",
    why: "rounding",
  },
  { file: "theory/verdict.ts", was: "i < 200", becomes: "i <= 200", why: "rounding" },
  {
    file: "theory/verdict.ts",
    was: "tailAt(middle) < Math.log(alpha / 2)",
    becomes: "tailAt(middle) <= Math.log(alpha / 2)",
    why: "rounding",
  },
  { file: "theory/verdict.ts", was: "k <= n * p", becomes: "k < n * p", why: "rounding" },
  {
    file: "theory/optimisation.ts",
    was: "(v * dot(K[s]!, at)) / 2",
    becomes: "v * dot(K[s]!, at) * 2",
    why: "rounding",
  },
  // More steps than are needed.
  { file: "theory/distances.ts", was: "table.slice(0, i)", becomes: "table", why: "speed" },
  { file: "theory/matrix.ts", was: "sweep < 60", becomes: "sweep <= 60", why: "speed" },
  {
    file: "theory/matrix.ts",
    at: "for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;",
    was: "p + 1",
    becomes: "p - 1",
    why: "speed",
  },
  {
    file: "theory/matrix.ts",
    at: "for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;",
    was: "q < n",
    becomes: "q <= n",
    why: "speed",
  },
  {
    file: "theory/matrix.ts",
    was: "off < 1e-26 * a.reduce((sum, row, i) => sum + row[i]! ** 2, 1e-300)",
    becomes: "off <= 1e-26 * a.reduce((sum, row, i) => sum + row[i]! ** 2, 1e-300)",
    why: "speed",
  },
  {
    file: "theory/matrix.ts",
    was: "off < 1e-26 * a.reduce((sum, row, i) => sum + row[i]! ** 2, 1e-300)",
    becomes: "false",
    why: "speed",
  },
  {
    file: "theory/matrix.ts",
    was: "(sum, row, i) => sum + row[i]! ** 2",
    becomes: "() => undefined",
    why: "speed",
  },
  { file: "theory/matrix.ts", was: "sum + row[i]! ** 2", becomes: "sum - row[i]! ** 2", why: "speed" },
  { file: "theory/verdict.ts", was: "1e-17 * sum", becomes: "1e-17 / sum", why: "speed" },
  { file: "theory/verdict.ts", was: "i < 10_000", becomes: "i <= 10_000", why: "speed" },
  // A continued fraction that would divide by 0, which no probability here comes to.
  { file: "theory/verdict.ts", was: "Math.abs(v) < 1e-300", becomes: "false", why: "defence" },
  {
    file: "theory/verdict.ts",
    was: "Math.abs(v) < 1e-300",
    becomes: "Math.abs(v) <= 1e-300",
    why: "defence",
  },
  // An option that is undefined is read as an absent one.
  {
    file: "proofs-tests/theorems/command.ts",
    was: "statement !== undefined",
    becomes: "true",
    why: "equivalent",
  },
  {
    file: "proofs-tests/theorems/command.ts",
    was: "scheme !== undefined",
    becomes: "true",
    why: "equivalent",
  },
  // It is the default.
  {
    file: "proofs-tests/theorems/families.ts",
    was: '{ hash: "mersenne61" }',
    becomes: "{}",
    why: "equivalent",
  },
  // What a broken scheme has is replaced by what it claims.
  {
    file: "proofs-tests/theorems/families.ts",
    at: '): SketchFamily => pretending(robeFamily("", { hash: "mixer", ...options }, [], change), name, fault);',
    was: "[]",
    becomes: '["Stryker was here"]',
    why: "equivalent",
  },
  {
    file: "proofs-tests/theorems/families.ts",
    at: 'robeFamily("", { sign: "affine", hash: "affine" }, []),',
    was: "[]",
    becomes: '["Stryker was here"]',
    why: "equivalent",
  },
  // Of a model's losses the last alone is read.
  {
    file: "proofs-tests/theorems/convergence/iterations.ts",
    at: "const losses: { step: number; loss: number }[] = [];",
    was: "[]",
    becomes: '["Stryker was here"]',
    why: "equivalent",
  },
  // Beyond the last row there are no items.
  {
    file: "proofs-tests/theorems/draws.ts",
    was: "row + 1 < bags.length",
    becomes: "row + 1 <= bags.length",
    why: "equivalent",
  },
  {
    file: "proofs-tests/theorems/draws.ts",
    at: "for (let row = 0; row + 1 < bags.length; row++) {",
    was: "row + 1",
    becomes: "row - 1",
    why: "equivalent",
  },
];
