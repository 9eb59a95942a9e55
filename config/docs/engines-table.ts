import { short } from "../../core/numeric/number.ts";
import { table } from "./table.ts";

/** What `config/docs/engines.ts` prints. */
export interface Engines {
  readonly machine: string;
  /** Rows of a batch, and rows whose probabilities were checked. */
  readonly rows: number;
  readonly checked: number;
  readonly models: readonly {
    readonly config: string;
    readonly compression: number;
    readonly engines: readonly {
      readonly name: string;
      readonly version: string;
      readonly threads: number;
      readonly ulps: number;
      readonly fraction: number;
      readonly one: Quantiles;
      readonly many: Quantiles;
    }[];
  }[];
}

/** Milliseconds. */
interface Quantiles {
  readonly p50: number;
  readonly p99: number;
}

/** The same saved file in every engine: times against ours on one thread, and how far probabilities are from the exact ones. */
export const enginesTable = ({ machine, rows, checked, models }: Engines): string =>
  [
    ...models.map(({ config, compression, engines }) => {
      const [first] = engines as [(typeof engines)[number]];
      const lines = engines.map(({ name, version, threads, ulps, fraction, one, many }) => [
        `${name} ${version}, ${threads} thread${threads === 1 ? "" : "s"}`,
        `${short(one.p50)} (${short(one.p99)}), ${short(one.p50 / first.one.p50)}×`,
        `${short(many.p50)}, ${short(many.p50 / first.many.p50)}×`,
        Math.round((1000 * rows) / many.p50).toLocaleString("en-US"),
        `${ulps}`,
        short(fraction),
      ]);
      const heads = [
        `${config}, ${compression.toLocaleString("en-US")}×`,
        "one row, ms: p50 (p99)",
        `${rows.toLocaleString("en-US")} rows, ms`,
        "rows a second",
        "ulps off",
        "of the bound",
      ];
      return table(heads, lines);
    }),
    `In alternation in one run, medians; × is against the first line. Off: the largest difference from the exact probability of ${checked} rows. Machine: ${machine}. Measured by \`npx tsx config/docs/engines.ts\`.`,
  ].join("\n\n");
