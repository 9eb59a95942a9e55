import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { rowsFor, servingInWords, timeServing } from "../../../../cli/bench/serve.ts";
import { machine } from "../../../../cli/common/machine.ts";
import type { Features } from "../../../../models/data/encoders/features.ts";
import { rowEncoder } from "../../../../models/data/formats/raw-rows.ts";
import type { Scorer } from "../../../../models/dlrm/saved/filled.ts";
import { save } from "../../../../models/dlrm/saved/save.ts";
import { models } from "../../models/dlrm/serving/rows.ts";
import { model } from "../../models/dlrm/tiny-model.ts";
import { temporaryFolder } from "../../temporary.ts";
import { run } from "../command.ts";

afterEach(() => void vi.restoreAllMocks());

const features: Features = {
  label: "y",
  dense: [
    { column: "a", scaling: { kind: "none", numbers: [] }, range: [-2, 30] },
    { column: "b", scaling: { kind: "none", numbers: [] } },
    { column: "c", scaling: { kind: "standard", numbers: [0, 1e300] }, range: [-1.7e308, 1.7e308] },
  ],
  categorical: [
    { column: "u", rows: 50, distinct: 3 },
    { column: "v", rows: 20, distinct: 0, separator: "|" },
    { column: "w", rows: 20, distinct: 1e12 },
  ],
};

describe("what is measured of a model that is served", () => {
  /** A model that takes 100 ms to load, 2 ms for a row, 9 for one in fifty, 64 for 2,048; of 1,000 bytes and 500 a second more. */
  async function measured(seconds: number) {
    let [now, ones, closed] = [5000, 0, 0];
    const asked = new Map<number, number>();
    vi.spyOn(performance, "now").mockImplementation(() => now);
    vi.spyOn(process.memoryUsage, "rss").mockImplementation(() => 1000 + (now - 5000) / 2);
    const scorer: Scorer = {
      about: { features } as Scorer["about"],
      async *score(rows, { batch } = {}) {
        const all = [...(rows as unknown[])];
        expect(all).toHaveLength(batch!);
        asked.set(batch!, 1 + (asked.get(batch!) ?? 0));
        now += batch === 2048 ? 64 : ones++ % 50 === 25 ? 9 : 2;
        yield* all.map(() => 0.5);
      },
      close: async () => void closed++,
    };
    const load = async () => {
      now += 100;
      return scorer;
    };
    return { serving: await timeServing(load, "a model", seconds), asked, closed, took: now - 5000 };
  }

  it("is the first answer, a row alone, many together, and memory", async () => {
    const { serving, asked, closed, took } = await measured(1);
    expect(serving).toEqual({
      firstAnswer: 102,
      oneRow: { p50: 2, p99: 9, samples: expect.any(Number) },
      batch: { rows: 2048, median: 64, rowsPerSecond: 32_000, samples: 16 },
      memory: { rss: 1000 + took / 2, more: took / 2 },
    });
    const { samples } = serving.oneRow;
    expect(samples).toBeGreaterThan(460); // 1,000 ms by 2.14
    expect(Object.fromEntries(asked)).toEqual({ 1: 1 + 200 + samples, 2048: 1 + 16 });
    expect(closed).toBe(1);
  });

  it("takes as long as it is told, and five samples at least", async () => {
    expect((await measured(0.001)).serving).toMatchObject({ oneRow: { samples: 5 }, batch: { samples: 5 } });
  });

  it("reads as lines for people", () =>
    expect(
      servingInWords({
        firstAnswer: 142.3,
        oneRow: { p50: 0.0942, p99: 0.3125, samples: 5312 },
        batch: { rows: 2048, median: 11.25, rowsPerSecond: 182_044.4, samples: 44 },
        memory: { rss: 168_000_000, more: -1 },
      }),
    ).toEqual([
      "first answer 142 ms after loading began",
      "one row      0.0942 ms (p50), 0.313 ms (p99), of 5312 that came one by one",
      "many rows    182,000 rows a second, 2048 at a time (11.3 ms, median of 44)",
      "memory       168 MB of the process, 0 B more than before the model",
    ]));
});

