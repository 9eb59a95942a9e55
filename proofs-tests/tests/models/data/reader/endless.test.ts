import { execFile, execFileSync } from "node:child_process";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { csv } from "../../../../../models/data/formats/csv.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { put } from "../files.ts";

const columns = { label: "y", dense: ["x"], categorical: ["id"] };
const refused = (line: number) => `line ${line}: what begins here has no end within 1 MiB`;

describe("memory does not grow with what has no end", () => {
  const zeros = (gibibytes: number, begin: string) => {
    const part = gzipSync(Buffer.alloc(1 << 26));
    return Buffer.concat([gzipSync(begin), ...Array<Buffer>(gibibytes * 16).fill(part)]);
  };
  const sparse = (gibibytes: number, begin: string) => {
    const file = put(begin);
    truncateSync(file, gibibytes * 2 ** 30);
    return file;
  };
  test.each([
    ["a line of zeros", () => sparse(2, "y,x,id\n1,2,a\n"), refused(3)],
    ["a line of zeros in gzip", () => put(zeros(2, "y,x,id\n1,2,a\n")), refused(3)],
    ["a header of zeros", () => sparse(2, ""), refused(1)],
    ["a header of zeros in gzip", () => put(zeros(2, "")), refused(1)],
  ])("%s", async (_, file, sentence) => {
    const program = `
      import { csv } from "./models/data/formats/csv.ts";
      const before = process.resourceUsage().maxRSS;
      const data = csv(${JSON.stringify(file())}, ${JSON.stringify(columns)});
      let message = "";
      try {
        for await (const _ of data.batches(1000));
      } catch (error) {
        message = error.message;
      }
      console.log(JSON.stringify({ message, kilobytes: process.resourceUsage().maxRSS - before }));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", program],
      { timeout: 120_000 },
    );
    const { message, kilobytes } = JSON.parse(stdout);
    expect(message).toContain(sentence);
    expect(kilobytes).toBeLessThan(100_000);
  });
});

test("a pipe is refused, not waited for", () => {
  const pipe = join(temporaryFolder(), "pipe");
  execFileSync("sh", ["-c", `mkfifo "$0"`, pipe]);
  expect(() => csv(pipe, columns)).toThrow("is a pipe or a device, which cannot be read twice");
  expect(() => csv("/dev/zero", columns)).toThrow("/dev/zero is a pipe or a device");
});
