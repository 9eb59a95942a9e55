import { anatomy, type Part } from "../../cli/bench/profile.ts";
import type { Limits } from "../../core/backend.ts";
import type { MatmulForm } from "../../core/form.ts";
import { spread } from "../../core/numeric/statistics.ts";
import { table } from "./table.ts";

/** What `examples/peers` writes with `--json`, for each model. */
export interface Peers {
  readonly machine: string;
  readonly flags: Readonly<Record<"config" | "compression" | "batch" | "rounds", string>> & {
    readonly only?: string;
  };
  readonly peers: readonly {
    readonly name: string;
    readonly version: string;
    readonly remarks: readonly string[];
    readonly difference: number;
  }[];
  readonly rows: readonly {
    readonly what: string;
    readonly peer: string;
    readonly milliseconds: readonly number[];
  }[];
}

/** What `npx pss-dlrm bench --profile --json` prints. */
export interface Profile {
  readonly machine: string;
  readonly device: string;
  readonly command: string;
  readonly shape: string;
  readonly limits?: Limits;
  readonly parts: readonly Part[];
}

/** What `config/docs/parse.ts` prints. */
export interface Parsing {
  readonly machine: string;
  readonly rows: number;
  readonly files: readonly {
    readonly name: string;
    /** Of text, after unpacking. */
    readonly megabytes: number;
    readonly milliseconds: Readonly<Record<string, number>>;
  }[];
}

/** What `config/docs/rates.ts` prints: milliseconds of single calls, by the backend, or by what is hashed. */
export interface Rates {
  readonly machine: string;
  readonly products: readonly {
    readonly name: string;
    readonly form: Omit<MatmulForm, "kind" | "bias" | "f">;
    readonly milliseconds: Readonly<Record<string, readonly number[]>>;
  }[];
  readonly hashes: {
    readonly blocks: number;
    readonly milliseconds: Readonly<Record<string, readonly number[]>>;
  };
}

/** The same step in other libraries, a table for each model. */
export const allPeers = (models: Readonly<Record<string, Peers>>, yardstick: string): string =>
  Object.values(models)
    .map((peers) => peersTable(peers, yardstick))
    .join("\n\n");

/** Medians of all peers, how many times the yardstick's each is, and what each could not do. */
export function peersTable({ machine, flags, peers, rows }: Peers, yardstick: string): string {
  const kinds = [...new Set(rows.map(({ what }) => what))];
  const timesOf = (what: string, name: string) =>
    rows.find((r) => r.what === what && r.peer === name)?.milliseconds;
  const cell = (what: string, name: string): string => {
    const times = timesOf(what, name);
    if (times === undefined) return "–";
    const [ours, { median, quartiles }] = [spread(timesOf(what, yardstick)!), spread(times)];
    const around = quartiles.map((ms) => ms.toFixed(1)).join(" … ");
    const ratio = median / ours.median;
    return `${median.toFixed(1)} (${around}), ${ratio < 10 ? ratio.toPrecision(2) : ratio.toFixed(0)}×`;
  };
  const lines = peers.map(({ name, version, difference }) => [
    `${name} ${version}`,
    ...kinds.map((what) => cell(what, name)),
    difference.toExponential(0),
  ]);
  const others = [
    ...(flags.config === "criteo-kaggle"
      ? []
      : [`--config ${flags.config} --compression ${flags.compression}`]),
    ...(flags.only === undefined ? [] : [`--only ${flags.only}`]),
    ...(flags.rounds === "7" ? [] : [`--rounds ${flags.rounds}`]),
    "--json FILE",
  ].join(" ");
  const heads = [
    `milliseconds: median (quartiles), against ${yardstick}`,
    ...kinds,
    "probabilities differ by",
  ];
  const remarks = new Map<string, string[]>();
  for (const { name, remarks: own } of peers)
    remarks.set(own.join("; "), [...(remarks.get(own.join("; ")) ?? []), name]);
  return [
    table(heads, lines),
    "",
    ...[...remarks].map(([remark, names]) => `- ${names.join("; ")}: ${remark}.`),
    "",
    `${flags.config}, embeddings in 1/${flags.compression} of their floats, batch ${flags.batch}. Machine: ${machine}. Measured by \`cd examples/peers && npm install && npm start -- ${others}\`.`,
  ].join("\n");
}

/** A training step in parts. */
export function anatomyTable({ parts, limits, shape, device, machine, command }: Profile): string {
  return `\`\`\`\n${anatomy(parts, limits).join("\n")}\n\`\`\`\n\n${shape}. ${device}. Machine: ${machine}. Measured by \`${command}\`.`;
}

/** Megabytes and rows a second, by the way in which a file is parsed. */
export function parsingTable({ machine, rows, files }: Parsing): string {
  const lines = Object.keys(files[0]!.milliseconds).map((way) => [
    way,
    ...files.map(({ megabytes, milliseconds }) => {
      const seconds = milliseconds[way]! / 1e3;
      return `${(megabytes / seconds).toFixed(0)} (${(rows / seconds / 1e3).toFixed(0)})`;
    }),
  ]);
  const heads = ["MB/s of text (thousand rows/s)", ...files.map(({ name }) => name)];
  return `${table(heads, lines)}\n\n${rows.toLocaleString("en-US")} rows, the fastest of some runs. Machine: ${machine}. Measured by \`npx tsx config/docs/parse.ts\`.`;
}

/** Rates of products beside the first of their backend, and blocks hashed a second. */
export function ratesTable({ machine, products, hashes }: Rates): string {
  const backends = Object.keys(products[0]!.milliseconds);
  const rate = ({ form: { n, k, m }, milliseconds }: Rates["products"][number], backend: string) =>
    (2 * n * k * m) / spread(milliseconds[backend]!).median / 1e6;
  const lines = products.map((product) => [
    product.name,
    ...backends.map((backend) => {
      const [own, first] = [rate(product, backend), rate(products[0]!, backend)];
      return `${own.toFixed(1)}${product === products[0] ? "" : ` (${((100 * own) / first).toFixed(0)} %)`}`;
    }),
  ]);
  const hashed = Object.entries(hashes.milliseconds).map(([what, times]) => {
    const { median, quartiles } = spread(times);
    const millions = [median, quartiles[1], quartiles[0]].map((ms) => (hashes.blocks / ms / 1e3).toFixed(1));
    return `${what} ${millions[0]} (${millions[1]} … ${millions[2]})`;
  });
  return `${table(["product, GFLOP/s (of the first)", ...backends], lines)}\n\nExact hashes on one core, million blocks/s: ${hashed.join("; ")}.\n\nMedians. Machine: ${machine}. Measured by \`npx tsx config/docs/rates.ts\`.`;
}
