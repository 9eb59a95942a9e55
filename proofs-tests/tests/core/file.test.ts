import { readdirSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { InputError } from "../../../core/errors.ts";
import { requireWritable, writeAside, writeWhole } from "../../../core/file.ts";
import { said } from "../models/dlrm/tiny-model.ts";
import { temporaryFolder } from "../temporary.ts";

/** Whoever runs the tests may write anywhere: of a folder with this name the system says no. */
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const openSync: typeof fs.openSync = (path, ...how) => {
    if (`${path}`.includes("locked")) throw Object.assign(new Error("not here"), { code: "EACCES" });
    return fs.openSync(path, ...how);
  };
  return { ...fs, openSync };
});

let folder: string;
beforeAll(async () => {
  folder = temporaryFolder();
  await mkdir(join(folder, "inner"));
  await writeFile(join(folder, "file"), "as it was");
});
afterAll(() => rm(folder, { recursive: true }));

it("a file is written whole, in folders that were not there, and nothing is left beside it", async () => {
  const path = join(folder, "some", "where", "new.txt");
  for (const text of ["first", "second"]) {
    await writeWhole(path, text);
    expect(readFileSync(path, "utf8")).toBe(text);
  }
  expect(readdirSync(join(folder, "some", "where"))).toEqual(["new.txt"]);
});

it("a file that cannot be written is named", async () => {
  for (const path of [join(folder, "inner"), join(folder, "file", "below")]) {
    const error = await writeWhole(path, "text").catch((found: unknown) => found);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(`Cannot write ${path}: `);
  }
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("as it was");
});

it("whether a file can be written is told beforehand, and nothing is made", () => {
  for (const path of ["new", "file", join("inner", "new"), join("to", "be", "made")])
    expect(() => requireWritable(join(folder, path))).not.toThrow();
  expect(readdirSync(folder).toSorted()).toEqual(["file", "inner", "some"]);
  expect(said(() => requireWritable(join(folder, "inner")))).toContain("it is a folder; name a file.");
  for (const path of [join("file", "below"), join("file", "far", "below")])
    expect(said(() => requireWritable(join(folder, path)))).toContain(
      `${join(folder, "file")} is a file, no folder.`,
    );
});

it("nothing can be written into a folder that is locked", async () => {
  await mkdir(join(folder, "locked"));
  for (const path of [join("locked", "new"), join("locked", "far", "below")])
    expect(said(() => requireWritable(join(folder, path)))).toContain(
      `nothing can be written into the folder ${join(folder, "locked")} (EACCES).`,
    );
});

it("what a process that is gone left half written is removed by the next write; what one writes now, or is another's, stays", async () => {
  const beside = join(folder, "beside");
  await mkdir(beside);
  const gone = 2 ** 22 + 1; // above the largest number of a process
  const others = [`.b.${gone}.tmp`, `.a.${process.ppid}.tmp`, `.a.b.${gone}.tmp`, `a.${gone}.tmp`];
  for (const name of [...others, `.a.${gone}.tmp`, `.a.${process.pid}.tmp`])
    await writeFile(join(beside, name), "half of it");
  await writeWhole(join(beside, "a"), "whole");
  expect(readdirSync(beside).sort()).toEqual([...others, "a"].sort());
});

it("a write that fails on the way leaves the old file, and nothing beside it", async () => {
  const path = join(folder, "kept", "file");
  await writeWhole(path, "old");
  for (const error of [new InputError("no"), new TypeError("a fault")])
    await expect(
      writeAside(path, async (file) => {
        await file.writeFile("half");
        throw error;
      }),
    ).rejects.toBe(error);
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(join(folder, "kept"))).toEqual(["file"]);
});

it("writes of one file that this process makes at the same time do not meet", async () => {
  const path = join(folder, "at", "once");
  const slowly = (text: string) =>
    writeAside(path, async (file) => {
      for (const letter of text) await file.write(letter);
    });
  await Promise.all(["first", "second", "third"].map(slowly));
  expect(readFileSync(path, "utf8")).toBe("third");
});
