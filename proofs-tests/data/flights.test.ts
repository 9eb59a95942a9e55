import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { describe, expect, test, vi } from "vitest";
import { flights } from "../../models/data/flights.ts";
import { rows } from "./rows.ts";

/** A flight as the file has it. */
interface Flight {
  readonly date: Date;
  readonly delay: bigint;
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
}

async function firstFlights(count: number): Promise<Flight[]> {
  const file = new URL("../../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url).pathname;
  const rowsOfFile = { file: await asyncBufferFromFile(file), compressors, rowEnd: count };
  return (await parquetReadObjects(rowsOfFile)) as unknown as Flight[];
}

const minuteOf = ({ date }: Flight): number => date.getUTCHours() * 60 + date.getUTCMinutes();

/** What each category of a flight stands for. */
const categoriesOf = (flight: Flight): Record<string, string> => {
  const { date, origin, destination } = flight;
  return {
    origin,
    destination,
    route: `${origin}-${destination}`,
    "origin × date × hour": `${origin} ${date.toISOString().slice(0, 13)}`,
    "route × quarter-hour": `${origin}-${destination} ${Math.floor(minuteOf(flight) / 15)}`,
  };
};

const circle = (minute: number): [number, number] => [
  Math.sin((2 * Math.PI * minute) / 1440),
  Math.cos((2 * Math.PI * minute) / 1440),
];

describe("flight delays", () => {
  test("are the flights of the file: label, distance, clock and airports of each", async () => {
    const data = await flights({ rows: 5000 });
    const found = await rows(data, 1000);
    const raw = await firstFlights(5000);
    const field = (name: string) => data.fields.indexOf(name);
    const numbered = new Map<string, number>();
    found.forEach(({ dense, bags, label }, i) => {
      const flight = raw[i]!;
      expect(label).toBe(flight.delay > 15n ? 1 : 0);
      expect(flight.distance > 0n).toBe(true);
      expect(dense[0]).toBeCloseTo(Math.log(Number(flight.distance)) - 6.3, 5);
      const angle = Math.atan2(...circle(minuteOf(flight)));
      expect(Math.atan2(dense[1]!, dense[2]!)).toBeCloseTo(angle, 4);
      for (const [name, key] of Object.entries(categoriesOf(flight))) {
        const id = bags[field(name)]![0]!;
        expect(numbered.get(`${name}: ${key}`) ?? id).toBe(id);
        numbered.set(`${name}: ${key}`, id);
      }
    });
    for (const code of ["LAX", "JFK", "ORD", "ATL"]) expect(numbered.has(`origin: ${code}`)).toBe(true);
    // As many ids as keys: no two keys share one, and no row of a table is left over.
    const keys = (name: string) => [...numbered.keys()].filter((key) => key.startsWith(`${name}: `)).length;
    for (const name of Object.keys(categoriesOf(raw[0]!))) expect(data.tables[field(name)]).toBe(keys(name));
  });

  test("300,000 of them: the exact number, about a fifth late, every id used", async () => {
    const data = await flights({ rows: 300_000 });
    expect(data.rows).toBe(300_000);
    const used = data.tables.map(() => new Set<number>());
    let late = 0;
    for await (const { size, bags, labels } of data.batches(4096)) {
      for (let i = 0; i < size; i++) late += labels[i]!;
      for (const [i, id] of bags.ids.entries()) used[i % used.length]!.add(id);
    }
    expect(late / 300_000).toBeGreaterThan(0.18);
    expect(late / 300_000).toBeLessThan(0.24);
    expect(used.map((ids) => ids.size)).toEqual(data.tables);
    expect(data.tables).toHaveLength(data.fields.length);
  });

  test("more than there are, and packages that are not there, are refused", async () => {
    await expect(flights({ rows: 3_000_001 })).rejects.toThrow(
      "The number of flights must be a whole number from 1 to 3000000",
    );
    vi.resetModules();
    vi.doMock("node:module", () => ({
      createRequire: () => ({ resolve: () => expect.fail("not installed") }),
    }));
    const bare = await import("../../models/data/flights.ts");
    vi.doUnmock("node:module");
    await expect(bare.flights({ rows: 10 })).rejects.toThrow(
      "run npm install vega-datasets hyparquet hyparquet-compressors.",
    );
  });
});
