import { bytes } from "../../core/format.ts";
import { short } from "../../core/numeric/number.ts";
import { table } from "./table.ts";

/** What `config/docs/page.ts` prints. */
export interface InPage {
  readonly machine: string;
  /** Chromium's version. */
  readonly browser: string;
  readonly config: string;
  readonly compression: number;
  readonly visits: number;
  /** Of a batch. */
  readonly rows: number;
  readonly flopsOfRow: number;
  /** GFLOP/s that a thread multiplies and adds at most, by the instructions of `fast`. */
  readonly limit: number;
  readonly models: readonly {
    /** Of the embedding's memory. */
    readonly storage: string;
    readonly bytes: number;
    /** Milliseconds from a click to the first score. */
    readonly first: { readonly median: number; readonly most: number };
    readonly rowsASecond: { readonly fast: number; readonly "fast:fma": number };
  }[];
}

/** A model in a page: how long until it scores, and how fast it does on one thread, beside what the products allow. */
export function pageTable(found: InPage): string {
  const { machine, browser, config, compression, visits, rows, flopsOfRow, limit, models } = found;
  const most = (1e9 * limit) / flopsOfRow;
  const count = (x: number) => Math.round(x).toLocaleString("en-US");
  const lines = models.map(({ storage, bytes: size, first, rowsASecond }) => [
    `${storage}, ${bytes(size)}`,
    `${short(first.median)} (${short(first.most)})`,
    `${count(rowsASecond.fast)}, ${((100 * rowsASecond.fast) / most).toFixed(0)} %`,
    count(rowsASecond["fast:fma"]),
  ]);
  const heads = [
    `${config}, ${compression.toLocaleString("en-US")}×`,
    "click to first score, ms: median (most)",
    "rows a second on one thread, of what products allow",
    "with `fast:fma`",
  ];
  const how = `A row has ${(flopsOfRow / 1e6).toFixed(1)} MFLOP of products; a thread here multiplies and adds ${short(limit)} GFLOP/s at most, which is ${count(most)} rows a second.`;
  return `${table(heads, lines)}\n\n${how} ${visits} visits, nothing cached; batches of ${rows.toLocaleString("en-US")}. Chromium ${browser}; ${machine}. Measured by \`npx tsx config/docs/page.ts\`.`;
}
