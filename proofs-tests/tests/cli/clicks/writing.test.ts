import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { random } from "../../../../core/numeric/random.ts";
import { type Part, partNames } from "../../../../models/data/split.ts";
import { put } from "../../models/data/files.ts";
import { type Click, clicks, expectLike, linesOf, type PartFiles, partsOf, trainedOn } from "./clicks.ts";

/** How the same rows may be written. */
interface Writing {
  /** Rows ascend or descend by a column, or stand in an order of this seed. */
  readonly order: { readonly by: keyof Click; readonly sign: number } | number;
  /** The ends of lines, in turn. */
  readonly ends: readonly string[];
  readonly isLastEnded: boolean;
  readonly column: "price" | "age";
  readonly exponent: number;
}

const writing: fc.Arbitrary<Writing> = fc.record({
  order: fc.oneof(
    fc.record({
      by: fc.constantFrom("label", "price", "age", "user", "item"),
      sign: fc.constantFrom(1, -1),
    } as const),
    fc.nat(1000),
  ),
  ends: fc.constantFrom(["\n"], ["\r\n"], ["\r\n", "\n"]),
  isLastEnded: fc.boolean(),
  column: fc.constantFrom("price", "age"),
  exponent: fc.integer({ min: -30, max: 30 }),
});

function ordered(rows: readonly Click[], order: Writing["order"]): Click[] {
  if (typeof order !== "number") {
    const { by, sign } = order;
    return rows.toSorted((a, b) => sign * (a[by] < b[by] ? -1 : Number(a[by] > b[by])));
  }
  const stream = random(order, "order");
  const places = rows.map((row) => ({ row, at: stream.uniform() }));
  return places.sort((a, b) => a.at - b.at).map(({ row }) => row);
}

function written(rows: readonly Click[], { order, ends, isLastEnded, column, exponent }: Writing): string {
  const scaled = rows.map((row) => ({ ...row, [column]: row[column] * 10 ** exponent }));
  const lines = linesOf(ordered(scaled, order));
  const text = lines.map((line, i) => line + ends[i % ends.length]).join("");
  return put(isLastEnded ? text : text.trimEnd());
}

describe("the same clicks", () => {
  const parts = partsOf(clicks(48_000, 1), 7000, 1000);
  const filesIn = (way: Writing) =>
    Object.fromEntries(
      partNames.map((name: Part) => [name, written(parts[name], way)]),
    ) as unknown as PartFiles;
  // So many rows, at so small a rate, that the order in which a training meets them matters little.
  const quality = async (way: Writing) =>
    (await trainedOn(filesIn(way), "--table-rows", "1000", "--lr", "0.02")).quality;
  const plain: Writing = { order: 0, ends: ["\n"], isLastEnded: true, column: "age", exponent: 0 };

  it("train the same in any order, with any ends of lines, and with a column in any unit", async () => {
    const expected = await quality(plain);
    expect(expected.auc.value).toBeGreaterThan(0.85);
    await fc.assert(
      fc.asyncProperty(writing, async (way) => expectLike(await quality(way), expected)),
      { seed: 1, numRuns: 5, endOnFailure: true },
    );
  });
});
