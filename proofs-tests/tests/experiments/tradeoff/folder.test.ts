import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { openFolder } from "../../../experiments/tradeoff/folder.ts";
import { temporaryFolder } from "../../temporary.ts";
import { protocolOf, trained } from "./made.ts";

const { setting } = protocolOf({});
const made = () => temporaryFolder();
const trial = { method: "robe:block=2", compression: 4, rate: 1, seed: 0 };

describe("the folder of a study", () => {
  it("gives back what was recorded, number for number", async () => {
    const path = made();
    const outcome = trained([[5, 0.123456789012345]]);
    await (await openFolder(path, setting)).record({ trial, outcome });
    expect([...(await openFolder(path, setting)).known().values()]).toEqual([outcome]);
  });

  it("gives a trial to one process only, until it is given back", async () => {
    const path = made();
    const [a, b] = [await openFolder(path, setting), await openFolder(path, setting)];
    const claim = a.claim("x");
    expect(claim).toBeDefined();
    expect(b.claim("x")).toBeUndefined();
    claim!.release();
    expect(b.claim("x")).toBeDefined();
  });

  it("takes over the lock of a process that is gone, or has not renewed it for ten minutes; no other", async () => {
    const path = made();
    const folder = await openFolder(path, setting);
    const lock = (name: string, owner: object, minutes: number) => {
      const file = join(path, `${name}.lock`);
      writeFileSync(file, JSON.stringify(owner));
      const at = new Date(Date.now() - minutes * 60_000);
      utimesSync(file, at, at);
    };
    lock("gone", { host: hostname(), pid: 2 ** 22 + 1 }, 0); // above the largest number of a process
    lock("elsewhere", { host: "another", pid: 1 }, 1);
    lock("alive", { host: hostname(), pid: process.pid }, 1);
    lock("old", { host: "another", pid: 1 }, 11);
    const taken = ["gone", "elsewhere", "alive", "old"].filter((name) => folder.claim(name));
    expect(taken).toEqual(["gone", "old"]);
  });

  it("leaves the lock to a process that runs but is another user's", async () => {
    const path = made();
    const folder = await openFolder(path, setting);
    const owned = (code: string) => {
      const kill = vi.spyOn(process, "kill").mockImplementation(() => {
        throw Object.assign(new Error(code), { code });
      });
      writeFileSync(join(path, "x.lock"), JSON.stringify({ host: hostname(), pid: 1 }));
      const claim = folder.claim("x");
      kill.mockRestore();
      return claim;
    };
    expect(owned("EPERM")).toBeUndefined();
    expect(owned("ESRCH")).toBeDefined(); // there is no such process
  });

  it("takes no lock where it cannot write one, and says so", async () => {
    const path = made();
    const folder = await openFolder(path, setting);
    expect(() => folder.claim(join("nowhere", "x"))).toThrow("ENOENT");
  });

  it("renews a lock by its time", async () => {
    const path = made();
    const claim = (await openFolder(path, setting)).claim("x")!;
    const lock = join(path, "x.lock");
    utimesSync(lock, new Date(0), new Date(0));
    claim.renew();
    expect(Date.now() - statSync(lock).mtimeMs).toBeLessThan(60_000);
    claim.release();
    expect(existsSync(lock)).toBe(false);
  });

  it("keeps the times of steps, and has none at first", async () => {
    const path = made();
    const folder = await openFolder(path, setting);
    expect(folder.latencies()).toEqual([]);
    const cell = { method: "robe", compression: 4 };
    const times = [{ ...cell, step: 2, quartiles: [1, 3] as const, speedup: 0.5, predicted: 9 }];
    await folder.recordLatencies(times);
    expect((await openFolder(path, setting)).latencies()).toEqual(times);
  });

  it("refuses another setting, with both values", async () => {
    const path = made();
    await openFolder(path, setting);
    await expect(openFolder(path, { ...setting, batch: 128 })).rejects.toThrow(/batch 64, but now it is 128/);
  });

  it("names a file that is cut short, and leaves it alone", async () => {
    const path = made();
    const folder = await openFolder(path, setting);
    await folder.record({ trial, outcome: trained([[5, 0.6]]) });
    const [file] = readdirSync(join(path, "trials"));
    const broken = join(path, "trials", file!);
    writeFileSync(broken, '{"trial":');
    expect(() => folder.known()).toThrow(new RegExp(`${file!.replaceAll(/[+.]/g, ".")}.*delete it`));
    expect(existsSync(broken) && statSync(broken).size).toBe(9);
  });
});
