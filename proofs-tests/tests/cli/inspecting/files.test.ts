import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { cpu, cpu64 } from "../../../../backends/cpu/index.ts";
import { reportOf } from "../../../../cli/inspecting/report.ts";
import type { AboutGiven } from "../../../../models/dlrm/saved/about.ts";
import { checkpointIn, save } from "../../../../models/dlrm/saved/save.ts";
import { sharedMemory } from "../../../../models/embeddings/embedding.ts";
import { full } from "../../../../models/embeddings/families/full.ts";
import { fullScheme } from "../../../../models/embeddings/full-scheme.ts";
import { path as changed, saved } from "../../models/dlrm/saved/changed-file.ts";
import { model } from "../../models/dlrm/tiny-model.ts";
import { run } from "../command.ts";
import { told } from "./told.ts";
import { inspected, place } from "./trained.ts";

/** What is said of a tiny model with this beside it. */
async function saidOf(about: AboutGiven, config: Parameters<typeof model>[0] = {}, name = "m.safetensors") {
  const path = join(place(), name);
  mkdirSync(dirname(path));
  await save(path, model(config), about);
  return { path, report: await reportOf(path) };
}

/** Names of the fields of a value, and of those in it, in their order. */
const fieldsOf = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.length === 0
      ? []
      : [fieldsOf(value[0])]
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fieldsOf(each)]))
      : "";

describe("a file that a program saved", () => {
  it("says what it says, and null of the rest", async () => {
    const { report } = await saidOf({});
    const nothing = { version: null, label: null, data: null, columns: null, optimizer: null };
    expect(report).toMatchObject({ ...nothing, training: null, history: [], quality: null, samplingRate: 1 });
    expect(report.embedding).toMatchObject({ family: "full", ids: null, floats: 300, bytes: 1200 });
    expect(report.embedding.compression).toEqual({ ofTables: 1, ofIds: null });
    const { path } = await saidOf({});
    const { code, out } = await run("inspect", path);
    expect(code).toBe(0);
    expect(out).toContain("\nquality     –, not kept in this file\n");
  });

  it("has the fields that --json promises, whatever it says", async () => {
    const { report } = await saidOf({});
    expect(Object.keys(report)).toEqual(Object.keys(told));
    expect(fieldsOf(report.embedding)).toEqual({
      ...(fieldsOf(told.embedding) as object),
      options: {},
    });
    expect(fieldsOf(report.layers)).toEqual(fieldsOf(told.layers));
    expect(Object.keys(await inspected((await saidOf({})).path))).toEqual(Object.keys(told));
  });

  it("may say of its data and history whatever it likes, of which what is no count is null", async () => {
    for (const data of ["rows", 7, [1], { name: 3, rows: [] }])
      expect((await saidOf({ data })).report.data ?? { name: null }).toMatchObject({ name: null });
    const tooMany = (await saidOf({ data: { rows: { train: { rows: 2, ones: 3 } } } })).report.data;
    expect(tooMany!.rows.train).toBeNull();
    const rows = { train: { rows: 3, ones: 1 }, validation: { rows: -1, ones: 0 }, test: 9 };
    const { data } = (await saidOf({ data: { name: "n", rows } })).report;
    expect(data).toMatchObject({ name: "n", rows: { ...rows, validation: null, test: null } });
    const other = (await saidOf({ data: { name: "o", rows } })).report.data;
    expect(other!.identity).not.toBe(data!.identity);
  });

  it("may be of an embedding that only its program knows: sizes are those of its arrays", async () => {
    const embedding = sharedMemory(fullScheme);
    const { report, path } = await saidOf({ training: { step: 0 } }, { embedding });
    expect(report.embedding).toMatchObject({
      family: "own",
      floats: 300,
      bytes: 1200,
      load: null,
      guarantee: null,
    });
    expect(report.model.floats).toBe(model({}).parameters.reduce((n, { size }) => n + size, 0));
    expect(report.next).toBe(`in a program, await load(${JSON.stringify(path)}, { embedding })`);
  });

  it("may keep floats of 64 bits", async () => {
    const { report } = await saidOf({}, { backend: cpu64 });
    expect(report.embedding).toMatchObject({ storage: ["F64"], floats: 300, bytes: 1200 });
  });

  it("is refused where a bit of a number is another, as by load", async () => {
    await saved(full(), cpu);
    const bytes = readFileSync(changed);
    bytes[bytes.length - 3]! ^= 1;
    writeFileSync(changed, bytes);
    const { code, out, err } = await run("inspect", changed);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("do not add up");
  });
});

describe("what to do next", () => {
  const features = {
    label: "y",
    dense: ["a", "b", "c", "d"].map((column) => ({
      column,
      scaling: { kind: "none" as const, numbers: [] },
    })),
    categorical: [50, 20, 5].map((rows, t) => ({ column: `t${t}`, rows, distinct: rows })),
  };

  it.each([
    ["csv:old.csv", "csv:NEW.csv"],
    ["parquet:old.parquet", "parquet:NEW.parquet"],
    ["parquet", "parquet:NEW.parquet"],
    ["something else", "csv:NEW.csv"],
  ])("with columns of %s, is to score %s", async (data, format) => {
    const { report, path } = await saidOf({ features, settings: { data } });
    expect(report.next).toBe(`npx pss-dlrm predict --model ${path} --data ${format} --out scores.csv`);
    expect(report.embedding.ids).toBe(75);
  });

  it("without columns, is to go on with such rows, or a program", async () => {
    const { report, path } = await saidOf({ settings: { data: "synthetic:fits" } });
    expect(report.next).toBe(`npx pss-dlrm train --from ${path} --data synthetic:fits --checkpoint DIR`);
    for (const settings of [{ data: "x\n; rm" }, {}]) {
      const { report, path } = await saidOf({ settings });
      expect(report.next).toBe(`in a program, await load(${JSON.stringify(path)})`);
    }
  });

  it("of a checkpoint, is to resume it", async () => {
    const { report, path } = await saidOf({ features }, {}, "checkpoint.safetensors");
    expect(report.next).toContain(`--resume beside --checkpoint ${dirname(path)}`);
    expect(checkpointIn(dirname(path))).toBe(path);
    expect((await inspected(dirname(path))).file).toBe(path);
  });
});
