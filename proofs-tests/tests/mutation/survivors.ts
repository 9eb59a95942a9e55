/**
 * biome-ignore-all lint/suspicious/noTemplateCurlyInString: code that was changed has templates in it.
 * Long: a list of values, one after the other.
 */
import type { Known } from "./score.ts";

const loopOverBags = "for (let bag = 0; bag + 1 < offsets.length; bag++) {";

/** Changes that no test sees, each with one word why. */
export const survivors: readonly Known[] = [
  {
    file: "proofs-tests/experiments/plan-check/measures.ts",
    was: "own > stableRank * (1 + 1e-9)",
    becomes: "own >= stableRank * (1 + 1e-9)",
    why: "rounding",
  },
  // `flops: undefined` is what an absent one reads as.
  { file: "cli/bench/cases.ts", was: "flops !== undefined", becomes: "true", why: "equivalent" },
  // The lines of the grid are fainter or darker.
  {
    file: "cli/bench/chart.ts",
    was: "{ stroke: palette.grid, strokeOpacity: 1 }",
    becomes: "{}",
    why: "layout",
  },
  // What runs between a scatter and the optimizer, in schemes that compute their memory; the timed models are robe's.
  {
    file: "cli/bench/profile.ts",
    was: 'before === "optimizer" || before === "scatter"',
    becomes: "false",
    why: "defence",
  },
  {
    file: "cli/bench/profile.ts",
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
  { file: "backends/fast/index.ts", was: "i < length", becomes: "i <= length", why: "equivalent" },
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
    file: "proofs-tests/experiments/prove/curves.ts",
    at: "const over = points.reduce((sum, [px, py]) => sum + (px - x) * (py - y), 0);",
    was: "px - x",
    becomes: "px + x",
    why: "rounding",
  },
  { file: "proofs-tests/experiments/prove/curves.ts", was: "py - y", becomes: "py + y", why: "rounding" },
  // The last block of an item is copied whole, of which its own floats are read.
  {
    file: "backends/fast/outside.ts",
    was: "dim - (i % blocks) * block",
    becomes: "dim + i % blocks * block",
    why: "speed",
  },
  // Before a scatter: as above.
  { file: "cli/bench/profile.ts", was: 'before === "scatter"', becomes: "false", why: "defence" },
  { file: "cli/bench/profile.ts", was: 'before === "optimizer"', becomes: "false", why: "defence" },
  // Vectors were put side by side before they were paired, and the part stays the same.
  { file: "cli/bench/profile.ts", was: 'kind === "pairs"', becomes: "false", why: "equivalent" },
  // An option that is undefined is read as one that is absent.
  // Neither "" nor ":x" is a kind of data.
  { file: "cli/flags.ts", was: "colon < 0", becomes: "colon <= 0", why: "equivalent" },
  // Loops over bags that end late meet offsets that are undefined, and write nothing that is kept.
  ...[
    "models/embeddings/families/cafe.ts",
    "models/embeddings/scheme.ts",
    "models/embeddings/computed-rows.ts",
  ].flatMap((file): Known[] => [
    { file, was: "bag + 1 < offsets.length", becomes: "bag + 1 <= offsets.length", why: "equivalent" },
    { file, at: loopOverBags, was: "bag + 1", becomes: "bag - 1", why: "equivalent" },
  ]),
  {
    file: "models/embeddings/families/mixed-dimension.ts",
    was: "b + 1 < own.length",
    becomes: "b + 1 <= own.length",
    why: "equivalent",
  },
  {
    file: "models/embeddings/families/mixed-dimension.ts",
    at: "for (let b = 0; b + 1 < own.length; b++)",
    was: "b + 1",
    becomes: "b - 1",
    why: "equivalent",
  },
  // What is written of the next bag too is written again by that bag.
  {
    file: "models/embeddings/families/cafe.ts",
    was: "i < offsets[bag + 1]!",
    becomes: "i <= offsets[bag + 1]!",
    why: "equivalent",
  },
  {
    file: "models/embeddings/scheme.ts",
    at: "for (let i = offsets[bag]!; i < offsets[bag + 1]!; i++) tables[i] = table;",
    was: "i < offsets[bag + 1]!",
    becomes: "i <= offsets[bag + 1]!",
    why: "equivalent",
  },
  { file: "models/embeddings/scheme.ts", was: "w < words", becomes: "w <= words", why: "equivalent" },
  // Block by block is the same, as a law says.
  { file: "models/embeddings/scheme.ts", was: "scheme.locateBatch", becomes: "false", why: "speed" },
  {
    file: "models/embeddings/families/robe-signs.ts",
    at: "const at = words === 1 ? key : { ...key, blocks: key.blocks * words, block: key.block * words + w };",
    was: "words === 1",
    becomes: "false",
    why: "speed",
  },
  // The greatest common divisor of dim and dim is dim.
  {
    file: "models/embeddings/families/robe.ts",
    at: 'const block = index === "withinHash" ? 1 : Z <= dim ? Z : greatestCommonDivisor(Z, dim);',
    was: "Z <= dim",
    becomes: "Z < dim",
    why: "equivalent",
  },
  // A probability is from 0 to 1 as it is.
  {
    file: "models/dlrm/dlrm.ts",
    at: "const probabilities = t > 0 ? clamp(p, { low: t, high: 1 - t }) : p;",
    was: "t > 0",
    becomes: "true",
    why: "equivalent",
  },
  {
    file: "models/dlrm/dlrm.ts",
    at: "const probabilities = t > 0 ? clamp(p, { low: t, high: 1 - t }) : p;",
    was: "t > 0",
    becomes: "t >= 0",
    why: "equivalent",
  },
  // An empty slot has id 0, and is the one that id 0 would take.
  {
    file: "models/embeddings/families/hot-sketch.ts",
    was: "scores[slot]! > 0",
    becomes: "true",
    why: "equivalent",
  },
  // Bases are scaled by the same number as what they are compared with.
  {
    file: "models/embeddings/families/mixed-dimension.ts",
    was: "Math.min(...tables)",
    becomes: "Math.max(...tables)",
    why: "rounding",
  },
  // Of a product of two rows no one asks for slots.
  {
    file: "models/embeddings/families/quotient-remainder.ts",
    was: "[{ slot: rowsOf(layout, table, row)[name] + column, sign: 1 }]",
    becomes: "[]",
    why: "equivalent",
  },
  {
    file: "models/embeddings/families/quotient-remainder.ts",
    was: "{ slot: rowsOf(layout, table, row)[name] + column, sign: 1 }",
    becomes: "{}",
    why: "equivalent",
  },
  // A cube root of this host that needs no mending.
  {
    file: "models/embeddings/families/tensor-train-layout.ts",
    was: "root--",
    becomes: "root++",
    why: "defence",
  },
  {
    file: "models/embeddings/families/tensor-train-layout.ts",
    was: "(root - 1) * (root - 1)",
    becomes: "(root - 1) / (root - 1)",
    why: "defence",
  },
  {
    file: "models/embeddings/families/tensor-train-layout.ts",
    was: "(root - 1) * (root - 1) * (root - 1) >= n",
    becomes: "false",
    why: "defence",
  },
  // Which of two empty slots is filled.
  {
    file: "models/embeddings/families/hot-sketch.ts",
    was: "ids[slot]! > ids[least]!",
    becomes: "ids[slot]! >= ids[least]!",
    why: "layout",
  },
  {
    file: "core/format.ts",
    was: "nearest < p * (1 - 1e-9)",
    becomes: "nearest <= p * (1 - 1e-9)",
    why: "rounding",
  },
  {
    file: "models/dlrm/compare.ts",
    was: "place.fraction > 1",
    becomes: "place.fraction >= 1",
    why: "rounding",
  },
  // Written beyond the end of an array, where nothing is kept.
  {
    file: "theory/theorems/r09-dense-codes.ts",
    at: "for (let s = 0; s < m; s++) memory[s]! += own[s]! * weight;",
    was: "s < m",
    becomes: "s <= m",
    why: "equivalent",
  },
  { file: "theory/theorem.ts", was: "i < slots.length", becomes: "i <= slots.length", why: "equivalent" },
  { file: "theory/theorems/r13-hypotheses.ts", was: "s < block", becomes: "s <= block", why: "equivalent" },
  {
    file: "core/numeric/matrix.ts",
    at: "for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;",
    was: "p < n",
    becomes: "p <= n",
    why: "equivalent",
  },
  {
    file: "core/numeric/matrix.ts",
    at: "for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, p, q);",
    was: "p < n",
    becomes: "p <= n",
    why: "equivalent",
  },
  // Both factors of a product, or what is squared, have the other sign; a sign over 1 is itself.
  {
    file: "theory/theorems/r11-distances.ts",
    was: "sum + v * signs[c]![s]!",
    becomes: "sum - v * signs[c]![s]!",
    why: "equivalent",
  },
  {
    file: "theory/theorems/r11-distances.ts",
    was: "v * signs[c]![s]!",
    becomes: "v / signs[c]![s]!",
    why: "equivalent",
  },
  {
    file: "theory/theorems/r08-gram.ts",
    was: "sum + squared(c)",
    becomes: "sum - squared(c)",
    why: "equivalent",
  },
  {
    file: "theory/theorems/r08-gram.ts",
    was: "sum + c[i]! ** 2",
    becomes: "sum - c[i]! ** 2",
    why: "equivalent",
  },
  {
    file: "theory/theorems/r07-subspace-embedding.ts",
    was: "sum + u[i]! ** 2",
    becomes: "sum - u[i]! ** 2",
    why: "equivalent",
  },
  {
    file: "theory/theorems/r12-lower-bound.ts",
    was: "sums[slot]! += signs[k]! * weight",
    becomes: "sums[slot]! -= signs[k]! * weight",
    why: "equivalent",
  },
  { file: "theory/theorems/r13-hypotheses.ts", was: "a + b", becomes: "a - b", why: "equivalent" },
  {
    file: "theory/theorems/r13-hypotheses.ts",
    was: "sum + (v[list[s]!] ?? 0)",
    becomes: "sum - (v[list[s]!] ?? 0)",
    why: "equivalent",
  },
  {
    file: "theory/theorems/r13-hypotheses.ts",
    was: "shifts[(((t - s) % memory) + memory) % memory]! += x[i]! * y[j]! + x[j]! * y[i]!",
    becomes: "shifts[((t - s) % memory + memory) % memory]! -= x[i]! * y[j]! + x[j]! * y[i]!",
    why: "equivalent",
  },
  // A weight is in its own block; the second row is read before it is written; the error is 0 or 1.
  { file: "theory/theorems/r02-moments.ts", was: "i < j", becomes: "i <= j", why: "equivalent" },
  { file: "core/numeric/matrix.ts", was: "a[q]!.slice()", becomes: "a[q]!", why: "equivalent" },
  {
    file: "theory/theorems/r03-norm.ts",
    was: "normError(sketch, x) > 0.99",
    becomes: "normError(sketch, x) >= 0.99",
    why: "equivalent",
  },
  // What is equal to its last digit, or computed to one digit more.
  {
    file: "theory/theorems/r09-dense-codes.ts",
    was: "denseCodesError([x, y], m, (i) => codes[i]!) > epsilon * (1 + 1e-12)",
    becomes: "denseCodesError([x, y], m, i => codes[i]!) >= epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/theorems/r11-distances.ts",
    was: "distancesError(table, m, stream) > epsilon * (1 + 1e-9)",
    becomes: "distancesError(table, m, stream) >= epsilon * (1 + 1e-9)",
    why: "rounding",
  },
  { file: "theory/theorems/r11-distances.ts", was: "off > 1e-12", becomes: "off >= 1e-12", why: "rounding" },
  {
    file: "theory/theorems/r08-gram.ts",
    was: "gramError(sketch, gramIn(instance)) > instance.epsilon * (1 + 1e-12)",
    becomes: "gramError(sketch, gramIn(instance)) >= instance.epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/theorems/r04-inner-product.ts",
    was: "innerProductError(sketch, instance) > instance.epsilon * (1 + 1e-12)",
    becomes: "innerProductError(sketch, instance) >= instance.epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/theorems/r15-load.ts",
    was: "Math.max(...loadsOf(sketch)) > largestLoadBound(rows * dim, memory, delta)",
    becomes: "Math.max(...loadsOf(sketch)) >= largestLoadBound(rows * dim, memory, delta)",
    why: "rounding",
  },
  {
    file: "theory/theorems/r03-norm.ts",
    was: "normError(sketch, x) > epsilon * (1 + 1e-12)",
    becomes: "normError(sketch, x) >= epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/theorems/r05-linear-queries.ts",
    was: "linearQueriesError(sketch, x, asked) > epsilon * (1 + 1e-12)",
    becomes: "linearQueriesError(sketch, x, asked) >= epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/theorems/r10-sparse-codes.ts",
    was: "Math.log(entries) + logBinomialTail((t + 1) / 2, t, 1 / 8) > Math.log(delta)",
    becomes: "Math.log(entries) + logBinomialTail((t + 1) / 2, t, 1 / 8) >= Math.log(delta)",
    why: "rounding",
  },
  {
    file: "theory/theorems/r10-sparse-codes.ts",
    was: "sparseCodesError([x, y], size, stream) > epsilon * (1 + 1e-12)",
    becomes: "sparseCodesError([x, y], size, stream) >= epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "theory/theorems/r07-subspace-embedding.ts",
    was: "subspaceEmbeddingError(sketch, basisOf(instance)) > instance.epsilon * (1 + 1e-12)",
    becomes: "subspaceEmbeddingError(sketch, basisOf(instance)) >= instance.epsilon * (1 + 1e-12)",
    why: "rounding",
  },
  {
    file: "core/numeric/distributions.ts",
    was: "term > 1e-17 * sum",
    becomes: "term >= 1e-17 * sum",
    why: "rounding",
  },
  {
    file: "core/numeric/distributions.ts",
    was: "tail(high) > alpha",
    becomes: "tail(high) >= alpha",
    why: "rounding",
  },
  {
    file: "core/numeric/distributions.ts",
    was: "high - low > 1e-12 * high",
    becomes: "high - low >= 1e-12 * high",
    why: "rounding",
  },
  {
    file: "core/numeric/distributions.ts",
    was: "tail(middle) > alpha",
    becomes: "tail(middle) >= alpha",
    why: "rounding",
  },
  { file: "core/numeric/matrix.ts", was: "pass < 2", becomes: "pass <= 2", why: "rounding" },
  { file: "core/numeric/matrix.ts", was: "theta < 0", becomes: "theta <= 0", why: "rounding" },
  { file: "theory/plan.ts", was: "i < 60", becomes: "i <= 60", why: "rounding" },
  { file: "core/numeric/distributions.ts", was: "z < 10", becomes: "z <= 10", why: "rounding" },
  {
    file: "core/numeric/distributions.ts",
    was: "Math.abs(step - 1) < 1e-15",
    becomes: "Math.abs(step - 1) <= 1e-15",
    why: "rounding",
  },
  { file: "core/numeric/distributions.ts", was: "i < 200", becomes: "i <= 200", why: "rounding" },
  {
    file: "core/numeric/distributions.ts",
    was: "tailAt(middle) < Math.log(alpha / 2)",
    becomes: "tailAt(middle) <= Math.log(alpha / 2)",
    why: "rounding",
  },
  { file: "core/numeric/distributions.ts", was: "k <= n * p", becomes: "k < n * p", why: "rounding" },
  {
    file: "theory/theorems/r16-optimization.ts",
    was: "(v * dot(K[s]!, at)) / 2",
    becomes: "v * dot(K[s]!, at) * 2",
    why: "rounding",
  },
  // More steps than are needed.
  { file: "theory/theorems/r11-distances.ts", was: "table.slice(0, i)", becomes: "table", why: "speed" },
  { file: "core/numeric/matrix.ts", was: "sweep < 60", becomes: "sweep <= 60", why: "speed" },
  {
    file: "core/numeric/matrix.ts",
    at: "for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;",
    was: "p + 1",
    becomes: "p - 1",
    why: "speed",
  },
  {
    file: "core/numeric/matrix.ts",
    at: "for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;",
    was: "q < n",
    becomes: "q <= n",
    why: "speed",
  },
  {
    file: "core/numeric/matrix.ts",
    was: "off < 1e-26 * a.reduce((sum, row, i) => sum + row[i]! ** 2, 1e-300)",
    becomes: "off <= 1e-26 * a.reduce((sum, row, i) => sum + row[i]! ** 2, 1e-300)",
    why: "speed",
  },
  {
    file: "core/numeric/matrix.ts",
    was: "off < 1e-26 * a.reduce((sum, row, i) => sum + row[i]! ** 2, 1e-300)",
    becomes: "false",
    why: "speed",
  },
  {
    file: "core/numeric/matrix.ts",
    was: "(sum, row, i) => sum + row[i]! ** 2",
    becomes: "() => undefined",
    why: "speed",
  },
  { file: "core/numeric/matrix.ts", was: "sum + row[i]! ** 2", becomes: "sum - row[i]! ** 2", why: "speed" },
  { file: "core/numeric/distributions.ts", was: "1e-17 * sum", becomes: "1e-17 / sum", why: "speed" },
  { file: "core/numeric/distributions.ts", was: "i < 10_000", becomes: "i <= 10_000", why: "speed" },
  // A continued fraction that would divide by 0, which no probability here comes to.
  { file: "core/numeric/distributions.ts", was: "Math.abs(v) < 1e-300", becomes: "false", why: "defence" },
  {
    file: "core/numeric/distributions.ts",
    was: "Math.abs(v) < 1e-300",
    becomes: "Math.abs(v) <= 1e-300",
    why: "defence",
  },
  // An option that is undefined is read as an absent one.
  {
    file: "cli/prove.ts",
    was: "theorem !== undefined",
    becomes: "true",
    why: "equivalent",
  },
  {
    file: "cli/prove.ts",
    was: "scheme !== undefined",
    becomes: "true",
    why: "equivalent",
  },
  // It is the default.
  {
    file: "proofs-tests/experiments/prove/families.ts",
    was: '{ hash: "mersenne61" }',
    becomes: "{}",
    why: "equivalent",
  },
  // Of a model's losses the last alone is read.
  {
    file: "proofs-tests/experiments/convergence/iterations.ts",
    at: "const losses: { step: number; loss: number }[] = [];",
    was: "[]",
    becomes: '["Stryker was here"]',
    why: "equivalent",
  },
  // Beyond the last row there are no items.
  {
    file: "proofs-tests/experiments/prove/draws.ts",
    was: "row + 1 < bags.length",
    becomes: "row + 1 <= bags.length",
    why: "equivalent",
  },
  {
    file: "proofs-tests/experiments/prove/draws.ts",
    at: "for (let row = 0; row + 1 < bags.length; row++) {",
    was: "row + 1",
    becomes: "row - 1",
    why: "equivalent",
  },
  // Of the last sample. process, documents, driver: seen by tests that do not judge. untested: a test should see it.
  {
    file: "backends/gpu/library.ts",
    at: 'Object.defineProperty(globalThis, "navigator", {',
    was: "{ value: { ...here.navigator, gpu: create([]) }, configurable: true, }",
    becomes: "{}",
    why: "driver",
  },
  {
    file: "config/docs/blocks.ts",
    at: 'if (language === "sh") {',
    was: 'language === "sh"',
    becomes: 'language !== "sh"',
    why: "process",
  },
  {
    file: "config/docs/blocks.ts",
    at: 'if (npx !== "npx" || name !== "pss-dlrm")',
    was: 'name !== "pss-dlrm"',
    becomes: "false",
    why: "process",
  },
  {
    file: "config/docs/lines.ts",
    at: 'const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });',
    was: "false",
    becomes: "true",
    why: "process",
  },
  {
    file: "config/docs/lines.ts",
    at: 'const given = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.ts"];',
    was: '["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.ts"]',
    becomes: "[]",
    why: "documents",
  },
  {
    file: "config/docs/lines.ts",
    at: '.filter((path) => path !== "" && existsSync(root + path))',
    was: 'path !== "" && existsSync(root + path)',
    becomes: "true",
    why: "documents",
  },
  {
    file: "config/docs/parse.ts",
    at: "const criteoLine = () =>",
    was: '() => [ chance(0.25) ? "1" : "0", ...upTo(13).map(() => (chance(0.2) ? "" : String(Math.floor(Math.exp(10 * draw.uniform())) - 1))), ...upTo(26).map(() => (chance(0.1) ? "" : draw.bits().toString(16).padStart(8, "0"))), ].join("\\t")',
    becomes: "() => undefined",
    why: "process",
  },
  {
    file: "config/docs/parse.ts",
    at: "for (let at = input; at < end; ) at = parse(at, end, true, true);",
    was: "at < end",
    becomes: "false",
    why: "process",
  },
  {
    file: "config/docs/parse.ts",
    at: "for (let at = input; at < end; ) at = parse(at, end, true, true);",
    was: "true",
    becomes: "false",
    why: "process",
  },
  {
    file: "config/docs/parse.ts",
    at: "if (++line > (format.columns?.header ?? 0)) format.parse([text], line, block, 0);",
    was: "++line > (format.columns?.header ?? 0)",
    becomes: "++line <= (format.columns?.header ?? 0)",
    why: "process",
  },
  {
    file: "config/docs/parse.ts",
    at: "milliseconds: {",
    was: '{ "kernel alone": await fastest(5, kernelOn(records, format)), "reading ahead": await fastest(5, () => walk(file, format)), "reading ahead, gzip": await fastest(5, () => walk(packed, format)), "definition alone": await fastest(3, () => define(file, format)), }',
    becomes: "{}",
    why: "process",
  },
  {
    file: "config/docs/rates.ts",
    at: '["its weight\'s gradient", { n: 512, k: batch, m: 367, transposeA: true, transposeB: false }],',
    was: '["its weight\'s gradient", { n: 512, k: batch, m: 367, transposeA: true, transposeB: false }]',
    becomes: "[]",
    why: "process",
  },
  {
    file: "config/docs/rates.ts",
    at: "const callsOf = ({ n, k, m }: Product) => Math.ceil(2e8 / (2 * n * k * m) / (Math.min(n, m) === 1 ? 10 : 1));",
    was: "Math.min(n, m)",
    becomes: "Math.max(n, m)",
    why: "process",
  },
  {
    file: "config/docs/rates.ts",
    at: "const a = backend.upload(new Float32Array(n * k).fill(0.5));",
    was: "n * k",
    becomes: "n / k",
    why: "process",
  },
  {
    file: "config/docs/rates.ts",
    at: 'return () => backend.free(backend.run({ kind: "matmul", ...form, bias: false }, [a, b]));',
    was: '() => backend.free(backend.run({ kind: "matmul", ...form, bias: false }, [a, b]))',
    becomes: "() => undefined",
    why: "process",
  },
  {
    file: "config/docs/rates.ts",
    at: 'const of = `${backend.name}, ${threads} ${threads === 1 ? "thread" : "threads"}`;',
    was: "threads === 1",
    becomes: "true",
    why: "process",
  },
  {
    file: "config/docs/rates.ts",
    at: "const ways = {",
    was: '{ starts: () => location.modulos(numbers, 2_613_000, starts), signs: () => sign.modulos(numbers, 2 ** 32, signs), "starts and signs": () => { ways.starts(); ways.signs(); }, }',
    becomes: "{}",
    why: "process",
  },
  {
    file: "config/docs/rates.ts",
    at: 'const times: Record<string, number[]> = { starts: [], signs: [], "starts and signs": [] };',
    was: "[]",
    becomes: '["Stryker was here"]',
    why: "process",
  },
  {
    file: "config/docs/rates.ts",
    at: "for (let i = 0; i < rounds; i++)",
    was: "i++",
    becomes: "i--",
    why: "process",
  },
  {
    file: "config/docs/tables.ts",
    at: "return own.map((picture) => [`docs/tradeoff-${name}-${picture}.svg`, drawn[picture]!]);",
    was: "[`docs/tradeoff-${name}-${picture}.svg`, drawn[picture]!]",
    becomes: "[]",
    why: "documents",
  },
  {
    file: "config/docs/tables.ts",
    at: "export const sizesNow = (): Size[] => count(sources());",
    was: "(): Size[] => count(sources())",
    becomes: "() => undefined",
    why: "documents",
  },
  {
    file: "config/docs/tables.ts",
    at: "const study = (name: string): TradeoffStudy => data(`tradeoff/${name}`);",
    was: "(name: string): TradeoffStudy => data(`tradeoff/${name}`)",
    becomes: "() => undefined",
    why: "documents",
  },
  {
    file: "config/docs/tradeoff.ts",
    at: "const row = rows.find((r) => r.method === method && r.compression === compression);",
    was: "r.method === method",
    becomes: "true",
    why: "untested",
  },
  {
    file: "examples/flights/main.ts",
    at: 'const parts = await split(data, { by: "random", seed: protocol.seed, test: 0.1, validation: 0.02 });',
    was: '{ by: "random", seed: protocol.seed, test: 0.1, validation: 0.02 }',
    becomes: "{}",
    why: "process",
  },
  { file: "examples/flights/plots.ts", at: "nice: true,", was: "true", becomes: "false", why: "layout" },
  {
    file: "cli/bench/chart.ts",
    at: 'Plot.axisX(ticks, { text: String, label, labelArrow: "none" }),',
    was: '{ text: String, label, labelArrow: "none" }',
    becomes: "{}",
    why: "layout",
  },
  {
    file: "models/data/synthetic/signal.ts",
    at: "signs: (rank) => (rank < kept ? signs[rank]! : rank < carriers ? signsOf(rank) : NONE),",
    was: "rank < kept",
    becomes: "false",
    why: "speed",
  },
  {
    file: "models/data/lazy-rows.ts",
    at: "for (let bag = 0; bag + 1 < offsets.length; bag++) {",
    was: "bag + 1",
    becomes: "bag - 1",
    why: "equivalent",
  },
  {
    file: "proofs-tests/experiments/plan-check/measures.ts",
    at: "const count = Math.min(together, rows - first);",
    was: "rows - first",
    becomes: "rows + first",
    why: "untested",
  },
  {
    file: "proofs-tests/experiments/plan-check/tables.ts",
    at: "for (let i = 0; i < rows; i++) {",
    was: "i < rows",
    becomes: "i <= rows",
    why: "equivalent",
  },
  {
    file: "proofs-tests/experiments/tradeoff/latency.ts",
    at: "return trainStep(model, batchOf(contestant, round), ++contestant.steps, { optimizer });",
    was: "++contestant.steps",
    becomes: "--contestant.steps",
    why: "untested",
  },
  {
    file: "cli/report/tradeoff-plots.ts",
    at: "value: ({ iterations }) => iterations[target]?.ratio,",
    was: "iterations[target]?.ratio",
    becomes: "iterations[target].ratio",
    why: "defence",
  },
  {
    file: "proofs-tests/experiments/tradeoff/ranking.ts",
    at: "if (leader === undefined || (behind?.interval && behind.interval[1] < 0)) {",
    was: "behind?.interval",
    becomes: "behind.interval",
    why: "defence",
  },
  {
    file: "proofs-tests/experiments/tradeoff/work.ts",
    at: "if (taken === undefined) {",
    was: "taken === undefined",
    becomes: "false",
    why: "process",
  },
  {
    file: "proofs-tests/experiments/convergence/linear.ts",
    at: "for (let k = i * fields; k < (i + 1) * fields; k++) row[starts[k]!]! += signs && signs[k]! & 1 ? -1 : 1;",
    was: "row[starts[k]!]! += signs && signs[k]! & 1 ? -1 : 1",
    becomes: "row[starts[k]!]! -= signs && signs[k]! & 1 ? -1 : 1",
    why: "untested",
  },
  {
    file: "proofs-tests/experiments/convergence/linear.ts",
    at: "const optimum = await minimum(problem, memory, 1 / (0.25 * 9 + ridge));",
    was: "1 / (0.25 * 9 + ridge)",
    becomes: "1 * (0.25 * 9 + ridge)",
    why: "speed",
  },
  {
    file: "proofs-tests/experiments/convergence/linear.ts",
    at: "const start = optimum.map((v) => v + 1e-6 * stream.normal());",
    was: "v + 1e-6 * stream.normal()",
    becomes: "v - 1e-6 * stream.normal()",
    why: "chance",
  },
];
