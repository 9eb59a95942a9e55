import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpu } from "../../backends/cpu.ts";
import { synthetic } from "../../models/data/synthetic.ts";
import { evaluate } from "../../models/evaluate.ts";
import { type Folder, openFolder } from "../../models/tradeoff/folder.ts";
import { latenciesOf } from "../../models/tradeoff/latency.ts";
import { methodByName } from "../../models/tradeoff/method.ts";
import { bestPoint, keyOf, type Setting } from "../../models/tradeoff/protocol.ts";
import { modelOf, runTrial } from "../../models/tradeoff/trial.ts";
import { train } from "../../models/train.ts";
import { protocolOf, trained } from "./made.ts";

const rows = synthetic({ tables: [60, 40], dense: 2, rows: 1500, seed: 4 });
const setting: Setting = { ...protocolOf({}).setting, epochs: 12, every: 5, patience: 4 };
const trial = { method: "robe", compression: 3, rate: 2, seed: 1 };

describe("a trial", () => {
  it("reports of the test rows the model that validation chose, and ends when patience does", async () => {
    const method = methodByName(trial.method);
    const outcome = await runTrial(trial, method, setting, rows, cpu, () => {});
    if (outcome.kind !== "trained") return expect.fail(outcome.reason);
    const { curve, test, steps } = outcome;
    const best = bestPoint(curve).step;
    // Neither the first measurement nor the last, or the test could not tell them apart.
    expect([curve[0]!.step < best, best < curve.at(-1)!.step]).toEqual([true, true]);
    expect(test.step).toBe(best);
    expect(steps).toBe(best + setting.patience * setting.every);

    const again = modelOf(method, trial, setting, rows, cpu);
    const optimizer = method.optimizer(setting.optimizer, trial.rate);
    const options = {
      optimizer,
      batch: setting.batch,
      epochs: setting.epochs,
      shuffle: trial.seed,
      steps: best,
    };
    for await (const _ of train(again, rows.train, options));
    const { auc, logLoss } = await evaluate(again, rows.test);
    expect([test.auc, test.logLoss]).toEqual([auc.value, logLoss].map((x) => Number(x.toPrecision(6))));
  });

  it("is refused in words where the method cannot be that small", async () => {
    const tooSmall = { ...trial, method: "memcom", compression: 100 };
    const outcome = await runTrial(tooSmall, methodByName("memcom"), setting, rows, cpu, () => {});
    expect(outcome).toEqual({ kind: "refused", reason: expect.stringContaining("memcom needs at least") });
  });
});

describe("times of steps", () => {
  it("are measured by one of those who share a folder; the others read them", async () => {
    const protocol = protocolOf({ seeds: [0] });
    const path = mkdtempSync(join(tmpdir(), "pss-dlrm-tradeoff-"));
    const cells = [
      { method: "full", compression: 1 },
      { method: "robe", compression: 4 },
    ];
    const known = new Map(cells.map((cell) => [keyOf({ ...cell, rate: 1, seed: 0 }), trained([[5, 0.6]])]));
    const folders = [await openFolder(path, protocol.setting), await openFolder(path, protocol.setting)];
    const measure = async (folder: Folder) => {
      const told: string[] = [];
      const means = { backend: cpu, folder, open: async () => rows };
      const times = await latenciesOf(protocol, known, means, ({ method }) => told.push(method));
      return { times, told };
    };
    const [one, other] = await Promise.all(folders.map(measure));
    expect(other!.times).toEqual(one!.times);
    expect([one!.told, other!.told].toSorted((a, b) => a.length - b.length)).toEqual([[], ["full", "robe"]]);
  });
});
