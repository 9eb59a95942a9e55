import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run, runProcess } from "../cli/command.ts";
import { numbersIn } from "../cli/training/saved-numbers.ts";
import { temporaryFolder } from "../temporary.ts";

const folder = temporaryFolder();
const small = ["train", "--data", "synthetic", "--rows", "800", "--tables", "50,20"];
const robe = ["--embedding", "robe", "--compression", "2"];

interface Report {
  readonly lastLoss: number;
  readonly quality: { readonly logLoss: number };
  readonly agreement?: { readonly calls: number; readonly worst: number; readonly first?: object };
}
const reportOf = ({ out }: { out: string }): Report => JSON.parse(out) as Report;

describe.each(["gpu:webasm", "gpu:cpu"])("train --backend %s", (backend) => {
  it("comes to the reference's quality, and VALIDATE=1 finds every form within its bound", async () => {
    const reference = reportOf(await run(...small, ...robe, "--json"));
    const checked = reportOf(
      await runProcess({ VALIDATE: "1" }, ...small, ...robe, "--backend", backend, "--json"),
    );
    expect(reference.agreement).toBeUndefined();
    expect(checked.agreement!.calls).toBeGreaterThan(100);
    expect(checked.agreement!.first).toBeUndefined();
    expect(checked.agreement!.worst).toBeLessThanOrEqual(1);
    // Some ten steps of rounding: losses of about 0.7 agree to five digits.
    expect(Math.abs(checked.quality.logLoss - reference.quality.logLoss)).toBeLessThan(1e-5);
  });

  it("goes on from a checkpoint to the very result of a run without a break", async () => {
    const [whole, parts] = [join(folder, `${backend}-whole`), join(folder, `${backend}-parts`)];
    const flags = [...small, ...robe, "--backend", backend, "--optimizer", "adam"];
    await run(...flags, "--checkpoint", whole, "--epochs", "2");
    await run(...flags, "--checkpoint", parts, "--steps", "2");
    await run(...flags, "--checkpoint", parts, "--epochs", "2", "--resume");
    for (const name of ["checkpoint.safetensors", "model.safetensors"])
      expect(numbersIn(join(parts, name)).equals(numbersIn(join(whole, name))), name).toBe(true);
  });
});

it("VALIDATE=1 says in a line of its own what it found", async () => {
  const { code, out } = await runProcess({ VALIDATE: "1" }, ...small, "--steps", "1");
  expect(code).toBe(0);
  expect(out).toMatch(
    /^validated +\d+ forms and optimizer steps, each within its error bound of the reference; \d\.\d{3} of the bound/m,
  );
});

it("VALIDATE=1 does so for golden and bench, in rounds that are not timed", async () => {
  const file = "proofs-tests/golden/files/robe-dlrm-adagrad-z8.json";
  const on = ["--backend", "gpu:webasm"];
  const conform = await runProcess({ VALIDATE: "1" }, "golden", ...on, "--failures", file);
  expect(conform.out).toMatch(/^1 file conforms\.\nvalidated +\d[\d,]+ forms/m);
  expect(conform.code).toBe(0);
  const gather = ["--case", "gather", "--seconds", "0.05", "--json"];
  const { agreements } = JSON.parse((await runProcess({ VALIDATE: "1" }, "bench", ...on, ...gather)).out);
  expect(agreements).toHaveLength(1);
  expect(agreements[0]).toMatchObject({ backend: "gpu:webasm" });
  expect(agreements[0].calls).toBeGreaterThan(0);
  expect(agreements[0].first).toBeUndefined();
});

describe("golden --backend", () => {
  it("repeats a training run on that backend too", async () => {
    const file = "proofs-tests/golden/files/robe-dlrm-adagrad-z8.json";
    const { code, out } = await run("golden", "--backend", "gpu:webasm", file);
    expect(code).toBe(0);
    expect(out).toMatch(/ok {3}losses \(gpu:webasm\)/);
  });
});

describe("bench", () => {
  it("times what was asked for on each backend, with the machine and a picture", async () => {
    const svg = join(folder, "bench.svg");
    const flags = ["--backend", "cpu,gpu:webasm", "--case", "gather", "--seconds", "0.05"];
    const { code, out } = await run("bench", ...flags, "--svg", svg, "--json");
    expect(code).toBe(0);
    const { machine, command, timings } = JSON.parse(out);
    expect(machine).toContain(`Node ${process.versions.node}`);
    expect(command).toContain("bench --backend cpu,gpu:webasm --case gather");
    expect(timings.map((t: { backend: string }) => t.backend)).toEqual(["cpu", "gpu:webasm"]);
    for (const { median, quartiles, samples, device } of timings) {
      expect(quartiles[0]).toBeGreaterThan(0);
      expect(quartiles[0]).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(quartiles[1]);
      expect(samples).toBeGreaterThanOrEqual(5);
      expect(device).not.toBe("");
    }
    expect(readFileSync(svg, "utf8")).toMatch(/^<svg [\s\S]*<\/svg>$/);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});
