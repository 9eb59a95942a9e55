import { duration } from "../core/format.ts";
import type { Metrics } from "../models/metrics/metrics.ts";
import type { Latency } from "../proofs-tests/experiments/tradeoff/protocol.ts";
import { cellInWords, qualityInWords, times } from "../proofs-tests/experiments/tradeoff/words.ts";
import type { News } from "../proofs-tests/experiments/tradeoff/work.ts";

/** Where progress is shown. */
export interface Terminal {
  /** What lines are written to: standard error, unless a test reads them. */
  readonly out: { readonly isTTY?: boolean; readonly columns?: number; write(text: string): unknown };
  /** The time in milliseconds. */
  now(): number;
}

export const standardError: Terminal = { out: process.stderr, now: () => performance.now() };

/**
 * On a terminal, one line that renews itself five times a second: step, loss, rows/s, time left. Elsewhere, and for JSON,
 * nothing but validations (those not for JSON). `done` steps of `steps` were taken before.
 */
export function progressLine(
  { steps, done, silent }: { readonly steps: number; readonly done: number; readonly silent: boolean },
  { out, now }: Terminal = standardError,
) {
  const started = now();
  let last = 0;
  const clear = () => {
    if (out.isTTY) out.write("\r\x1b[K");
  };
  return {
    show(step: number, rows: number, loss: number, validation: Metrics | undefined): void {
      if (silent) return;
      if (validation) {
        clear();
        out.write(
          `step ${step}: validation log loss ${validation.logLoss.toFixed(4)}, AUC ${Number.isNaN(validation.auc.value) ? "–" : validation.auc.value.toFixed(4)}\n`,
        );
      }
      const time = now();
      if (!out.isTTY || time - last < 200) return;
      last = time;
      const seconds = (time - started) / 1000;
      const left = Number.isFinite(steps)
        ? `, ${Math.max(0, Math.ceil((seconds / (step - done)) * (steps - step)))} s left`
        : "";
      const text = `step ${step}${Number.isFinite(steps) ? ` of ${steps}` : ""}, loss ${loss.toFixed(4)}, ${Math.round(rows / seconds)} rows/s${left}`;
      out.write(`\r\x1b[K${text.slice(0, (out.columns || 80) - 1)}`);
    },
    end: clear,
  };
}

/** What a long run is at: on a terminal a line that renews itself, nothing elsewhere or for JSON. */
export function passingLine(silent: boolean, { out }: Terminal = standardError) {
  const renew = (line: string) => {
    if (!silent && out.isTTY) out.write(`\r\x1b[K${line.slice(0, (out.columns || 80) - 1)}`);
  };
  return { show: renew, end: () => renew("") };
}

/**
 * What a study is doing: a line for each trial that ends, and on a terminal one more that renews itself. Nothing for JSON.
 */
export function studyLine(silent: boolean, terminal: Terminal = standardError) {
  const { out, now } = terminal;
  const { show: renew, end } = passingLine(silent, terminal);
  const started = now();
  let done = 0;
  const keep = (line: string) => {
    end();
    if (!silent) out.write(`${line}\n`);
  };
  return {
    /** What the study is about. */
    say: keep,
    tell(news: News): void {
      const { rate, seed, ...cell } = news.trial;
      const name = `${cellInWords(cell)}, rate ${rate}×, seed ${seed}`;
      if (news.kind === "measured") {
        renew(`${name}: step ${news.point.step}, ${qualityInWords(news.point)}`);
      } else if (news.kind === "waits")
        renew(`waiting for ${news.left} trials that other processes have begun`);
      else if (news.kind === "begins") renew(`${name}: begins`);
      else {
        const { outcome, left } = news;
        const each = (now() - started) / 1000 / ++done;
        const result = outcome.kind === "trained" ? qualityInWords(outcome.test) : outcome.kind;
        const time = left > 0 ? `; at most ${left} left, about ${duration(left * each)}` : "";
        keep(`${name}: ${result}${time}`);
      }
    },
    times: ({ step, speedup, ...cell }: Latency): void =>
      keep(`${cellInWords(cell)}: a step takes ${step.toPrecision(3)} ms, ${times(1 / speedup)} full's`),
    /** Something is not as it should be, which people should know even where nothing else is shown. */
    warn(sentence: string): void {
      end();
      out.write(`${sentence}\n`);
    },
    end,
  };
}
