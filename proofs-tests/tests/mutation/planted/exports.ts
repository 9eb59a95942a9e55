/** Long: a list of values, one after the other. */
import type { Planted } from "../planted.ts";

const onnx = "proofs-tests/tests/models/export/onnx.test.ts";
const torch = "proofs-tests/tests/models/export/torch.test.ts";
const command = "proofs-tests/tests/cli/export.test.ts";
const laws = "proofs-tests/tests/models/embeddings/laws.test.ts";

/** Faults of models that leave: other slots, other probabilities, other numbers that come back. */
export const exported: readonly Planted[] = [
  {
    file: "models/embeddings/families/robe-blocks.ts",
    was: "return from(m - Z + 1);",
    becomes: "return from(m - Z);",
    tells: "Models of the authors' index law read other slots in other engines.",
    seenBy: laws,
  },
  {
    file: "models/embeddings/families/robe-signs.ts",
    was: "plus(times(key.block, words), word)",
    becomes: "plus(times(key.block, 32), word)",
    tells: "Blocks of more than 32 weights have other signs in other engines.",
    seenBy: onnx,
  },
  {
    file: "models/embeddings/families/quotient-remainder.ts",
    was: "terms: isWhole ? [whole] : [quotient, remainder],",
    becomes: "terms: isWhole ? [whole] : [quotient],",
    tells: "Other engines leave out the remainder rows.",
    seenBy: laws,
  },
  {
    file: "models/embeddings/families/cafe.ts",
    was: "slot: choose(less(at, hot.length), plus(times(at, dim), element), plus(slot, first)),",
    becomes: "slot: choose(less(at, hot.length), plus(times(at, dim), element), slot),",
    tells: "Rare ids read the rows of hot ones in other engines.",
    seenBy: laws,
  },
  {
    file: "models/embeddings/full-scheme.ts",
    was: "choose(less(at, count), plus(at, before[t]!), lazy.count)",
    becomes: "plus(at, before[t]!)",
    tells: "A row that is not kept is read from the place of another one.",
    seenBy: onnx,
  },
  {
    file: "core/numeric/hash.ts",
    was: "const term = (x: Formula, by: number) => rest(times(rest(x, prime), by), prime);",
    becomes: "const term = (x: Formula, by: number) => times(x, by);",
    tells: "An affine hash leaves 64 bits in other engines.",
    seenBy: onnx,
  },
  {
    file: "models/export/onnx/formula.ts",
    was: 'graph.node("Add", [place, number(step - 1)])',
    becomes: 'graph.node("Add", [place, number(step)])',
    tells: "ONNX finds other hot ids.",
    seenBy: onnx,
  },
  {
    file: "models/export/onnx/formula.ts",
    was: "sum = add(modulo(add(high, low), prime61), c);",
    becomes: "sum = modulo(add(add(high, low), c), prime61);",
    tells: "The hash in ONNX overflows 64 bits, of one key in a million.",
    seenBy: onnx,
  },
  {
    file: "models/export/onnx/model.ts",
    was: 'const isSound = bags ? graph.node("Or", [isId, isNone]) : isId;',
    becomes: 'const isSound = graph.node("Or", [isId, isNone]);',
    tells: "An id of -1 is scored as if it were row 0.",
    seenBy: onnx,
  },
  {
    file: "models/export/onnx/model.ts",
    was: "j < i + (itself ? 1 : 0)",
    becomes: "j < i",
    tells: "ONNX leaves out products of vectors with themselves.",
    seenBy: onnx,
  },
  {
    file: "models/export/onnx/model.ts",
    was: 'const others = graph.node("Div", [graph.node("Sub", [number(1), p]), number(rate)]);',
    becomes: 'const others = graph.node("Sub", [number(1), p]);',
    tells: "ONNX gives probabilities of the rows that sampling kept.",
    seenBy: onnx,
  },
  {
    file: "models/export/onnx/rows.ts",
    was: 'if (i + 2 < sizes.length) x = graph.node("Relu", [x]);',
    becomes: 'x = graph.node("Relu", [x]);',
    tells: "Rows that a network makes lose their negative numbers.",
    seenBy: onnx,
  },
  {
    file: "models/export/torch/numbers.ts",
    was: "present.sum(2, keepdim=True).clamp(min=1)",
    becomes: "present.shape[2]",
    tells: "Means in torch are over the padding, too.",
    seenBy: torch,
  },
  {
    file: "models/export/torch/numbers.ts",
    was: "h = product32(h ^ (h >> 13), 0xC2B2AE35)",
    becomes: "h = product32(h ^ (h >> 12), 0xC2B2AE35)",
    tells: "The mixer hashes to other slots in torch.",
    seenBy: torch,
  },
  {
    file: "models/export/torch/module.ts",
    was: 'if name not in ("quality", "training", "optimizer")',
    becomes: 'if name not in ("quality", "optimizer")',
    tells: "A model that torch trained says that it was trained as before.",
    seenBy: torch,
  },
  {
    file: "models/export/torch/module.ts",
    was: "0 if ITSELF else -1",
    becomes: "-1",
    tells: "Torch leaves out products of vectors with themselves.",
    seenBy: torch,
  },
  {
    file: "models/export/torch/formula.ts",
    was: "const right = bracketed(printed(formula.right, printing), binds + 1);",
    becomes: "const right = bracketed(printed(formula.right, printing), binds);",
    tells: "Python divides in another order than the formula.",
    seenBy: torch,
  },
  {
    file: "models/export/torch/state-dict.ts",
    was: "(half) => half << 16",
    becomes: "(half) => half",
    tells: "Numbers that were trained as bfloat16 come back as other ones.",
    seenBy: command,
  },
  {
    file: "models/export/torch/state-dict.ts",
    was: '!own.has(name) && name !== "__metadata__"',
    becomes: "false",
    tells: "A state dict of another model is taken for this one's.",
    seenBy: command,
  },
  {
    file: "cli/import.ts",
    was: "save(out, model, kept)",
    becomes: "save(out, model, { ...kept, samplingRate: 1 })",
    tells: "A model that comes back from torch gives probabilities of sampled rows.",
    seenBy: command,
  },
  {
    file: "models/export/rows.ts",
    was: "longest = Math.max(longest, length);",
    becomes: "longest = length;",
    tells: "Ids of long bags are written over those of the next.",
    seenBy: "proofs-tests/tests/cli/encode.test.ts",
  },
  {
    file: "models/export/rows.ts",
    was: "isPlain &&= length === 1;",
    becomes: "isPlain &&= length <= 1;",
    tells: "An id that is missing is written as -1 where a model takes one of each table.",
    seenBy: "proofs-tests/tests/cli/encode.test.ts",
  },
  {
    file: "config/docs/engines-table.ts",
    was: "short(many.p50 / first.many.p50)",
    becomes: "short(first.many.p50 / many.p50)",
    tells: "An engine that takes twice as long is twice as fast.",
    seenBy: "proofs-tests/tests/docs/engines.test.ts",
  },
];
