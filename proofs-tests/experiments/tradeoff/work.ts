import { setTimeout as pause } from "node:timers/promises";
import type { Backend } from "../../../core/backend.ts";
import type { Folder } from "./folder.ts";
import { methodByName } from "./method.ts";
import { keyOf, type Outcome, openTrials, type Point, type Protocol, type Trial } from "./protocol.ts";
import { type Rows, runTrial } from "./trial.ts";

/** What a study needs besides its protocol. */
export interface Means {
  readonly backend: Backend;
  readonly folder: Folder;
  /** The rows of a seed, cut in three; asking for those of the seed before costs nothing. */
  open(seed: number): Promise<Rows>;
}

/** What is going on: a trial begins, is measured on the way, ends, or is left to another process. */
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
  { backend, folder, open }: Means,
  tell: (news: News) => void,
): Promise<ReadonlyMap<string, Outcome>> {
  for (;;) {
    const known = folder.known();
    const left = openTrials(protocol, known);
    if (left.length === 0) return known;
    const taken = firstFree(left, folder);
    if (taken === undefined) {
      tell({ kind: "waits", trial: left[0]!, left: left.length });
      await others();
      continue;
    }
    const { trial, claim } = taken;
    try {
      tell({ kind: "begins", trial, left: left.length });
      const rows = await open(trial.seed);
      const watch = (point: Point) => {
        claim.renew();
        tell({ kind: "measured", trial, point });
      };
      const method = methodByName(trial.method);
      const outcome = await runTrial(trial, method, protocol.setting, rows, backend, watch);
      await folder.record({ trial, outcome });
      tell({ kind: "ends", trial, outcome, left: left.length - 1 });
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
