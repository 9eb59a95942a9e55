import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../../../core/errors.ts";
import { decoded } from "../../../../../models/dlrm/saved/header.ts";
import { parsed } from "../../../../../models/dlrm/saved/json.ts";
import { opened } from "../../../../../models/dlrm/saved/reader.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { model, said } from "../tiny-model.ts";

const folder = temporaryFolder();

describe("text that a file says of itself", () => {
  it("may have brackets and quotes in its words, as many as it likes", () => {
    const value = { "a\\": `"${"[{".repeat(200)}\\"` };
    expect(parsed(JSON.stringify(value), "it")).toEqual(value);
  });

  it("has lists no deeper than 64, whatever words stand before them", () => {
    const deep = (levels: number) => `["\\"",${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}]`;
    expect(parsed(deep(64), "it")).toBeInstanceOf(Array);
    expect(said(() => parsed(deep(65), "it"))).toContain("more than 64 in each other");
  });
});

it("a header is refused where its metadata is of other names, or in another order", () => {
  const metadata = { format: "pss-dlrm", version: "1", crc32: "00000000", about: "{}" };
  const read = (all: object) => decoded(JSON.stringify({ __metadata__: all }), 10_000);
  const sentence = "its metadata is not as this program writes it";
  expect(said(() => read(metadata))).not.toContain(sentence); // it ends after no array
  for (const other of [{ ...metadata, more: "x" }, Object.fromEntries(Object.entries(metadata).toReversed())])
    expect(said(() => read(other))).toBe(sentence);
});

it("what goes wrong in the program is not said to be the file's fault", async () => {
  const path = join(folder, "sound.safetensors");
  await save(path, model({}));
  const fault = new TypeError("a fault of the program");
  await expect(opened(path, () => Promise.reject(fault))).rejects.toBe(fault);
  await expect(opened(path, () => Promise.reject(new InputError("it is odd")))).rejects.toThrow(
    "sound.safetensors cannot be loaded: it is odd.",
  );
  writeFileSync(path, "");
  await expect(opened(path, async () => 1)).rejects.toThrow("cannot be loaded");
});
