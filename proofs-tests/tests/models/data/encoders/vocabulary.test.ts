import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DistinctSketch, tableInWords } from "../../../../../models/data/encoders/distinct.ts";
import { asFeatures, type Features, inJson } from "../../../../../models/data/encoders/features.ts";
import { hashText } from "../../../../../models/data/encoders/hash.ts";
import { vocabulary } from "../../../../../models/data/encoders/vocabulary.ts";
import { csvSource } from "../../../../../models/data/formats/csv.ts";
import type { Source } from "../../../../../models/data/source.ts";
import { put } from "../files.ts";
import { rows, upTo } from "../rows.ts";

const hash = fc.oneof(fc.nat(2 ** 32 - 1), fc.constantFrom(0, 1, 2 ** 32 - 1, 2 ** 31));

describe("a vocabulary", () => {
  it("has a row for each of its hashes, in their order, from 1; row 0 is of all others", () => {
    fc.assert(
      fc.property(fc.uniqueArray(hash, { maxLength: 60 }), fc.array(hash), (own, others) => {
        const sorted = own.toSorted((a, b) => a - b);
        const { hashes, rowOf } = vocabulary(Uint32Array.from(sorted));
        expect([...hashes]).toEqual(sorted);
        expect(sorted.map(rowOf)).toEqual(sorted.map((_, i) => i + 1));
        for (const other of others) expect(rowOf(other)).toBe(sorted.indexOf(other) + 1);
      }),
    );
  });

  it.each([
    [[7, 7], "number 1 (from 0) is 7"],
    [[3, 9, 8], "number 2 (from 0) is 8"],
  ])("refuses %j", (hashes, said) => expect(() => vocabulary(Uint32Array.from(hashes))).toThrow(said));

  it("is said in JSON to be there, and its numbers are not", () => {
    const known = vocabulary(Uint32Array.of(4, 9));
    const features: Features = {
      ...{ label: "y", dense: [] },
      categorical: [
        { column: "a", rows: 3, distinct: 2, vocabulary: known },
        { column: "b", rows: 8, distinct: 2 },
      ],
    };
    const json = JSON.parse(JSON.stringify(inJson(features)));
    const [a, b] = features.categorical;
    expect(json).toEqual({ ...features, categorical: [{ ...a, vocabulary: true }, b] });
    expect(JSON.parse(JSON.stringify(features))).toEqual(json);
    const shape = { dense: 1, tables: [3, 8] };
    expect(asFeatures(json, shape, "its features")).toEqual(json);
    const other = { ...json, categorical: [{ ...json.categorical[0], vocabulary: [4, 9] }, b] };
    expect(() => asFeatures(other, shape, "its features")).toThrow("whether it has a vocabulary");
  });
});

/** Ids u0 … u199, tags of up to three, and a last tenth of the rows whose user nobody has seen. */
const lines = upTo(300).map((i) =>
  [
    i % 2,
    i,
    i < 270 ? `u${(i * i) % 200}` : `new${i}`,
    upTo(i % 4)
      .map((j) => `t${(i + j) % 9}`)
      .join("|"),
  ].join(),
);
const file = put(["y,x,u,g", ...lines].join("\n"));
const asked = { label: "y", dense: ["x"], categorical: ["u", "g"], multi: ["g:|"], split: "order" as const };
const opened = async (exact?: boolean): Promise<Source> => (await csvSource.open(file, asked, { exact }))(1);

describe("exact rows of a file", () => {
  it("are only there where they are wanted", async () => expect((await opened()).exact).toBeUndefined());

  it("have each id of the rows to train on in a row of its own, and all others in the first", async () => {
    const source = await opened(true);
    const exact = source.exact!;
    const fields = lines.map((line) => line.split(","));
    const training = fields.slice(0, 240); // 80 % in their order
    const idsOf = (t: number) => [
      ...new Set(training.flatMap((all) => (t === 0 ? [all[2]!] : all[3]!.split("|").filter(Boolean)))),
    ];
    const known = [0, 1].map((t) => idsOf(t).toSorted((a, b) => hashText(a) - hashText(b)));
    expect(exact.train.tables).toEqual(known.map(({ length }) => length + 1));
    expect(exact.features.categorical.map(({ rows }) => rows)).toEqual(exact.train.tables);
    const placed = (all: readonly string[]) => [
      [known[0]!.indexOf(all[2]!) + 1],
      all[3]!
        .split("|")
        .filter(Boolean)
        .map((id) => known[1]!.indexOf(id) + 1),
    ];
    const parts = [exact.train, exact.validation, exact.test];
    const found = (await Promise.all(parts.map((part) => rows(part)))).flat();
    expect(found.map(({ bags }) => bags)).toEqual(fields.map(placed));
    expect(found.at(-1)!.bags[0]).toEqual([0]);
    // All else is as the others read it.
    const plain = (
      await Promise.all([source.train, source.validation, source.test].map((part) => rows(part)))
    ).flat();
    const others = (all: typeof found) => all.map(({ dense, label }) => ({ dense, label }));
    expect(others(found)).toEqual(others(plain));
    expect(plain[0]!.bags[0]).toEqual([hashText(fields[0]![2]!) % source.train.tables[0]!]);
  });
});

it("is told in words: how many ids have a row, and how many of those seen have none", () => {
  const ids = new DistinctSketch();
  for (const hash of [5, 7, 9, 11]) ids.add(hash);
  const table = (hashes: number[]) => ({
    rows: hashes.length + 1,
    vocabulary: vocabulary(Uint32Array.from(hashes)),
  });
  expect(tableInWords("user", ids, table([3, 5, 7]))).toBe(
    "user: 4 different ids; each of the 3 ids that it was made of has a row of its own, 2 others share one",
  );
  expect(tableInWords("user", ids, table([5, 7, 9, 11]))).toBe(
    "user: 4 different ids; each of the 4 ids that it was made of has a row of its own",
  );
  expect(tableInWords("user", ids, { rows: 4 })).toBe(
    "user: 4 different ids in 4 rows, 4 of which share theirs with another",
  );
});
