import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { describe, expect, it } from "vitest";
import { commandLine, listed, names, number, numbers, sizes, text, whole } from "../../../cli/flags.ts";
import { machine, version } from "../../../cli/machine.ts";
import { said } from "../models/dlrm/tiny-model.ts";

const read = <Value>(how: (flags: { n?: string }, name: string) => Value, given: string): Value =>
  how({ n: given }, "n");

describe("a flag", () => {
  it("is undefined where it was not given", () => {
    for (const how of [text, number, numbers, sizes]) expect(how({}, "n")).toBeUndefined();
    expect(whole({}, "n", 1)).toBeUndefined();
    expect(names({}, "n")).toEqual([]);
  });

  it.each([
    ["3", 3],
    ["-2.5", -2.5],
    ["1e6", 1e6],
    ["26.14e9", 26.14e9],
  ])("of a number: %s", (given, value) => expect(read(number, given)).toBe(value));

  it.each(["", " ", "fast", "NaN", "Infinity", "1,5"])("of what is no number: %j", (given) =>
    expect(said(() => read(number, given))).toBe(`--n must be a number, but it is "${given}".`),
  );

  it("of a whole number may be the least that there may be, not less and no fraction", () => {
    expect(whole({ n: "1" }, "n", 1)).toBe(1);
    expect(whole({ n: "2e3" }, "n", 1)).toBe(2000);
    for (const n of ["0", "1.5", "-1"])
      expect(said(() => whole({ n }, "n", 1))).toBe(`--n must be a whole number from 1 up, but it is ${n}.`);
  });

  it("of lists keeps every entry, in order", () => {
    expect(read(names, "b, a,,c ")).toEqual(["b", "a", "c"]);
    expect(read(numbers, "10,0.5,1e3")).toEqual([10, 0.5, 1000]);
    expect(read(sizes, "512-256-16")).toEqual([512, 256, 16]);
    expect(read(sizes, "1000,50")).toEqual([1000, 50]);
    for (const given of ["", "1,x"]) expect(said(() => read(numbers, given))).toContain("must be numbers");
    for (const given of ["0", "1.5", "8-", "a"])
      expect(said(() => read(sizes, given))).toContain(
        `must be whole numbers from 1 up like 64-16, but it is "${given}"`,
      );
  });
});

describe("a help text's list", () => {
  it("has every name, on lines that end before column 80", () => {
    const all = Array.from({ length: 40 }, (_, i) => `name${i}`);
    const lines = listed(all, 18).split("\n");
    expect(lines.join(" ").split(/,\s+/)).toEqual(all);
    for (const [i, line] of lines.entries()) {
      expect((i === 0 ? 18 : 0) + line.length).toBeLessThanOrEqual(80);
      if (i > 0) expect(line).toMatch(/^ {18}\S/);
    }
  });
});

describe("the command that was given", () => {
  it("is ready to paste: what a shell would take apart stands in quotes", () => {
    expect(commandLine(["bench", "--case", "one row", "--svg", "a/b.svg", "--name", "it's"])).toBe(
      "npx pss-dlrm bench --case 'one row' --svg a/b.svg --name 'it'\\''s'",
    );
  });
});

describe("where a measurement was made", () => {
  it("is said by processor, cores and Node", () => {
    const [, name, cores] = /^(.+), (\d+) cores, Node .+$/.exec(machine())!;
    expect(name).toBe(cpus()[0]?.model.trim() ?? "unknown CPU");
    expect(Number(cores)).toBeGreaterThanOrEqual(availableParallelism());
    expect(machine()).toMatch(new RegExp(`Node ${process.versions.node.replaceAll(".", "\\.")}$`));
  });

  it("is said where nobody can tell the processor", () => {
    expect(machine([])).toBe(`unknown CPU, 0 cores, Node ${process.versions.node}`);
  });

  it("is said by the package's version too", () => {
    const file = new URL("../../../package.json", import.meta.url);
    expect(version()).toBe((JSON.parse(readFileSync(file, "utf8")) as { version: string }).version);
  });
});
