import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { programWords } from "../../../config/program.ts";
import { lock } from "../../../core/lock.ts";
import { said } from "../models/dlrm/tiny-model.ts";
import { temporaryFolder } from "../temporary.ts";

const at = () => join(temporaryFolder(), "x.lock");
const since = "2026-01-01T00:00:00.000Z";
/** The number of no process: above the largest. */
const gone = 2 ** 22 + 1;

/** A lock with this content, last renewed so many seconds ago. */
function found(content: object | string, seconds: number): string {
  const path = at();
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  const then = new Date(Date.now() - 1000 * seconds);
  utimesSync(path, then, then);
  return path;
}

describe("a lock", () => {
  it("is one caller's until it is given back, and says whose; nothing is left beside it", () => {
    const path = at();
    const { claim } = lock(path);
    const { owner } = lock(path);
    expect(owner).toMatchObject({ host: hostname(), pid: process.pid });
    expect(Math.abs(Date.now() - Date.parse(owner!.since))).toBeLessThan(60_000);
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject(owner!);
    expect(readdirSync(join(path, ".."))).toEqual(["x.lock"]);
    claim!.release();
    expect(readdirSync(join(path, ".."))).toEqual([]);
    expect(lock(path).claim).toBeDefined();
  });

  it.each<[string, object | string, number]>([
    ["of a process of this host that is gone", { host: hostname(), pid: gone, since }, 0],
    ["of an earlier process of this one's number", { host: hostname(), pid: process.pid, since }, 0],
    ["of another host, not renewed for ten minutes", { host: "another", pid: 1, since }, 601],
    ["that is empty, for some seconds", "", 6],
    ["that is no JSON, for some seconds", "{", 6],
    ["that names no process, for some seconds", { host: hostname(), since }, 6],
  ])("%s is taken over", (_, content, seconds) => {
    const path = found(content, seconds);
    expect(lock(path).claim).toBeDefined();
    expect(lock(path).owner).toMatchObject({ pid: process.pid });
    expect(readdirSync(join(path, ".."))).toEqual(["x.lock"]);
  });

  it.each<[string, object | string, number, object]>([
    [
      "of another host, renewed in ten minutes",
      { host: "another", pid: gone, since },
      590,
      { host: "another", since },
    ],
    [
      "of a process that runs, however old",
      { host: hostname(), pid: process.ppid, since },
      1e6,
      { pid: process.ppid },
    ],
    ["that was just made and is empty", "", 2, { host: "unknown" }],
  ])("%s is left alone", (_, content, seconds, owner) => {
    const path = found(content, seconds);
    const before = readFileSync(path, "utf8");
    expect(lock(path).owner).toMatchObject(owner);
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  it("is left to a process that runs but is another user's", () => {
    const path = found({ host: hostname(), pid: 1, since }, 0);
    const kill = vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("EPERM"), { code: "EPERM" });
    });
    expect(lock(path).owner).toMatchObject({ pid: 1 });
    kill.mockRestore();
  });

  it("is left to who is taking it over, unless that process was killed while it did", () => {
    const path = found({ host: hostname(), pid: gone, since }, 0);
    const right = `${path}.takeover`;
    writeFileSync(right, JSON.stringify({ host: "another", pid: 7, since }));
    expect(lock(path).owner).toEqual({ host: "another", pid: 7, since });
    const then = new Date(Date.now() - 6000);
    utimesSync(right, then, then);
    expect(lock(path).claim).toBeDefined();
    expect(existsSync(right)).toBe(false);
  });

  it("is renewed by its time", () => {
    const path = at();
    const claim = lock(path).claim!;
    utimesSync(path, new Date(0), new Date(0));
    claim.renew();
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
  });

  it("that was taken over is neither renewed nor given back", () => {
    const path = at();
    const claim = lock(path).claim!;
    writeFileSync(path, JSON.stringify({ host: "another", pid: 7, since }));
    expect(said(() => claim.renew())).toContain("process 7 on another has it");
    claim.release();
    expect(lock(path).owner).toMatchObject({ host: "another" });
  });

  it("cannot be where no file can be, and a sentence says so", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "");
    mkdirSync(join(folder, "folder"));
    for (const path of [join("nowhere", "x"), join("file", "x"), "folder"])
      expect(said(() => lock(join(folder, path)))).toContain(`Cannot lock ${join(folder, path)}: `);
    expect(readdirSync(folder).sort()).toEqual(["file", "folder"]);
  });
});

describe("a lock that several processes want at the same time", () => {
  const rounds = 150;

  it.each([
    ["that is free", undefined],
    ["that is abandoned", { host: hostname(), pid: gone, since }],
    ["that is abandoned, and empty", ""],
  ])("%s goes to exactly one of them", async (_, content) => {
    const folder = temporaryFolder();
    for (let round = 0; content !== undefined && round < rounds; round++) {
      const path = join(folder, `${round}`);
      writeFileSync(path, content === "" ? "" : JSON.stringify(content));
      utimesSync(path, new Date(0), new Date(0));
    }
    const words = [...programWords("proofs-tests/tests/core/lock-racer.ts"), folder, `${rounds}`];
    const racers = [1, 2, 3].map(() => spawn(process.execPath, words));
    const lines = () => Promise.all(racers.map(async ({ stdout }) => `${(await once(stdout, "data"))[0]}`));
    await lines(); // they are ready
    for (const { stdin } of racers) stdin.write(`${Date.now() + 50}`);
    const taken = (await lines()).map((line) => JSON.parse(line) as number[]);
    for (const racer of racers) racer.stdin.end();
    expect(taken.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: rounds }, (_, round) => round));
    expect(readdirSync(folder).length).toBe(rounds);
  });
});
