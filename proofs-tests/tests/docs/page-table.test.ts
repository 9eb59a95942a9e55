import { expect, it } from "vitest";
import { pageTable } from "../../../config/docs/page-table.ts";
import { cellsOf } from "./cells.ts";

it("the table of a page has the first score, and rows a second as a share of what products allow", () => {
  const markdown = pageTable({
    ...{ machine: "a machine", browser: "1.2", config: "small", compression: 10_000, visits: 9, rows: 2048 },
    ...{ flopsOfRow: 5e6, limit: 20 },
    models: [
      {
        ...{ storage: "f32", bytes: 19_900_000, first: { median: 600, most: 800 } },
        rowsASecond: { fast: 3000, "fast:fma": 5000.4 },
      },
    ],
  });
  const [table, how] = markdown.split("\n\n") as [string, string];
  expect(cellsOf(table)[1]).toEqual(["f32, 19.9 MB", "600 (800)", "3,000, 75 %", "5,000"]);
  expect(how).toContain(
    "5.0 MFLOP of products; a thread here multiplies and adds 20 GFLOP/s at most, which is 4,000 rows",
  );
});
