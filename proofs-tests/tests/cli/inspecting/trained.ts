import { join } from "node:path";
import { expect } from "vitest";
import type { Report } from "../../../../cli/inspecting/report.ts";
import type { Part } from "../../../../models/data/split.ts";
import { put } from "../../models/data/files.ts";
import { temporaryFolder } from "../../temporary.ts";
import { type Click, clicks, linesOf, partsOf } from "../clicks/clicks.ts";
import { run } from "../command.ts";

const folder = temporaryFolder();
let folders = 0;
/** A new folder. */
export const place = (): string => join(folder, String(folders++));

/** Clicks in three parts, each with a list of two ids a row. */
export const rows = partsOf(clicks(900, 5), 150, 100);

/** A list of ids of a click. */
export const listOf = ({ user, price }: Click): string[] => [user, `p${Math.floor(12 * price)}`];

const fileOf = (all: readonly Click[]): string => {
  const [head, ...lines] = linesOf(all);
  return put(
    [`${head},list`, ...lines.map((line, i) => `${line},${listOf(all[i]!).join("|")}`), ""].join("\n"),
  );
};

/** A file for each part. */
export const files: Readonly<Record<Part, string>> = {
  train: fileOf(rows.train),
  validation: fileOf(rows.validation),
  test: fileOf(rows.test),
};

/** What describes a model of these rows and names them. */
export const words = [
  ...["--data", "csv", "--train", files.train, "--validation", files.validation, "--test", files.test],
  ...["--label", "label", "--dense", "price,age", "--scale", "standard", "--categorical", "user,list"],
  ...["--multi", "list:|", "--dim", "4", "--bottom", "8-4", "--top", "6-1", "--batch", "100"],
];

// biome-ignore lint/suspicious/noExplicitAny: JSON of a verb, which the tests look at
export async function told(...args: string[]): Promise<any> {
  const { code, out, err } = await run(...args, "--json");
  expect(err).toBe("");
  expect(code).toBe(0);
  return JSON.parse(out);
}

/** What `inspect` says of a file or folder. */
export const inspected = (path: string): Promise<Report> => told("inspect", path);
