import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../../backends/cpu/index.ts";
import type { Features } from "../../../../../models/data/encoders/features.ts";
import type { Place } from "../../../../../models/dlrm/saved/bytes.ts";
import type { Scorer } from "../../../../../models/dlrm/saved/filled.ts";
import { load } from "../../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { scorer } from "../../../../../models/dlrm/saved/scorer.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { model } from "../tiny-model.ts";

const features: Features = {
  label: "y",
  dense: [{ column: "a", scaling: { kind: "standard", numbers: [3, 0.5] } }],
  categorical: [{ column: "u", rows: 50, distinct: 40 }],
};
const rows = [
  { a: 3.5, u: "u1" },
  { a: null, u: "u2" },
];

const folder = temporaryFolder();
const path = join(folder, "model.safetensors");
let bytes: Uint8Array<ArrayBuffer>;
let server: Server;
let address: string;

beforeAll(async () => {
  await save(path, model({ dense: 1, tables: [50] }), { features });
  bytes = new Uint8Array(readFileSync(path));
  server = createServer((request, response) => {
    if (request.url === "/cut") {
      response.writeHead(200, { "content-length": bytes.length });
      response.write(bytes.subarray(0, 100), () => response.destroy());
    } else if (request.url === "/model") response.end(bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => void server.close());

async function scoresOf(saved: Scorer): Promise<number[]> {
  const found: number[] = [];
  for await (const p of saved.score(rows)) found.push(p);
  return found;
}

async function scoresAt(place: Place): Promise<number[]> {
  const saved = await scorer(place, { backend: cpu });
  const found = await scoresOf(saved);
  await saved.close();
  return found;
}

const refusalAt = async (place: unknown) =>
  scorer(place as Place).then(
    () => expect.fail("it was loaded"),
    (error: Error) => [error.name, error.message],
  );

describe("a saved model", () => {
  it("is the same from its path, its address and its bytes, whatever holds those", async () => {
    const expected = await scoresOf(await load(path, { backend: cpu }));
    const longer = new Uint8Array(bytes.length + 24);
    longer.set(bytes, 8);
    const places: Place[] = [
      ...[path, pathToFileURL(path), `${address}/model`, new URL(`${address}/model`)],
      ...[bytes, Buffer.from(bytes), longer.subarray(8, 8 + bytes.length), bytes.buffer],
      ...[new Blob([bytes]), new File([bytes], "some.safetensors")],
    ];
    for (const place of places) expect(await scoresAt(place)).toEqual(expected);
  });

  it("comes with a backend of its own where none is given, which its end gives back", async () => {
    const saved = await scorer(bytes);
    const [first] = await scoresOf(saved);
    expect(first).toBeCloseTo((await scoresAt(bytes))[0]!, 6);
    await saved.close();
    await expect(scoresOf(saved)).rejects.toThrow();
  });

  it.each<[string, () => unknown, RegExp]>([
    ["no path", () => 7, /^A saved model is read from a path, an address or its bytes, but was given 7\.$/],
    ["a path that is not there", () => join(folder, "none"), /^There is no saved model at \S+none\.$/],
    ["a folder", () => folder, /^\S+ cannot be loaded: it is no file\.$/],
    [
      "an address that is not there",
      () => `${address}/none`,
      /^Cannot read \S+\/none: the server answers 404 Not Found\.$/,
    ],
    ["an address that ends too early", () => `${address}/cut`, /^Cannot read \S+\/cut: \S.*\.$/],
    [
      "an address of no server",
      () => "http://127.0.0.1:9/m",
      /^Cannot read http:\/\/127\.0\.0\.1:9\/m: \S.*\.$/,
    ],
    [
      "bytes that are cut",
      () => bytes.subarray(0, 500),
      /^The model's bytes cannot be loaded: it has 500 bytes, fewer than /,
    ],
    ["no bytes", () => new Uint8Array(0), /^The model's bytes cannot be loaded: it has 0 bytes, so /],
    [
      "a file of another kind",
      () => new File(["a,b,c,d,e\n"], "clicks.csv"),
      /^clicks\.csv cannot be loaded: it says that /,
    ],
  ])("is refused in a sentence: %s", async (_, place, sentence) => {
    expect(await refusalAt(place())).toEqual(["InputError", expect.stringMatching(sentence)]);
  });

  it("whose bytes are damaged is refused by its sum, in memory as on disk", async () => {
    const damaged = bytes.slice();
    damaged[bytes.length - 3]! ^= 1;
    writeFileSync(join(folder, "damaged"), damaged);
    for (const place of [damaged, join(folder, "damaged"), new Blob([damaged])])
      expect(await refusalAt(place)).toEqual([
        "InputError",
        expect.stringContaining("cannot be loaded: it is damaged:"),
      ]);
  });
});
