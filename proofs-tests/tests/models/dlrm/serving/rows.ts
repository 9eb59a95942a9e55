import { join } from "node:path";
import { cpu } from "../../../../../backends/cpu/index.ts";
import type { Features } from "../../../../../models/data/encoders/features.ts";
import type { RawRow } from "../../../../../models/data/formats/raw-rows.ts";
import { load } from "../../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { upTo } from "../../data/rows.ts";
import { model } from "../tiny-model.ts";

const features: Features = {
  label: "y",
  dense: [{ column: "a", scaling: { kind: "standard", numbers: [3, 0.5] } }],
  categorical: [
    { column: "u", rows: 50, distinct: 40 },
    { column: "v", rows: 20, distinct: 9, separator: "|" },
  ],
};

/** Rows of which no two have the same score. */
export const rows: readonly RawRow[] = upTo(60).map((i) => ({
  a: i % 7 === 0 ? null : i / 9,
  u: `u${i}`,
  v: upTo(i % 4).map((k) => `${k}${i}`),
}));

/** Saves a model of these rows, other numbers for each seed. */
async function saveTo(path: string, seed: number): Promise<void> {
  await save(path, model({ dense: 1, tables: [50, 20], seed }), { features });
}

/** Paths of so many models, and the scores of all rows by each, on cpu. */
export async function models(count: number): Promise<{ path: string; scores: readonly number[] }[]> {
  const folder = temporaryFolder();
  const all: { path: string; scores: number[] }[] = [];
  for (const seed of upTo(count)) {
    const path = join(folder, `${seed}.safetensors`);
    await saveTo(path, seed);
    const scorer = await load(path, { backend: cpu });
    const scores: number[] = [];
    for await (const p of scorer.score(rows)) scores.push(p);
    await scorer.close();
    all.push({ path, scores });
  }
  return all;
}
