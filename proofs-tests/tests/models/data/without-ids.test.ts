import { expect, it } from "vitest";
import { inMemory } from "../../../../models/data/memory.ts";
import { withoutIds } from "../../../../models/data/without-ids.ts";
import { rows } from "./rows.ts";

it("rows without ids have their numbers and labels, and one id in every bag, whatever the bag had", async () => {
  // Bags of table 0: {4, 4}, {}, {1}; of table 1: {2}, {0}, {3, 1}.
  const data = inMemory({
    name: "few",
    dense: 1,
    tables: [5, 4],
    columns: {
      dense: Float32Array.from([7, 8, 9]),
      ids: Uint32Array.from([4, 4, 2, 0, 1, 3, 1]),
      offsets: Uint32Array.from([0, 2, 3, 3, 4, 5, 7]),
      labels: Float32Array.from([1, 0, 1]),
    },
  });
  const without = withoutIds(data);
  expect([without.tables, without.dense, without.rows, without.name]).toEqual([[1, 1], 1, 3, "few"]);
  const plain = (await rows(data)).map((row) => ({ ...row, bags: [[0], [0]] }));
  expect(await rows(without, 2)).toEqual(plain);
  expect(await rows(without.select((row) => row > 0))).toEqual(plain.slice(1));
  const shuffle = { seed: 3, epoch: 1 };
  expect(await rows(without, 2, shuffle)).toEqual(
    (await rows(data, 2, shuffle)).map((row) => ({ ...row, bags: [[0], [0]] })),
  );
});
