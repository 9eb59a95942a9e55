import { random } from "../../../../core/numeric/random.ts";
import { configs } from "../../../../models/dlrm/configs.ts";
import { put } from "../../models/data/files.ts";

/** Of the 13 numbers of Criteo's Kaggle rows, in one digit: share missing, and median and spread of the logarithm of x + 1. */
const numbers: readonly (readonly [missing: number, median: number, spread: number])[] = [
  [0.4, 0.7, 1],
  [0, 1.4, 1.9],
  [0.2, 2, 1.2],
  [0.2, 1.6, 1],
  [0, 8, 2.5],
  [0.2, 3.5, 1.8],
  [0, 1.4, 1.3],
  [0, 2.2, 1.1],
  [0, 3.7, 1.5],
  [0.5, 0.4, 0.5],
  [0, 1, 0.8],
  [0.8, 0.2, 0.6],
  [0.2, 1.6, 1],
];

const probability = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** What is to be added to each logit for this share of labels to be 1 on average. */
function interceptFor(share: number, rows: readonly { readonly logit: number }[]): number {
  let [low, high] = [-20, 20];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    const mean = rows.reduce((sum, { logit }) => sum + probability(logit + middle), 0) / rows.length;
    if (mean < share) low = middle;
    else high = middle;
  }
  return low;
}

/** Zipf's exponent of ids: the most frequent of a large table has some percent of the rows. */
const exponent = 1.1;

/**
 * A file in Criteo's format with marginals like the real rows': 26 % labeled 1, numbers that are missing or spread over
 * magnitudes, tables of Kaggle's sizes whose ids have long tails. Some numbers and the frequent ids carry signal.
 */
export function criteoLike(rows: number, seed: number): string {
  const stream = random(seed, "criteo-like");
  const { tables } = configs["criteo-kaggle"]!;
  const weights = numbers.map((_, i) => (i % 3 === 0 ? 0.4 * stream.normal() : 0));
  const effect = (table: number, id: number) =>
    id < 50 ? 0.35 * random(seed, `${table}/${id}`).normal() : 0;
  const rank = (size: number): number => {
    const limit = size ** (1 - exponent);
    return Math.min(size, Math.floor((1 - stream.uniform() * (1 - limit)) ** (1 / (1 - exponent)))) - 1;
  };
  const made = Array.from({ length: rows }, () => {
    let logit = 0;
    const dense = numbers.map(([missing, median, spread], i) => {
      if (stream.uniform() < missing) return "";
      const z = stream.normal();
      logit += weights[i]! * z;
      return String(Math.max(0, Math.round(Math.exp(median + spread * z) - 1)));
    });
    const categories = tables.map((size, t) => {
      const id = rank(size);
      logit += effect(t, id);
      return ((Math.imul(id + 1, 0x9e3779b1) ^ (t * 0x85ebca6b)) >>> 0).toString(16).padStart(8, "0");
    });
    return { logit, fields: [...dense, ...categories] };
  });
  const intercept = interceptFor(0.256, made);
  const lines = made.map(({ logit, fields }) =>
    [Number(stream.uniform() < probability(logit + intercept)), ...fields].join("\t"),
  );
  return put(`${lines.join("\n")}\n`);
}
