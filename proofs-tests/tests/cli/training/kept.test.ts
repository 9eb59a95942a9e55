import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { prepare, trainVerb } from "../../../../cli/train.ts";
import { type Checkpoint, modelIn, openCheckpoint } from "../../../../cli/training/checkpoint.ts";
import { trainFrom } from "../../../../cli/training/run.ts";
import { describe as described } from "../../../../models/dlrm/saved/load.ts";
import { given } from "../command.ts";
import { place, ran, small } from "./checkpointed.ts";

describe("where a run was broken off between its two files", () => {
  it("the model is written by the next, though no step is left to take", async () => {
    const at = place();
    await ran({ checkpoint: at, steps: "4" });
    const model = readFileSync(modelIn(at));
    rmSync(modelIn(at));
    expect(await ran({ checkpoint: at, steps: "4", resume: true })).toMatchObject({ from: 4 });
    const numbers = (bytes: Buffer) => bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
    expect(numbers(readFileSync(modelIn(at))).equals(numbers(model))).toBe(true);
  });

  it("a best model of another step than the checkpoint says is not taken for it", async () => {
    const at = place();
    const flags = { checkpoint: at, lr: "0.5", optimizer: "adam", epochs: "6" };
    await ran(flags);
    const { training } = await described(modelIn(at));
    expect(training!.step).toBeLessThan(30); // the best is not the last
    const later = place();
    await ran({ ...flags, checkpoint: later, steps: "3", keep: "last" });
    writeFileSync(modelIn(at), readFileSync(modelIn(later)));
    const again = ran({ ...flags, resume: true });
    await expect(again).rejects.toThrow(
      `The best model is that of step ${training!.step}, but ${modelIn(at)} holds that of step 3`,
    );
  });
});

it("the best model is written at the end where it could not be before", async () => {
  const flags = { lr: "0.5", optimizer: "adam", epochs: "6" };
  const [at, other] = [place(), place()];
  await ran({ ...flags, checkpoint: other });
  const { values, texts } = given(trainVerb, { ...small, ...flags, checkpoint: at });
  const ready = await prepare(values, texts, cpu);
  const checkpoint = await openCheckpoint(at, ready, {
    ...{ goesOn: false, saveEvery: 60, now: 0 },
    warn: expect.fail,
  });
  const keep: Checkpoint["keep"] = (model, state, options) =>
    options?.isLast ? checkpoint.keep(model, state, options) : Promise.resolve(false);
  await trainFrom(ready, values, { checkpoint: { ...checkpoint, keep } });
  checkpoint.end();
  expect(readFileSync(modelIn(at)).equals(readFileSync(modelIn(other)))).toBe(true);
});

it("the best of an epoch is kept where it is measured, and measured where that is asked for", async () => {
  const { result } = await ran({ checkpoint: place(), "eval-every": "2" });
  expect(result).toMatchObject({ kept: { step: expect.any(Number) } });
  expect((await ran({ checkpoint: place() })).result).not.toHaveProperty("kept");
});
