import { shownWord } from "../../core/errors.ts";
import type { SourceKind } from "../../models/data/source.ts";

/** What to do with a model that was just saved to `file`: to score rows of the kind that it was made of, if it knows columns. */
export const nextWith = (file: string, { name }: Pick<SourceKind, "name">, hasFeatures: boolean): string =>
  hasFeatures
    ? `npx pss-dlrm predict --model ${shownWord(file)} --data ${name}:NEW_ROWS --out scores.csv`
    : `npx pss-dlrm inspect ${shownWord(file)}`;
