import { join } from "node:path";
import { expect, it } from "vitest";
import { seed } from "../seed.ts";
import { temporaryFolder } from "../temporary.ts";
import { rows } from "./rows.ts";

it("damaged text files are refused in a sentence, or give the rows of the definition", async () => {
  const { counts, faults } = await rows({ count: 500, seed, kept: join(temporaryFolder(), "kept") });
  expect(faults).toEqual([]);
  expect(counts).toMatchObject({
    rows: expect.any(Number),
    refused: expect.any(Number),
    "refused at its header": expect.any(Number),
    "by a thread": 10,
  });
});
