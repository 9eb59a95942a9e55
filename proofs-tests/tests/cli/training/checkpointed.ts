import { join } from "node:path";
import { expect } from "vitest";
import { cpu } from "../../../../backends/cpu/index.ts";
import { prepare, trainVerb } from "../../../../cli/train.ts";
import { openCheckpoint } from "../../../../cli/training/checkpoint.ts";
import { trainFrom } from "../../../../cli/training/run.ts";
import { bitsOf } from "../../models/dlrm/tiny-model.ts";
import { temporaryFolder } from "../../temporary.ts";
import { given, type Written } from "../command.ts";

const folder = temporaryFolder();
let folders = 0;
/** A new folder. */
export const place = (): string => join(folder, String(folders++));

/** Flags of a training of five steps an epoch. */
export const small = {
  ...{ data: "synthetic", rows: "200", tables: "50,20", embedding: "robe", compression: "2", seed: "7" },
  ...{ dim: "4", bottom: "8-4", top: "8-1", optimizer: "sgd", lr: "0.02", batch: "32", json: true },
};

/** A run with these flags, of this process. */
export async function ran(flags: Written) {
  const { values, texts } = given(trainVerb, { ...small, ...flags }) as {
    values: Parameters<typeof prepare>[0];
    texts: Record<string, string>;
  };
  const ready = await prepare(values, texts, cpu);
  const checkpoint = await openCheckpoint(values.checkpoint!, ready, {
    goesOn: values.resume === true,
    saveEvery: 60,
    now: 0,
    warn: (sentence) => expect.fail(sentence),
  });
  try {
    const result = await trainFrom({ ...ready, from: checkpoint.from }, values, { checkpoint });
    return { result, model: ready.model, from: checkpoint.from.step, bits: await bitsOf(ready.model) };
  } finally {
    checkpoint.end();
  }
}
