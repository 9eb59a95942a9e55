import { expect, it } from "vitest";
import { damage } from "../../../experiments/saved/damage.ts";
import { seed } from "../../seed.ts";

it("damaged files are refused in a sentence, or are what was saved, or whole models of another", async () => {
  const count = 400;
  const { refused, same, other } = await damage({ count, seed });
  expect(refused + same + other).toBe(count);
  expect(refused).toBeGreaterThan(count / 2);
  expect(other).toBeGreaterThan(0); // the damages with a sum of their own come as far as the last check
});
