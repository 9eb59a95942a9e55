import { setTimeout as pause } from "node:timers/promises";
import type { Backend } from "../../../core/backend.ts";
import type { Folder } from "./folder.ts";
import { methodByName } from "./method.ts";
import {
  keyOf,
  type Outcome,
  openTrials,
  type Point,
  type Protocol,
  type Trial,
  trialsLeft,
} from "./protocol.ts";
import type { Rows } from "./rows.ts";
import { runTrial } from "./trial.ts";

/** What a study needs besides its protocol. */
export interface Means {
  readonly backend: Backend;
  readonly folder: Folder;
  /** The rows of a seed, cut in three; asking for those of the seed before costs nothing. */
  open(seed: number): Promise<Rows>;
}

/** What is going on: a trial begins, is measured on the way, ends, or is left to another process; and how many are left at most. */
export type News =
  | { readonly kind: "begins"; readonly trial: Trial; readonly left: number }
  | { readonly kind: "waits"; readonly trial: Trial; readonly left: number }
  | { readonly kind: "measured"; readonly trial: Trial; readonly point: Point }
  | { readonly kind: "ends"; readonly trial: Trial; readonly outcome: Outcome; readonly left: number };

/**
 * Does every trial of a protocol that no process has done, one after the other, beside other processes that do the same.
 * Returns when all are known.
 */
export async function runTrials(
  protocol: Protocol,
  { backend, folder, open: rowsOf }: Means,
  tell: (news: News) => void,
): Promise<ReadonlyMap<string, Outcome>> {
  for (;;) {
    const known = folder.known();
    const open = openTrials(protocol, known);
    if (open.length === 0) return known;
    const left = trialsLeft(protocol, known);
    const taken = firstFree(open, folder);
    if (taken === undefined) {
      tell({ kind: "waits", trial: open[0]!, left });
      await others();
      continue;
    }
    const { trial, claim } = taken;
    try {
      tell({ kind: "begins", trial, left });
      const rows = await rowsOf(trial.seed);
      const watch = (point: Point) => {
        claim.renew();
        tell({ kind: "measured", trial, point });
      };
      const method = methodByName(trial.method);
      const outcome = await runTrial(trial, method, protocol.setting, rows, backend, { watch });
      await folder.record({ trial, outcome });
      tell({ kind: "ends", trial, outcome, left: trialsLeft(protocol, folder.known()) });
    } finally {
      claim.release();
    }
  }
}

/** Time for other processes to go on. */
export const others = (): Promise<void> => pause(1000);

function firstFree(trials: readonly Trial[], folder: Folder) {
  for (const trial of trials) {
    const claim = folder.claim(keyOf(trial));
    if (!claim) continue;
    if (!folder.known().has(keyOf(trial))) return { trial, claim };
    claim.release(); // done since we looked
  }
  return undefined;
}
