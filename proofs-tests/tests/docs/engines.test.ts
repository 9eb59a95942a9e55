import { expect, it } from "vitest";
import { enginesTable } from "../../../config/docs/engines-table.ts";
import { cellsOf } from "./cells.ts";

it("the table of engines has times against ours, rows a second, and how far probabilities are from the exact ones", () => {
  const engine = (name: string, threads: number, one: number, many: number) => ({
    ...{ name, threads, version: "1.2", ulps: 3, fraction: 0.0125 },
    one: { p50: one, p99: 2 * one },
    many: { p50: many, p99: 2 * many },
  });
  const markdown = enginesTable({
    machine: "a machine",
    rows: 2048,
    checked: 64,
    models: [
      {
        config: "small",
        compression: 10_000,
        engines: [engine("ours", 1, 0.25, 100), engine("other", 2, 0.5, 50)],
      },
    ],
  });
  expect(cellsOf(markdown.split("\n\n")[0]!)).toEqual([
    [
      "small, 10,000×",
      "one row, ms: p50 (p99)",
      "2,048 rows, ms",
      "rows a second",
      "ulps off",
      "of the bound",
    ],
    ["ours 1.2, 1 thread", "0.25 (0.5), 1×", "100, 1×", "20,480", "3", "0.0125"],
    ["other 1.2, 2 threads", "0.5 (1), 2×", "50, 0.5×", "40,960", "3", "0.0125"],
  ]);
  expect(markdown).toContain("of 64 rows. Machine: a machine.");
});
