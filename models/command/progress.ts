import type { Metrics } from "../metrics.ts";

/**
 * On a terminal, one line that renews itself five times a second: step, loss, rows/s, time left. Elsewhere, and for JSON,
 * nothing but validations (those not for JSON).
 */
export function progressLine(steps: number, silent: boolean) {
  const out = process.stderr;
  const started = performance.now();
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
          `step ${step}: validation log loss ${validation.logLoss.toFixed(4)}, AUC ${validation.auc.value.toFixed(4)}\n`,
        );
      }
      const now = performance.now();
      if (!out.isTTY || now - last < 200) return;
      last = now;
      const seconds = (now - started) / 1000;
      const left = Number.isFinite(steps)
        ? `, ${Math.max(0, Math.ceil((seconds / step) * (steps - step)))} s left`
        : "";
      const text = `step ${step}${Number.isFinite(steps) ? ` of ${steps}` : ""}, loss ${loss.toFixed(4)}, ${Math.round(rows / seconds)} rows/s${left}`;
      out.write(`\r\x1b[K${text.slice(0, (out.columns || 80) - 1)}`);
    },
    end: clear,
  };
}
