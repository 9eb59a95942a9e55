import { fileURLToPath } from "node:url";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { describe, expect, test, vi } from "vitest";
import { flights, flightsSource } from "../../../../../models/data/formats/flights.ts";
import { rows } from "../rows.ts";

const wanted = {};

/** A flight as the file has it. */
interface Flight {
  readonly date: Date;
  readonly delay: bigint;
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
}

async function firstFlights(count: number): Promise<Flight[]> {
  const file = fileURLToPath(
    new URL("../../../../../node_modules/vega-datasets/data/flights-3m.parquet", import.meta.url),
  );
  const rowsOfFile = { file: await asyncBufferFromFile(file), compressors, rowEnd: count };
  return (await parquetReadObjects(rowsOfFile)) as unknown as Flight[];
}

const minuteOf = ({ date }: Flight): number => date.getUTCHours() * 60 + date.getUTCMinutes();

/** What each category of a flight stands for. */
const categoriesOf = (flight: Flight): Record<string, string> => {
  const { date, origin, destination } = flight;
  const [route, day] = [`${origin}-${destination}`, date.toISOString().slice(0, 10)];
  return {
    origin,
    destination,
    route,
    date: day,
    minute: `${minuteOf(flight)}`,
    "route × hour": `${route} ${date.getUTCHours()}`,
    "route × quarter-hour": `${route} ${Math.floor(minuteOf(flight) / 15)}`,
    "origin × minute": `${origin} ${minuteOf(flight)}`,
    "origin × date": `${origin} ${day}`,
    "destination × date": `${destination} ${day}`,
    "origin × date × hour": `${origin} ${date.toISOString().slice(0, 13)}`,
  };
};

/** Of a clock hand that has gone this share of its way round. */
const hand = (share: number): [number, number] => [
  Math.sin(2 * Math.PI * share),
  Math.cos(2 * Math.PI * share),
];

const denseOf = (flight: Flight): number[] => {
  const day = minuteOf(flight) / 1440;
  const week = (flight.date.getUTCDay() - 4) / 7; // the week begins on Thursday
  return [Math.log(Number(flight.distance)) - 6.3, ...hand(day), ...hand(2 * day), ...hand(week)];
};

describe("flight delays", () => {
  test("are the flights of the file, here of three days: label, distance, clock and categories of each", async () => {
    const count = 40_000;
    const data = await flights({ rows: count });
    const found = await rows(data, 1000);
    const raw = await firstFlights(count);
    expect([found.length, raw.length]).toEqual([count, count]);
    expect(new Set(raw.map(({ date }) => date.getUTCDay())).size).toBe(3);
    expect(raw.every(({ distance }) => distance > 0n)).toBe(true);
    const wrongLabels = raw.filter(({ delay }, i) => found[i]!.label !== (delay > 15n ? 1 : 0));
    const wrongFeatures = raw.filter((flight, i) => {
      const { dense } = found[i]!;
      const expected = denseOf(flight);
      return dense.length !== expected.length || expected.some((x, j) => Math.abs(x - dense[j]!) > 1e-4);
    });
    expect([wrongLabels, wrongFeatures]).toEqual([[], []]);
    const keys = raw.map(categoriesOf);
    expect(Object.keys(keys[0]!)).toEqual(data.fields);
    for (const [t, field] of data.fields.entries()) {
      const ids = new Map<string, number>();
      const wrong = keys.filter(({ [field]: key }, i) => {
        const id = found[i]!.bags[t]![0]!;
        if (!ids.has(key!)) ids.set(key!, id);
        return ids.get(key!) !== id;
      });
      expect(wrong, field).toEqual([]);
      // As many ids as keys: no two keys share one, and no row of a table is left over.
      expect([new Set(ids.values()).size, data.tables[t]], field).toEqual([ids.size, ids.size]);
      for (const code of ["LAX", "JFK", "ORD", "ATL"])
        if (field === "origin") expect(ids.has(code)).toBe(true);
    }
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

  test("as a source of so many are cut by the seed, or by their order", async () => {
    const whole = await rows(await flightsSource.whole(undefined, { rows: 100 }, wanted, 0));
    expect(whole).toEqual(await rows(await flights({ rows: 100 })));
    const cut = async (split: "random" | "order") => {
      const { train, validation, test } = await (
        await flightsSource.open(undefined, { rows: 100, split }, wanted)
      )(3);
      return Promise.all([train, validation, test].map((part) => rows(part)));
    };
    expect((await cut("order")).flat()).toEqual(whole);
    expect((await cut("order")).map(({ length }) => length)).toEqual([80, 10, 10]);
    expect((await cut("random")).flat()).not.toEqual(whole);
  });

  test("more than there are, and packages that are not there, are refused", async () => {
    await expect(flights({ rows: 3_000_001 })).rejects.toThrow(
      "The number of flights must be a whole number from 1 to 3000000",
    );
    vi.resetModules();
    vi.doMock("node:module", () => ({
      createRequire: () => ({ resolve: () => expect.fail("not installed") }),
    }));
    const bare = await import("../../../../../models/data/formats/flights.ts");
    vi.doUnmock("node:module");
    vi.resetModules(); // what was loaded so is not for other tests
    await expect(bare.flights({ rows: 10 })).rejects.toThrow(
      "run npm install vega-datasets hyparquet hyparquet-compressors.",
    );
  });
});