it("rows are made for every column of a model: of its range, and of as many ids as it saw", () => {
  const rows = rowsFor(features, 500);
  expect(rowEncoder(features)(rows, 0).size).toBe(500);
  const of = (column: string) => rows.map((row) => row[column]);
  for (const [column, low, high] of [
    ["a", -2, 30],
    ["b", 0, 1],
    ["c", -1.7e308, 1.7e308],
  ] as const) {
    const [least, most] = [Math.min(...(of(column) as number[])), Math.max(...(of(column) as number[]))];
    expect([least >= low, least < 0.9 * low + 0.1 * high]).toEqual([true, true]);
    expect([most <= high, most > 0.1 * low + 0.9 * high]).toEqual([true, true]);
  }
  expect(new Set(of("u")).size).toBe(3);
  expect(new Set(of("w")).size).toBe(500);
  expect(new Set((of("v") as string[][]).map(({ length }) => length))).toEqual(new Set([0, 1, 2, 3, 4]));
  expect(rowsFor(features, 500)).toEqual(rows); // the same each time, so that measurements can be compared
});

describe("bench --serve", () => {
  let path: string;
  beforeAll(async () => {
    [{ path }] = (await models(1)) as [{ path: string; scores: number[] }];
  });
  const quick = ["--backend", "cpu", "--seconds", "0.001"];

  it("prints what it measured, and how to repeat it; JSON too", async () => {
    const { code, out } = await run("bench", "--serve", path, ...quick, "--json");
    const command = `npx pss-dlrm bench --serve ${path} --backend cpu --seconds 0.001`;
    const { memory, ...report } = JSON.parse(out);
    expect([code, report]).toEqual([
      0,
      {
        ...{ machine: machine(), command: `${command} --json`, backend: "cpu" },
        firstAnswer: expect.any(Number),
        oneRow: { p50: expect.any(Number), p99: expect.any(Number), samples: expect.any(Number) },
        batch: { rows: 2048, median: expect.any(Number), rowsPerSecond: expect.any(Number), samples: 5 },
      },
    ]);
    expect(memory.rss).toBeGreaterThan(1e7);
    const lines = (await run("bench", "--serve", path, ...quick)).out.split("\n");
    expect(lines.slice(0, 4).map((line) => line.slice(0, 12).trim())).toEqual([
      ...["first answer", "one row", "many rows", "memory"],
    ]);
    expect(lines.slice(4)).toEqual([`cpu; ${machine()}; repeat with ${command}`, ""]);
  });

  it.each([
    [["--shape", "small"], "--serve times a saved model, and takes no --shape."],
    [["--batch", "4"], "--serve times a saved model, and takes no --batch."],
    [["--case", "gather"], "--serve times a saved model, and takes no --case."],
    [["--profile"], "--serve times a saved model, and takes no --profile."],
    [["--svg", "a.svg"], "--serve times a saved model, and takes no --svg."],
    [["--backend", "cpu,fast"], "--serve takes one backend, not 2."],
  ])("refuses %j beside it", async (more, sentence) =>
    expect(await run("bench", "--serve", path, ...more)).toEqual({ code: 2, out: "", err: `${sentence}\n` }),
  );

  it("says what is no model, and which model does not say how rows are read", async () => {
    const none = await run("bench", "--serve", "none.safetensors", ...quick);
    expect(none).toEqual({ code: 2, out: "", err: "There is no saved model at none.safetensors.\n" });
    const bare = `${temporaryFolder()}/bare.safetensors`;
    await save(bare, model({}));
    const { code, err } = await run("bench", "--serve", bare, ...quick);
    expect([code, err]).toEqual([2, expect.stringContaining("does not say by which columns rows are read")]);
  });
});
