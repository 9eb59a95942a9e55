import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { programWords } from "../../../config/program.ts";
import type { Study } from "../../experiments/tradeoff/study.ts";
import { temporaryFolder } from "../temporary.ts";
import { run, runProcess } from "./command.ts";

const folder = temporaryFolder();
const small = [
  ..."tradeoff --data synthetic --tables 300,50 --rows 4000 --methods full,robe,quotientRemainder".split(" "),
  ..."--compressions 3,50 --seeds 0,1 --lr-multipliers 1,3 --epochs 1 --batch 64 --evaluations 4".split(" "),
];
const at = (name: string) => [...small, "--out", join(folder, name), "--json"];

/** What does not depend on when and where a study ran. */
const timeless = (out: string) => {
  const {
    provenance: _,
    latencies: __,
    summary: ___,
    ...study
  } = JSON.parse(out) as Study & { summary: object };
  return study;
};

/** When each trial of a folder was written. */
const written = (name: string) => {
  const trials = join(folder, name, "trials");
  return readdirSync(trials).map((file) => [file, statSync(join(trials, file)).mtimeMs]);
};

describe("tradeoff", () => {
  let whole: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    whole = await run(...at("whole"), "--html", join(folder, "page.html"), "--svg", join(folder, "svg"));
  });

  it("trains every method at equal memory, and says why one cannot be that small", () => {
    expect(whole.err).toBe("");
    const { summary, latencies } = JSON.parse(whole.out);
    const cells = summary.rows.map(
      (row: { method: string; compression: number }) => `${row.method} ${row.compression}`,
    );
    expect(cells).toEqual(["full 1", "floor 1", "robe 3", "robe 50", "quotientRemainder 3"]);
    const full = summary.rows[0].bytes;
    for (const { bytes, compression } of summary.rows) expect(bytes).toBeLessThanOrEqual(full / compression);
    expect(summary.missing).toHaveLength(1);
    expect(summary.missing[0].reason).toMatch(/quotientRemainder needs at least \d+ bytes/);
    expect(latencies).toHaveLength(5);
  });

  it("writes a page and pictures that have these numbers", () => {
    const page = readFileSync(join(folder, "page.html"), "utf8");
    const embedded = /<script type="application\/json" id="study">(.*)<\/script>/.exec(page)![1]!;
    expect(JSON.parse(embedded).trials).toEqual(JSON.parse(whole.out).trials);
    expect(readdirSync(join(folder, "svg"))).toContain("quality.svg");
  });

  it("trains nothing that is already there", async () => {
    const before = written("whole");
    const again = await run(...at("whole"), "--no-latency");
    expect(timeless(again.out)).toEqual(timeless(whole.out));
    expect(written("whole")).toEqual(before);
  });

  it("goes on where it was killed, to the same numbers", async () => {
    const child = spawn(
      process.execPath,
      [...programWords("cli/index.ts"), ...at("killed"), "--no-latency"],
      {
        stdio: "ignore",
      },
    );
    const trials = join(folder, "killed", "trials");
    while (!existsSync(trials) || readdirSync(trials).length < 2) await pause(20);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    const before = new Map(written("killed") as [string, number][]);
    expect(before.size).toBeLessThan(written("whole").length);
    expect(timeless((await run(...at("killed"), "--no-latency")).out)).toEqual(timeless(whole.out));
    for (const [file, time] of written("killed"))
      if (before.has(file as string)) expect(time).toBe(before.get(file as string));
  });

  it("shares its work among processes, to the same numbers", async () => {
    const both = await Promise.all([1, 2].map(() => runProcess({}, ...at("shared"))));
    for (const { code, out } of both) {
      expect(code).toBe(0);
      expect(timeless(out)).toEqual(timeless(whole.out));
    }
    const times = both.map(({ out }) => (JSON.parse(out) as Study).latencies);
    expect(times[0]).toHaveLength(5);
    expect(times[1]).toEqual(times[0]); // one process measured, the other read what it found
    expect(readdirSync(join(folder, "shared")).filter((file) => file.endsWith(".lock"))).toEqual([]);
  });

  it("refuses to mix trials of another setting into a folder", async () => {
    const { code, err } = await run(...at("whole").map((word) => (word === "64" ? "32" : word)));
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("batch 64, but now it is 32") });
  });
});
