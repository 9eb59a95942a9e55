import { put } from "../models/data/files.ts";

/** A Criteo row: label, 13 integers (one missing, one negative), 26 categories (one missing). */
const criteoRow = (i: number): string =>
  [
    i % 3 === 0 ? 1 : 0,
    ...Array.from({ length: 13 }, (_, k) => (k === 4 ? "" : k === 5 ? -2 : (i * (k + 1)) % 90)),
    ...Array.from({ length: 26 }, (_, t) =>
      t === 7 ? "" : (((i % (t + 2)) * 2654435761) >>> 0).toString(16).padStart(8, "0"),
    ),
  ].join("\t");

/** 600 of them, and the file that they are in. */
export const rows = Array.from({ length: 600 }, (_, i) => criteoRow(i));
export const plain = put(`${rows.join("\n")}\n`, "rows.tsv");

/** Words of a small model for them. */
export const small = [
  "--config",
  "criteo-kaggle",
  "--embedding",
  "robe",
  "--compression",
  "10000",
  "--bottom",
  "8-4",
  "--top",
  "8-1",
  "--dim",
  "4",
];

/** Words of a training on rows that are drawn. */
export const synthetic = ["train", "--data", "synthetic", "--rows", "2000"];
