import type { Latency } from "./protocol.ts";
import { keyOf, type Outcome, type Protocol } from "./protocol.ts";
import type { Recorded } from "./recorded.ts";
import { type Summary, summarize } from "./summary.ts";

/** All that was asked and measured: what `tradeoff --json` prints, and every table and picture is made of. */
export interface Study {
  readonly protocol: Protocol;
  readonly provenance: Provenance;
  readonly trials: readonly Recorded[];
  readonly latencies: readonly Latency[];
}

/** Where, with what and how a study was made. */
interface Provenance {
  readonly machine: string;
  /** What computed. */
  readonly backend: string;
  /** The rows, in words. */
  readonly data: string;
  readonly command: string;
  readonly version: string;
  /** Where the floor was trained, if later than all else. */
  readonly floor?: { readonly machine: string; readonly version: string };
}

/** Every outcome of a study, by the trial's name. */
export const outcomesOf = ({ trials }: Pick<Study, "trials">): ReadonlyMap<string, Outcome> =>
  new Map(trials.map(({ trial, outcome }) => [keyOf(trial), outcome]));

/** What the trials of a study say. */
export const summaryOf = ({ protocol, latencies, ...study }: Study): Summary =>
  summarize(protocol, outcomesOf(study), latencies);
