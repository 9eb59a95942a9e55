import { describe, expect, it } from "vitest";
import { embeddingFlags, layersFrom, optimizerFrom, optionsFrom } from "../../../cli/model.ts";
import { configs } from "../../../models/dlrm/configs.ts";

const kaggle = configs["criteo-kaggle"]!;

describe("the flags of an embedding", () => {
  /** Of each flag a text of its own, and what it stands for. */
  const meanings = [
    ["memory", "1234", { memory: 1234 }],
    ["compression", "2.5", { compression: 2.5 }],
    ["block", "3", { block: 3 }],
    ["index", "flat", { index: "flat" }],
    ["hash", "mixer", { hash: "mixer" }],
    ["sign", "none", { sign: "none" }],
    ["hashes", "4", { hashes: 4 }],
    ["collisions", "5", { collisions: 5 }],
    ["threshold", "0", { threshold: 0 }],
    ["operation", "add", { operation: "add" }],
    ["hot-share", "0.6", { hotShare: 0.6 }],
    ["bias", true, { bias: true }],
    ["temperature", "0.7", { temperature: 0.7 }],
    ["rank", "8", { rank: 8 }],
    ["width", "9", { width: 9 }],
    ["pooling", "learned", { pooling: "learned" }],
    ["table-scale", true, { tableScale: true }],
    ["storage", "f16", { storage: "f16" }],
    ["rounding", "stochastic", { rounding: "stochastic" }],
  ] as const;

  it("set each its own option and no other", () => {
    expect(optionsFrom({})).toEqual({ storage: "f32" });
    for (const [flag, text, options] of meanings)
      expect(optionsFrom({ [flag]: text }), flag).toEqual({ storage: "f32", ...options });
  });

  it("are all known here, and together set all options", () => {
    const flags = meanings.map(([flag]) => flag);
    expect([...flags, "embedding"].toSorted()).toEqual(Object.keys(embeddingFlags).toSorted());
    const all = Object.fromEntries(meanings.map(([flag, text]) => [flag, text]));
    expect(optionsFrom(all)).toEqual(Object.assign({}, ...meanings.map(([, , options]) => options)));
  });
});

describe("the optimizer", () => {
  it.each([
    ["sgd", 0.1],
    ["adagrad", 0.05],
    ["rowWiseAdagrad", 0.05],
    ["adam", 0.001],
    ["sparseAdam", 0.001],
    ["rmsprop", 0.001],
  ])("%s has the rate %d unless --lr says another", (name, rate) => {
    expect(optimizerFrom({ optimizer: name }, undefined)).toMatchObject({ name, rate });
    expect(optimizerFrom({ optimizer: name, lr: "0.7" }, undefined)).toMatchObject({ name, rate: 0.7 });
    expect(optimizerFrom({ optimizer: name, lr: "0.7" }, kaggle)).toMatchObject({ name, rate: 0.7 });
  });

  it("is the config's at its rate; another one than the config's has its own rate", () => {
    const config = { ...kaggle, rate: 0.3 };
    expect(optimizerFrom({}, config)).toMatchObject({ name: "sgd", rate: 0.3 });
    expect(optimizerFrom({ optimizer: "sgd" }, config)).toMatchObject({ name: "sgd", rate: 0.3 });
    expect(optimizerFrom({ optimizer: "adagrad" }, config)).toMatchObject({ name: "adagrad", rate: 0.05 });
    expect(optimizerFrom({}, undefined)).toMatchObject({ name: "adagrad", rate: 0.05 });
  });
});

it("the layers are those of the flags, else the config's, else small ones that end in dim", () => {
  expect(layersFrom({}, undefined)).toEqual({ dim: 16, bottom: [64, 16], top: [64, 32, 1] });
  expect(layersFrom({ dim: "8" }, undefined)).toEqual({ dim: 8, bottom: [64, 8], top: [64, 32, 1] });
  const { dim, bottom, top } = kaggle;
  expect(layersFrom({}, kaggle)).toEqual({ dim, bottom, top });
  const flags = { dim: "4", bottom: "7-4", top: "9,1" };
  expect(layersFrom(flags, kaggle)).toEqual({ dim: 4, bottom: [7, 4], top: [9, 1] });
});

it("the published models are trained as their authors train them", () => {
  const training = Object.entries(configs).map(([name, { optimizer, rate, batch }]) => [
    name,
    optimizer,
    rate,
    batch,
  ]);
  expect(training).toEqual([
    ["criteo-kaggle", "sgd", 0.1, 128],
    ["criteo-tb", "sgd", 1, 2048],
  ]);
});
