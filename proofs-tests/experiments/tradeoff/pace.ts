import { counted, duration } from "../../../core/format.ts";
import type { Survey } from "../../../models/data/survey.ts";
import { cellsOf, type Latency, type Protocol } from "./protocol.ts";
import { times } from "./words.ts";

/** How many trainings a study has at most, of which so many are left. */
export interface Work {
  readonly all: number;
  readonly left: number;
}

/**
 * Seconds that this many trainings take, if none ends before its last epoch and each is as fast as full tables were timed: their
 * steps, and on the way measurements of the validation rows and the test rows.
 */
export function secondsOf(
  { left }: Work,
  { batch, epochs, every }: Protocol["setting"],
  { train, validation, test }: Survey["parts"],
  { step, predicted }: Pick<Latency, "step" | "predicted">,
): number {
  const steps = epochs * Math.ceil(train.rows / batch);
  const measuring = Math.ceil(steps / every) * ((validation.rows + test.rows) / predicted);
  return left * ((steps * step) / 1000 + measuring);
}

/** What a study is about to do, and how long that may take. */
export function workInWords(protocol: Protocol, { all, left }: Work, seconds: number): string {
  const { methods, compressions, rates, seeds } = protocol;
  const others = counted(methods.length - 1, "method");
  const models = `full tables, the floor (the same model without ids) and ${others} at ${compressions.map(times).join(", ")} less memory: ${counted(cellsOf(protocol).length, "model")}`;
  const chosen =
    rates.length > 1
      ? `${counted(rates.length, "rate")} at the first seed, the best of them`
      : "one rate at the first seed, the same";
  const seeded =
    seeds.length > 1
      ? `${chosen} at ${counted(seeds.length - 1, "more seed", "more seeds")}`
      : `${counted(rates.length, "rate")} at one seed`;
  const known = left < all ? `, of which ${left} are left` : "";
  return `Trains ${models}, ${seeded}. That is at most ${counted(all, "training")}${known}: about ${duration(seconds)}, or less.`;
}
