/** Faults of memories whose numbers have few bits. */
import type { Planted } from "../planted.ts";

export const fewBits: readonly Planted[] = [
  {
    file: "models/embeddings/storage.ts",
    was: 'mode: rounding ?? "stochastic"',
    becomes: 'mode: rounding ?? "nearest"',
    tells:
      "A memory of four bits keeps the zeros that it begins with: no step is as large as half of theirs.",
    seenBy: "proofs-tests/tests/models/embeddings/storage.test.ts",
  },
  {
    file: "models/embeddings/storage.ts",
    was: "Math.ceil((bits[storage] / 8) * floats)",
    becomes: "Math.floor((bits[storage] / 8) * floats)",
    tells: "A memory of an odd number of four-bit numbers is said to be smaller than its file.",
    seenBy: "proofs-tests/tests/models/embeddings/storage.test.ts",
  },
  {
    file: "models/embeddings/embedding.ts",
    was: "    if (halves?.grid) roundOnto(values, roundingOf(name, halves, 0));\n",
    becomes: "",
    tells: "A model that was not trained yet cannot be saved: its numbers are none of its grid.",
    seenBy: "proofs-tests/tests/models/embeddings/storage.test.ts",
  },
  {
    file: "models/embeddings/families/mixed-dimension.ts",
    was: "storedBytes(options, part.rows) + 4 * part.projection",
    becomes: "storedBytes(options, part.rows + part.projection)",
    tells: "Projections, which stay in 32 bits, are counted in as few bits as rows.",
    seenBy: "proofs-tests/tests/models/embeddings/laws.test.ts",
  },
  {
    file: "core/parameter.ts",
    was: 'grid ? roundOnto(Float64Array.from(values), { mode: "nearest", grid }) : values',
    becomes: "values",
    tells:
      "A model of few bits that was trained in torch cannot be imported: its numbers are none of its grid.",
    seenBy: "proofs-tests/tests/models/dlrm/few-bits.test.ts",
  },
  {
    file: "models/dlrm/saved/packed.ts",
    was: "(k & 15) << (4 * (i & 1))",
    becomes: "(k & 15) << (4 - 4 * (i & 1))",
    tells: "Neighbors of four bits change places whenever a model is saved and loaded.",
    seenBy: "proofs-tests/tests/models/dlrm/saved/packed.test.ts",
  },
  {
    file: "models/dlrm/saved/packed.ts",
    was: "(code >> (32 - bits))",
    becomes: "(code >>> (32 - bits))",
    tells: "Numbers below 0 are loaded as large ones above it.",
    seenBy: "proofs-tests/tests/models/dlrm/saved/packed.test.ts",
  },
  {
    file: "models/dlrm/saved/packed.ts",
    was: "      Number.isInteger(k) && k >= -end && k < end,",
    becomes: "      Number.isInteger(k),",
    tells: "A number beyond its grid is saved as another, without a word.",
    seenBy: "proofs-tests/tests/models/dlrm/saved/packed.test.ts",
  },
  {
    file: "backends/validate.ts",
    was: "(step.rounding.grid?.step ?? halfSpacing(Math.max(Math.abs(x), Math.abs(actual[i]!))))",
    becomes: "(step.rounding.grid ? 16 : halfSpacing(Math.max(Math.abs(x), Math.abs(actual[i]!))))",
    tells: "Steps of a memory of few bits are found within their bounds, whatever a backend makes of them.",
    seenBy: "proofs-tests/tests/models/dlrm/few-bits.test.ts",
  },
  {
    file: "backends/fast/half.ts",
    was: "2 ** (grid.bits - 1)",
    becomes: "2 ** (grid.bits - 1) - 1",
    tells: "The smallest number of a grid is never reached on fast.",
    seenBy: "proofs-tests/tests/core/half.test.ts",
  },
  {
    file: "core/numeric/half.ts",
    was: "const most = 2 ** (bits - 1) - (x < 0 ? 0 : 1);",
    becomes: "const most = 2 ** (bits - 1) - 1;",
    tells: "The smallest number of a grid is never reached on cpu.",
    seenBy: "proofs-tests/tests/core/half.test.ts",
  },
  {
    file: "models/export/torch/model.ts",
    was: "halves.grid.step}",
    becomes: "2 * halves.grid.step}",
    tells: "A model of few bits has other vectors in torch than here.",
    seenBy: "proofs-tests/tests/models/export/torch.test.ts",
  },
];
