import { check } from "../../../core/errors.ts";
import type { Features } from "../../data/encoders/features.ts";
import { type Vocabulary, vocabulary } from "../../data/encoders/vocabulary.ts";
import { type About, checkedAbout } from "./about.ts";
import { quoted } from "./header.ts";
import type { Opened } from "./reader.ts";

/** The name in a file of the hashes of categorical column t, where each has a row of its own. */
const nameOf = (t: number): string => `features.vocabulary.${t}`;

/** Hashes of the vocabularies of these features, by their names in a file. */
export const hashesOf = (features: Features | undefined) =>
  (features?.categorical ?? []).flatMap(({ vocabulary }, t) =>
    vocabulary ? [[nameOf(t), vocabulary.hashes] as const] : [],
  );

/** What a file says of its model, with the vocabularies of its features, which are arrays beside it. */
export async function aboutIn(file: Opened): Promise<About> {
  const { features, ...about } = checkedAbout(file.about);
  return features ? { ...about, features: await featuresIn(file, features) } : about;
}

async function featuresIn(file: Opened, features: Features<true>): Promise<Features> {
  const categorical: Features["categorical"][number][] = [];
  for (const [t, { vocabulary, ...own }] of features.categorical.entries())
    categorical.push(vocabulary ? { ...own, vocabulary: await read(file, t, own) } : own);
  return { ...features, categorical };
}

async function read(
  file: Opened,
  t: number,
  { column, rows }: Features["categorical"][number],
): Promise<Vocabulary> {
  const entry = file.entries.get(nameOf(t));
  check(
    entry?.dtype === "U32" && entry.size === rows - 1,
    () => `it has no ids of column ${quoted(column)}, though each of ${rows - 1} has a row of its own`,
  );
  const hashes = new Uint32Array(entry.size);
  await file.read(entry, hashes);
  return vocabulary(hashes);
}
