import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { folder, put } from "../models/data/files.ts";
import { run } from "./command.ts";
import { plain, rows, small, synthetic } from "./train-words.ts";
import { numbersIn } from "./training/saved-numbers.ts";

interface TrainedReport {
  readonly quality: unknown;
  readonly embedding: { readonly floats: number; readonly fullFloats: number };
  readonly strengths: { readonly fields: readonly number[] };
}

describe("train", () => {
  it("shows validations as it goes, but for JSON nothing", async () => {
    const flags = ["--tables", "9,5", "--rows", "800", "--batch", "64", "--eval-every", "4"];
    const plain = await run("train", "--data", "synthetic", ...flags);
    const json = await run("train", "--data", "synthetic", ...flags, "--json");
    expect(plain.err.match(/^step \d+: validation/gm)).toEqual(
      [4, 8, 10].map((step) => `step ${step}: validation`),
    );
    expect([plain.code, json.code, json.err]).toEqual([0, 0, ""]);
    expect(plain.out).toMatch(/^synthetic clicks \(seed 0\): 10 steps/);
    expect(JSON.parse(json.out)).toMatchObject({ steps: 10, data: "synthetic clicks (seed 0)" });
  });

  it("does what its flags say together", async () => {
    const flags = "--tables 9,5 --rows 400 --dim 4 --bottom 6-4 --top 3-1 --optimizer adam --lr 0.01";
    const more = "--batch 32 --epochs 2 --steps 12 --eval-every 2 --patience 4 --seed 4 --backend cpu";
    const own = "--embedding robe --compression 2 --block 2 --sign none --storage f16 --rounding stochastic";
    const { out } = await run(
      "train",
      "--data",
      "synthetic",
      ...`${flags} ${more} ${own} --table-scale`.split(" "),
      "--json",
    );
    expect(JSON.parse(out)).toMatchObject({
      ...{ data: "synthetic clicks (seed 4)", steps: 12, quality: { rows: 40 } },
      embedding: { name: "robe", floats: 28, bytes: 2 * 28, fullFloats: 4 * 14 },
      optimizer: { name: "adam", rate: 0.01, batch: 32 },
    });
  });

  it("reads plain, CRLF and gzip alike, and prints JSON that says what it did", async () => {
    const crlf = put(`${rows.join("\r\n")}\r\n`, "crlf.tsv");
    const gzip = put(gzipSync(rows.join("\n")), "rows.gz");
    const results = await Promise.all(
      [plain, crlf, gzip].map((path) => run("train", "--data", `criteo:${path}`, ...small, "--json")),
    );
    const quality = results.map(({ out }) =>
      JSON.stringify((JSON.parse(out) as { quality: unknown }).quality),
    );
    expect(new Set(quality).size).toBe(1);
    expect(JSON.parse(results[0]!.out)).toMatchObject({
      steps: expect.any(Number),
      embedding: { name: "robe" },
    });
  });

  it.each(["hashEmbedding", "memcom", "mixedDimension", "byFrequency"])(
    "keeps %s within its memory",
    async (name) => {
      const size = ["--embedding", name, "--compression", "2", "--optimizer", "rowWiseAdagrad"];
      const { out } = await run(...synthetic, ...size, "--json");
      const { embedding } = JSON.parse(out) as {
        embedding: { name: string; floats: number; fullFloats: number };
      };
      expect(embedding.name).toBe(name);
      expect(embedding.floats).toBeLessThanOrEqual(embedding.fullFloats / 2);
      expect(embedding.floats).toBeGreaterThan(0.45 * embedding.fullFloats);
    },
  );

  it.each(["robe", "cafe", "byFrequency"])(
    "goes on from a checkpoint to the very result of a run without a break: %s",
    async (name) => {
      const [whole, parts] = [join(folder, `whole ${name}`), join(folder, `parts ${name}`)];
      const flags = [...synthetic, "--embedding", name, "--compression", "2", "--seed", "5"];
      await run(...flags, "--checkpoint", whole, "--epochs", "2");
      await run(...flags, "--checkpoint", parts, "--steps", "4");
      const again = await run(...flags, "--checkpoint", parts);
      expect(again.err).toContain("--resume");
      await run(...flags, "--checkpoint", parts, "--epochs", "2", "--resume");
      const files = ["checkpoint.safetensors", "model.safetensors"];
      for (const name of files)
        expect(numbersIn(join(parts, name)).equals(numbersIn(join(whole, name))), name).toBe(true);
      expect(readdirSync(parts)).toEqual(files);
      expect((await run(...flags, "--batch", "9", "--checkpoint", parts, "--resume")).err).toContain(
        "--batch",
      );
      expect((await run("inspect", parts)).out).toContain(name);
    },
  );

  it("keeps of full tables what the data touches, to the same quality, and says what carries the signal", async () => {
    const shape = ["--tables", "300000,20000,30", "--rows", "3000", "--dim", "4", "--bottom", "8-4"];
    const flags = ["train", "--data", "synthetic:fits", ...shape, "--json"];
    const kept = join(folder, "touched");
    const [whole, touched] = await Promise.all([
      run(...flags),
      run(...flags, "--lazy-rows", "--checkpoint", kept),
    ]);
    const [expected, found] = [whole, touched].map(({ out }) => JSON.parse(out) as TrainedReport);
    expect(found!.quality).toEqual(expected!.quality);
    expect(found!.embedding.fullFloats).toBe(expected!.embedding.floats);
    expect(found!.embedding.floats).toBeLessThan(4 * 3 * 3000);
    expect(found!.strengths.fields).toHaveLength(3);
    const { code, out } = await run("inspect", kept, "--json");
    const { embedding } = JSON.parse(out) as { embedding: { floats: number; load: object } };
    expect({ code, floats: embedding.floats }).toEqual({ code: 0, floats: found!.embedding.floats });
    expect(embedding.load).toMatchObject({ exact: true, counted: embedding.floats, mean: 1, largest: 1 });
  });
});

describe("golden", () => {
  it("exits with 1 and the name of the array when a number is altered", async () => {
    const golden = JSON.parse(readFileSync("proofs-tests/golden/files/dlrm-onehot-dot-sgd.json", "utf8")) as {
      losses: number[];
    };
    golden.losses[2]! += 1e-6;
    const { code, out } = await run("golden", "--failures", put(JSON.stringify(golden), "altered.json"));
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL losses/);
  });
});

describe("help", () => {
  it.each([
    [[]],
    [["train"]],
    [["golden"]],
    [["inspect"]],
    [["bench"]],
    [["prove"]],
    [["plan"]],
    [["tradeoff"]],
  ])("%j fits 80 columns", async (verb) => {
    const { code, out } = await run(...verb, "--help");
    const lines = out.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(Math.max(...lines.map((l) => l.length))).toBeLessThanOrEqual(80);
  });
});
