import { describe, expect, it } from "vitest";
import { refusal, rewrite, saved } from "./changed-file.ts";

describe("a file that somebody made, with the right sum,", () => {
  const array = "its array";
  it.each<[string, string | RegExp, string, string | RegExp]>([
    ["whose header is no JSON", /\}$/, "", "its header is no JSON"],
    [
      "that names an array twice",
      /("top.1.bias":\{[^}]*\})/,
      '"top.1.bias":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"top.1.bias":{}',
      "its header is not written as",
    ],
    [
      "that writes a number another way",
      '"data_offsets":[0,',
      '"data_offsets":[0.0,',
      "its header is not written as",
    ],
    ["without metadata", '"__metadata__"', '"metadata"', "its header has no metadata"],
    ["of an unknown kind of number", '"dtype":"F32"', '"dtype":"F33"', array],
    ["of a kind that all objects have", '"dtype":"F32"', '"dtype":"constructor"', array],
    ["of a negative length", '"shape":[300]', '"shape":[-300]', array],
    ["of a length that is no whole number", '"shape":[300]', '"shape":[300.5]', array],
    ["of more numbers than a number can count", '"shape":[300]', '"shape":[4294967296,4294967296]', array],
    [
      "whose shape and place differ",
      '"shape":[300]',
      '"shape":[299]',
      `${array} "embedding.memory" does not lie where`,
    ],
    [
      "with a gap",
      '"data_offsets":[0,1200]',
      '"data_offsets":[4,1204]',
      `${array} "embedding.memory" does not lie where`,
    ],
    [
      "with an array that is no object",
      /"top.1.bias":\{[^}]*\}/,
      '"top.1.bias":7',
      `${array} "top.1.bias" is not as`,
    ],
    [
      "with an array of another name",
      '"embedding.memory":',
      '"embedding.memory2":',
      'it has no array "embedding.memory"',
    ],
    [
      "with an array called __proto__",
      '"embedding.memory/state.0":',
      '"__proto__":',
      'it has an array "__proto__"',
    ],
    [
      "with an array called constructor",
      '"embedding.memory/state.0":',
      '"constructor":',
      'it has an array "constructor"',
    ],
    [
      "with a state of too many",
      '"top.1.bias/state.0":',
      '"top.1.bias/state.1":',
      'it has an array "top.1.bias/state.1"',
    ],
    ["of an optimizer with other states", '\\"adagrad\\"', '\\"adam\\"', "which are not those of adam"],
    [
      "of an optimizer of more numbers",
      '\\"name\\":\\"adagrad\\"',
      '\\"name\\":\\"rowWiseAdagrad\\"',
      "which are not those of rowWiseAdagrad",
    ],
    [
      "of a learning rate that is none",
      '\\"learningRate\\":0.05',
      '\\"learningRate\\":\\"0.05\\"',
      "learning rate of its optimizer must be a number",
    ],
    [
      "of a step that is no whole number",
      '\\"step\\":1',
      '\\"step\\":1.5',
      "the step of its training must be a whole number",
    ],
    [
      "of a step that is an object",
      '\\"step\\":1',
      '\\"step\\":{\\"toString\\":1}',
      "the step of its training must be a whole number",
    ],
    [
      "of a family that is none",
      '\\"full\\"',
      '\\"constructor\\"',
      "its embedding is constructor, whose family is to be given",
    ],
    [
      "of an option that is none",
      '\\"options\\":{}',
      '\\"options\\":{\\"__proto__\\":1}',
      "full has no option __proto__",
    ],
    [
      "of a description that is nested too deep",
      '\\"options\\":{}',
      `\\"options\\":{},\\"data\\":${"[".repeat(99)}${"]".repeat(99)}`,
      "its description has more than",
    ],
    [
      "of a field that is none",
      '\\"training\\"',
      '\\"toString\\"',
      'its description has a field "toString", which none has',
    ],
    [
      "of layers that do not fit",
      '\\"bottom\\":[8,4]',
      '\\"bottom\\":[8,5]',
      "The bottom MLP must end in the embedding dim 4",
    ],
    [
      "of layers of other sizes",
      '\\"bottom\\":[8,4]',
      '\\"bottom\\":[9,4]',
      'an array of 8 × 4 "bottom.0.weight", but this model has one of 9 × 4',
    ],
    ["without a seed", ',\\"seed\\":1', "", "its config has no seed"],
    ["of a loss that is none", '\\"bce\\"', '\\"toString\\"', "loss of config must be one of bce, mse"],
    [
      "of more rows than it holds",
      '\\"tables\\":[50,20,5]',
      '\\"tables\\":[1000000000,20,5]',
      /^An array of 4000000100 floats is to be filled, but there are only \d+ numbers/,
    ],
    [
      "of a wider dim than it holds",
      /\\"dim\\":4,\\"bottom\\":\[8,4\]/,
      '\\"dim\\":1000000,\\"bottom\\":[8,1000000]',
      "its config asks for 3 tables of dim 1000000",
    ],
    [
      "of wider layers than it holds",
      '\\"top\\":[8,1]',
      '\\"top\\":[100000000,1]',
      /^An array of \d+ floats is to be filled/,
    ],
    [
      "of more tables than it holds",
      '\\"tables\\":[50,20,5]',
      `\\"tables\\":[${Array(9000).fill(1)}]`,
      "its config asks for 9000 tables",
    ],
    [
      "of more layers than it holds",
      '\\"bottom\\":[8,4]',
      `\\"bottom\\":[${Array(9000).fill(4)}]`,
      "and 9002 layers",
    ],
    [
      "of lazy rows that it has not",
      '\\"options\\":{}',
      '\\"options\\":{\\"lazyRows\\":true}',
      "it has no rows of table 0",
    ],
  ])("%s is refused", async (_, was, becomes, sentence) => {
    await saved();
    rewrite(was, becomes);
    expect(await refusal()).toMatch(
      typeof sentence === "string"
        ? new RegExp(`^(?:.*)${sentence.replaceAll(/[[\](){}.*+?^$\\|/]/g, "\\$&")}`)
        : sentence,
    );
  });
});
