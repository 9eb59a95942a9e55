import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { run } from "../command.ts";

const file = join(tmpdir(), `signal-${process.pid}.csv`);
afterAll(() => rmSync(file, { force: true }));

// A city decides nearly all, a name nothing; each name occurs twice.
const stream = random(5, "signal");
const lines = Array.from({ length: 4000 }, (_, i) => {
  const city = stream.integer(8);
  return `${stream.uniform() < (city < 4 ? 0.9 : 0.1) ? 1 : 0},c${city},n${i % 2000}`;
});
writeFileSync(file, ["clicked,city,name", ...lines].join("\n"));
const args = ["signal", "--data", `csv:${file}`, "--label", "clicked", "--categorical", "city,name"];

it("tells which column's ids tell, and what of it memories keep", async () => {
  const { code, out } = await run(...args, "--compressions", "100,2000", "--dim", "8", "--json");
  expect(code).toBe(0);
  const { rows, dim, tables, memories } = JSON.parse(out);
  expect(dim).toBe(8);
  expect(rows).toBeGreaterThan(3000);
  expect(tables).toMatchObject([
    { column: "city", ids: 8 },
    { column: "name", ids: expect.any(Number) },
  ]);
  expect(tables[1].ids).toBeGreaterThan(1880); // of 2000, one in 25 is in none of the rows to train on
  expect(tables[0].share).toBeGreaterThan(0.9);
  expect(tables[0].share + tables[1].share).toBeCloseTo(1, 12);
  // Tables of an id a row: 8 + one for each name that occurs, and one for all others each.
  const [hundredth, least] = memories;
  expect(hundredth.floats).toBeGreaterThan(100);
  expect(least.floats).toBeGreaterThan(3);
  expect(least.floats).toBeLessThan(8);
  expect(hundredth.atMost).toBeGreaterThan(0.9);
  expect(least.atMost).toBeLessThan(hundredth.atMost);
  for (const { atMost, shared } of memories) expect(shared).toBeLessThanOrEqual(atMost);
});

it("says it in words, by the names of columns, and how to repeat it", async () => {
  const { code, out } = await run(...args);
  expect(code).toBe(0);
  expect(out).toMatch(/^city +8 +\d[\d.]* %$/m);
  expect(out).toMatch(/^ {3}100× .* %$/m);
  expect(out).toContain(`repeat: npx pss-dlrm ${args.join(" ")}`);
});

it("refuses memories of no float", async () => {
  const { code, err } = await run(...args, "--compressions", "1e9");
  expect([code, err]).toEqual([
    2,
    expect.stringContaining(
      "At compression 1,000,000,000 no float of these tables is left; take a smaller one.",
    ),
  ]);
});
