import { describe, expect, it } from "vitest";
import { flagsOf, type Texts } from "../../../cli/flags.ts";
import {
  configFlag,
  layerFlags,
  layersFrom,
  optimizerFlag,
  optimizerFrom,
  rateFlag,
} from "../../../cli/model.ts";
import { configs, type NamedConfig } from "../../../models/dlrm/configs.ts";

const kaggle = configs["criteo-kaggle"]!;

function made(texts: Texts, config: NamedConfig | undefined) {
  const { optimizer, lr } = flagsOf({ optimizer: optimizerFlag, lr: rateFlag, config: configFlag }, texts);
  return optimizerFrom(optimizer, lr, config);
}

describe("the optimizer", () => {
  it.each([
    ["sgd", 0.1],
    ["adagrad", 0.05],
    ["rowWiseAdagrad", 0.05],
    ["adam", 0.001],
    ["sparseAdam", 0.001],
    ["rmsprop", 0.001],
  ])("%s has the rate %d unless --lr says another", (optimizer, rate) => {
    const name = optimizer;
    expect(made({ optimizer }, undefined)).toMatchObject({ name, learningRate: rate });
    expect(made({ optimizer, lr: "0.7" }, undefined)).toMatchObject({ name, learningRate: 0.7 });
    expect(made({ optimizer, lr: "0.7" }, kaggle)).toMatchObject({ name, learningRate: 0.7 });
  });

  it("is the config's at its rate; another one than the config's has its own rate", () => {
    const config = { ...kaggle, rate: 0.3 };
    const named = { config: "criteo-kaggle" };
    expect(made(named, config)).toMatchObject({ name: "sgd", learningRate: 0.3 });
    expect(made({ ...named, optimizer: "sgd" }, config)).toMatchObject({ name: "sgd", learningRate: 0.3 });
    expect(made({ ...named, optimizer: "adagrad" }, config)).toMatchObject({
      name: "adagrad",
      learningRate: 0.05,
    });
    expect(made({}, undefined)).toMatchObject({ name: "adagrad", learningRate: 0.05 });
  });

  it("has the options that its flags set", () => {
    const { state, zeroGradient } = made({ optimizer: "sgd", momentum: "0.9" }, undefined);
    expect([state.map(({ name }) => name), zeroGradient]).toEqual([["velocity"], "something"]);
  });
});

it("the layers are those of the flags, else the config's, else small ones that end in dim", () => {
  expect(layersFrom({}, undefined)).toEqual({ dim: 16, bottom: [64, 16], top: [64, 32, 1] });
  expect(layersFrom({ dim: 8 }, undefined)).toEqual({ dim: 8, bottom: [64, 8], top: [64, 32, 1] });
  const { dim, bottom, top } = kaggle;
  expect(layersFrom({}, kaggle)).toEqual({ dim, bottom, top });
  const flags = flagsOf(layerFlags, { dim: "4", bottom: "7-4", top: "9,1" });
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
