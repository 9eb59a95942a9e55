import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFolder as opened } from "../../../experiments/tradeoff/folder.ts";
import type { Setting } from "../../../experiments/tradeoff/protocol.ts";
import { temporaryFolder } from "../../temporary.ts";
import { protocolOf, trained } from "./made.ts";

const { setting } = protocolOf({});
const made = () => temporaryFolder();
/** A folder that is sound, so it warns of nothing. */
const openFolder = (path: string, of: Setting) => opened(path, of, (sentence) => expect.fail(sentence));
const trial = { method: "robe:block=2", compression: 4, rate: 1, seed: 0 };

describe("the folder of a study", () => {
  it("gives back what was recorded, number for number", async () => {
    const path = made();
    const outcome = trained([[5, 0.123456789012345]]);
    await (await openFolder(path, setting)).record({ trial, outcome });
    expect([...(await openFolder(path, setting)).known().values()]).toEqual([outcome]);
  });

  it("keeps points without AUC where log loss judges", async () => {
    const path = made();
    const judged: Setting = { ...setting, judge: "logLoss" };
    const test = { step: 5, auc: null, logLoss: 0.25 };
    const outcome = { ...trained([[5, 0.5]]), curve: [test], test };
    await (await openFolder(path, judged)).record({ trial, outcome });
    expect([...(await openFolder(path, judged)).known().values()]).toEqual([outcome]);
  });

  it("gives a trial to one process only, until it is given back", async () => {
    const path = made();
    const [a, b] = [await openFolder(path, setting), await openFolder(path, setting)];
    const claim = a.claim("x");
    expect(claim).toBeDefined();
    expect(b.claim("x")).toBeUndefined();
    claim!.release();
    expect(b.claim("x")).toBeDefined();
  });

  it("keeps the times of steps, and has none at first", async () => {
    const path = made();
    const folder = await openFolder(path, setting);
    expect(folder.latencies()).toEqual([]);
    const cell = { method: "robe", compression: 4 };
    const times = [{ ...cell, step: 2, quartiles: [1, 3] as const, speedup: 0.5, predicted: 9 }];
    await folder.recordLatencies(times);
    expect((await openFolder(path, setting)).latencies()).toEqual(times);
  });

  it("refuses another setting, with both values", async () => {
    const path = made();
    await openFolder(path, setting);
    await expect(openFolder(path, { ...setting, batch: 128 })).rejects.toThrow(/batch 64, but now it is 128/);
  });

  const noJson = "is no JSON, or is cut short";
  const noRecord = "is not the record of the trial";
  it.each<[string, RegExp, string, string]>([
    ["that is cut short", /.{9}$/s, "", noJson],
    ["that is empty", /.*/s, "", noJson],
    ["without its curve", /"curve":.*\],/, "", noRecord],
    ["with an empty curve", /"curve":.*\],/, '"curve":[],', noRecord],
    ["with a number as a text", /"auc":0.6/, '"auc":"0.6"', noRecord],
    ["with a number that is null", /"learningRate":0.05/, '"learningRate":null', noRecord],
    ["without the AUC that it is judged by", /"auc":0.6/, '"auc":null', noRecord],
    ["of another kind", /"trained"/, '"untrained"', noRecord],
    ["of another trial", /"seed":0/, '"seed":1', noRecord],
    ["that is a list", /^.*$/s, "[]", noRecord],
    ["that is null", /^.*$/s, "null", noRecord],
  ])("names a trial's file %s once, and does its work anew", async (_, was, becomes, why) => {
    const path = made();
    await (await openFolder(path, setting)).record({ trial, outcome: trained([[5, 0.6]]) });
    const [name] = readdirSync(join(path, "trials"));
    const file = join(path, "trials", name!);
    writeFileSync(file, readFileSync(file, "utf8").replace(was, becomes));
    const told: string[] = [];
    const folder = await opened(path, setting, (sentence) => told.push(sentence));
    expect([folder.known().size, folder.known().size]).toEqual([0, 0]);
    expect(told).toEqual([expect.stringContaining(`${file} ${why}`)]);
    expect(told[0]).toMatch(/its work is done anew\.$/);
    const again = { trial, outcome: trained([[5, 0.7]]) };
    await folder.record(again);
    expect([...folder.known().values()]).toEqual([again.outcome]);
    expect([...(await openFolder(path, setting)).known().values()]).toEqual([again.outcome]);
  });

  it.each([
    ["cut short", "["],
    ["of another form", '[{"method":"robe"}]'],
  ])("measures again where the file of times is %s", async (_, content) => {
    const path = made();
    const told: string[] = [];
    const folder = await opened(path, setting, (sentence) => told.push(sentence));
    writeFileSync(join(path, "latencies.json"), content);
    expect([folder.latencies(), folder.latencies()]).toEqual([[], []]);
    expect(told).toEqual([expect.stringContaining("latencies.json")]);
  });

  it("stops where nobody knows what its trials are of", async () => {
    const path = made();
    for (const content of ["{", "7", "null"]) {
      writeFileSync(join(path, "setting.json"), content);
      await expect(openFolder(path, setting)).rejects.toThrow(/setting\.json .*; delete the folder, or name/);
    }
  });
});
