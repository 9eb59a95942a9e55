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
  const { rows, dim, gain, tables, memories } = JSON.parse(out);
  // Told by its city, half of the rows have 0.9 and half 0.1: the log loss falls from ln 2 by 0.37.
  expect(gain).toBeGreaterThan(0.2);
  expect(gain).toBeLessThan(0.8);
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

it("says so where ids tell nothing, and leaves out memories that tables are too small for", async () => {
  const few = join(tmpdir(), `signal-few-${process.pid}.csv`);
  try {
    const rows = Array.from({ length: 300 }, (_, i) => `${i % 2},c${Math.floor(i / 2) % 3}`);
    writeFileSync(few, ["clicked,city", ...rows].join("\n"));
    const all = ["signal", "--data", `csv:${few}`, "--label", "clicked", "--categorical", "city"];
    const { code, out } = await run(...all, "--seed", "2");
    expect(code).toBe(0);
    expect(out).toContain("The ids tell nothing of the labels that chance does not.\nrepeat: ");
    const { gain, memories } = JSON.parse((await run(...all, "--seed", "2", "--json")).out);
    expect(gain).toBe(0);
    expect(memories.every(({ floats }: { floats: number }) => floats >= 1)).toBe(true);
    expect(memories.length).toBeLessThan(4);
  } finally {
    rmSync(few, { force: true });
  }
});
