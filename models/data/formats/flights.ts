import { dirname, join } from "node:path";
import { integer } from "../../../core/errors.ts";
import { wholeOption } from "../../../core/options.ts";
import type { Dataset } from "../dataset.ts";
import { inMemory } from "../memory.ts";
import { cutBy, sourceKind, splitOption } from "../source.ts";
import { resolved } from "./packages.ts";

/** Flights in the file. */
const ALL = 3_000_000;

/** One departure. Airports are numbered as they appear; days and minutes are those of the airport's clock. */
interface Flight {
  readonly origin: number;
  readonly destination: number;
  /** Days since 1970. */
  readonly day: number;
  /** Of the day, 0 to 1439. */
  readonly minute: number;
  readonly miles: number;
}

const hour = ({ minute }: Flight) => Math.floor(minute / 60);
const route = ({ origin, destination }: Flight) => origin * 1000 + destination;

/** The categorical features: to each flight a number, different for different ids. */
const fields: { readonly [name: string]: (flight: Flight) => number } = {
  origin: (f) => f.origin,
  destination: (f) => f.destination,
  route,
  date: (f) => f.day,
  minute: (f) => f.minute,
  "route × hour": (f) => route(f) * 24 + hour(f),
  "route × quarter-hour": (f) => route(f) * 96 + Math.floor(f.minute / 15),
  "origin × minute": (f) => f.origin * 1440 + f.minute,
  "origin × date": (f) => f.origin * 1e6 + f.day,
  "destination × date": (f) => f.destination * 1e6 + f.day,
  "origin × date × hour": (f) => (f.origin * 1e6 + f.day) * 24 + hour(f),
};

/** The dense features. 1970-01-01 was a Thursday, which is only a phase of the week's waves. */
const features: readonly ((flight: Flight) => number)[] = [
  (f) => Math.log(f.miles) - 6.3, // near 0: the typical flight has 550 miles
  (f) => Math.sin((2 * Math.PI * f.minute) / 1440),
  (f) => Math.cos((2 * Math.PI * f.minute) / 1440),
  (f) => Math.sin((4 * Math.PI * f.minute) / 1440),
  (f) => Math.cos((4 * Math.PI * f.minute) / 1440),
  (f) => Math.sin((2 * Math.PI * f.day) / 7),
  (f) => Math.cos((2 * Math.PI * f.day) / 7),
];

/** Flight delays, with the name of each table. */
export interface Flights extends Dataset {
  /** [T] what each table's ids are: "origin × date". */
  readonly fields: readonly string[];
}

/**
 * Real rows in the shape of click logs: 3,000,000 US flights of January to June 2001 (source: US Department of
 * Transportation, Bureau of Transportation Statistics; packed in npm's `vega-datasets`). The label is 1 for an arrival more
 * than 15 minutes late (20 %), and the features are what is known when the aircraft leaves the gate: airports, distance and
 * the time of *actual* departure, which next to the route's habits tells much of the delay. 7 dense features, 11 tables,
 * each as large as the ids that occur.
 *
 * Flights are in order of departure, and `rows` takes the first ones, day after day, so that an id such as "origin × date"
 * comes as often as in the whole (a sample of every tenth flight would make most ids unique). Split at random, a test
 * flight has other flights of its hour among those trained on; split by order, its dates were never seen: a harder task.
 * @throws InputError where one of the packages that hold and read the file is not installed.
 */
export async function flights({ rows = ALL }: { readonly rows?: number } = {}): Promise<Flights> {
  integer("The number of flights", rows, 1, ALL);
  const { flight, late } = await read(rows);
  const names = Object.keys(fields);
  const vocabularies = names.map(() => new Map<number, number>());
  const dense = new Float32Array(rows * features.length);
  const ids = new Uint32Array(rows * names.length);
  for (let i = 0; i < rows; i++) {
    const f = flight(i);
    features.forEach((feature, j) => {
      dense[i * features.length + j] = feature(f);
    });
    names.forEach((name, t) => {
      ids[i * names.length + t] = numbered(vocabularies[t]!, fields[name]!(f));
    });
  }
  const data = inMemory({
    name: "flight delays",
    dense: features.length,
    tables: vocabularies.map((vocabulary) => vocabulary.size),
    columns: { dense, ids, labels: late },
  });
  return { ...data, fields: names };
}

/** The first `rows` flights of the file, and whether each was late. */
async function read(rows: number): Promise<{ flight(row: number): Flight; late: Float32Array }> {
  const { asyncBufferFromFile, compressors, file, parquetRead } = await packages();
  const airports = new Map<string, number>();
  const columns = {
    date: new Int32Array(rows), // minutes since 1970
    delay: new Int16Array(rows),
    distance: new Uint16Array(rows),
    origin: new Uint16Array(rows),
    destination: new Uint16Array(rows),
  };
  await parquetRead({
    file: await asyncBufferFromFile(file),
    compressors,
    columns: Object.keys(columns),
    rowEnd: rows,
    parsers: { timestampFromMicroseconds: (micros) => Number(micros) / 60e6 },
    onChunk({ columnName, columnData, rowStart, rowEnd }) {
      const column = columns[columnName as keyof typeof columns];
      for (let row = rowStart; row < Math.min(rowEnd, rows); row++) {
        const value: unknown = columnData[row - rowStart];
        column[row] = typeof value === "string" ? numbered(airports, value) : Number(value);
      }
    },
  });
  const { date, delay, distance, origin, destination } = columns;
  return {
    flight: (row) => ({
      origin: origin[row]!,
      destination: destination[row]!,
      day: Math.floor(date[row]! / 1440),
      minute: date[row]! % 1440,
      miles: distance[row]!,
    }),
    late: Float32Array.from(delay, (minutes) => (minutes > 15 ? 1 : 0)),
  };
}

/** The number of `key`: the next one where it is new. */
function numbered<Key>(vocabulary: Map<Key, number>, key: Key): number {
  const known = vocabulary.get(key);
  if (known !== undefined) return known;
  vocabulary.set(key, vocabulary.size);
  return vocabulary.size - 1;
}

/** The file and its reader. */
async function packages() {
  const [data] = resolved("The flight delays", ["vega-datasets", "hyparquet", "hyparquet-compressors"]);
  const [{ asyncBufferFromFile, parquetRead }, { compressors }] = await Promise.all([
    import("hyparquet"),
    import("hyparquet-compressors"),
  ]);
  return {
    asyncBufferFromFile,
    parquetRead,
    compressors,
    file: join(dirname(data!), "../data/flights-3m.parquet"),
  };
}

export const flightsSource = sourceKind({
  name: "flights",
  summary: "three million US flights of 2001: which were late",
  options: {
    rows: wholeOption({ from: 1, to: ALL, default: ALL, help: "the first so many" }),
    split: splitOption,
  },
  open: async (_, { rows, split }, { watch }) =>
    cutBy(await flights(rows === undefined ? {} : { rows }), split, watch),
  whole: (_, { rows }) => flights(rows === undefined ? {} : { rows }),
});
