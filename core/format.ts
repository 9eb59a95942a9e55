// How numbers read, wherever people read them.

/** A number of bytes as people read it. */
export function bytes(count: number): string {
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let [value, unit] = [count, 0];
  // 999.5 KB would read "1.00e+3 KB".
  while (Number(value.toPrecision(3)) >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
}

/** A count as people read it: 26.14 billion. */
export function count(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toPrecision(4)} billion`;
  if (value >= 1e6) return `${(value / 1e6).toPrecision(4)} million`;
  return value.toLocaleString("en-US");
}

/** A count of things: 1 row, 2,000 rows. */
export const counted = (value: number, thing: string, things = `${thing}s`): string =>
  `${count(value)} ${value === 1 ? thing : things}`;

/** A number to `digits` significant digits, its thousands grouped: 1,310,000. */
export const grouped = (x: number, digits: number): string =>
  Number(x.toPrecision(digits)).toLocaleString("en-US");

/**
 * A share in percent, to a tenth; where it, or what is left to all, is smaller, to two digits of that: 0.050 %, 99.95 %. So only
 * what is none reads 0 %, and only what is all 100 %.
 */
export function percent(share: number): string {
  const smaller = 100 * Math.min(share, 1 - share);
  const places = smaller > 0 ? Math.max(1, 1 - Math.floor(Math.log10(smaller))) : 0;
  return `${(100 * share).toFixed(places)} %`;
}

/** A bound for a probability, to one digit and never rounded down: what is below 2.4e-7 is below 3e-7, not 2e-7. */
export function roundedUp(p: number): string {
  const nearest = Number(p.toExponential(0));
  const step = 10 ** Number(p.toExponential().split("e")[1]);
  return (nearest < p * (1 - 1e-9) ? nearest + step : nearest).toExponential(0);
}

/** A time that lies ahead, no more exact than it can be known: 40 s, 12 min, 3.5 h. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return seconds < 90 * 60 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/**
 * Rows of a table as lines: columns two spaces apart, each as wide as its widest cell, those of `numbers` to the right. All rows
 * have as many cells as the first.
 */
export function aligned(rows: readonly (readonly string[])[], numbers: readonly boolean[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const padded = (cell: string, i: number) =>
    numbers[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!);
  return rows.map((row) => row.map(padded).join("  ").trimEnd());
}
