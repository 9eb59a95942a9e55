import type { Study } from "../../proofs-tests/experiments/tradeoff/study.ts";
import { summaryOf } from "../../proofs-tests/experiments/tradeoff/study.ts";
import { fixed, overSeedsInWords, signed, times } from "../../proofs-tests/experiments/tradeoff/words.ts";
import { table } from "./table.ts";

/**
 * Test AUC on Criteo-Kaggle by how many times less memory embeddings had: scripts/fit_scaling_law.py in
 * tools/EmbeddingMemoryCompression of Hetu (github.com/Hsword/Hetu), which goes with Zhang et al., VLDB 2024. It does not
 * say which of its methods these are of.
 */
const published = new Map([
  [2, 0.8083],
  [10, 0.8082],
  [100, 0.8073],
  [1000, 0.8033],
  [10_000, 0.8021],
  [100_000, 0.8022],
]);

/** AUC that is published for Criteo-Kaggle, beside what a study has of one method. */
export function publishedTable(study: Study, method: string): string {
  const { rows } = summaryOf(study);
  const lines = Array.from(published, ([compression, auc]) => {
    const row = rows.find((one) => one.method === method && one.compression === compression);
    if (row === undefined) throw new Error(`The study has no ${method} at ${compression}×.`);
    const here = overSeedsInWords(row.quality, fixed);
    return [`${times(compression)} less`, fixed(auc), here, signed(row.quality.mean - auc)];
  });
  return table(["memory", "Criteo-Kaggle, published", "here, planted clicks", "difference"], lines);
}
