import type { Parts } from "../../models/data/split.ts";
import { type Known, knownOf, type Needs } from "../../models/embeddings/known.ts";
import { passingLine } from "../progress.ts";

/** What an embedding has to be told of the rows; that takes long of some, so a line says how far it is, but for JSON. */
export async function knownWithLine(needs: Needs, rows: Parts, silent: boolean): Promise<Known> {
  const passing = passingLine(silent);
  const known = await knownOf(needs, rows, (done, of) =>
    passing.show(`what ids tell: ${done} of ${of} measurements of a table`),
  );
  passing.end();
  return known;
}
