import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashText } from "../../../../../models/data/encoders/hash.ts";
import { type CsvColumns, csv } from "../../../../../models/data/formats/csv.ts";
import { put } from "../files.ts";
import { rows } from "../rows.ts";

describe("CSV", () => {
  const columns = { label: "y", dense: ["a", "b"], categorical: ["city", "site"] };
  const good = 'city,y,b,"a",site\nRome,1,2.5,,x\n"Z""u"", ric\nh",0,-1e3,7,\n';
  const expected = [
    { label: 1, dense: [0, 2.5], bags: [[hashText("Rome")], [hashText("x")]] },
    { label: 0, dense: [7, -1000], bags: [[hashText('Z"u", ric\nh')], [hashText("")]] },
  ];

  test("quotes, empty fields and the order of the columns", async () => {
    expect(await rows(csv(put(good), columns))).toEqual(expected);
  });

  test("TSV, CRLF and gzip give the same", async () => {
    const tabs = 'city\ty\tb\ta\tsite\nRome\t1\t2.5\t\tx\n"Z""u"", ric\nh"\t0\t-1e3\t7\t\n';
    for (const content of [tabs, good.replaceAll("\n", "\r\n"), gzipSync(good), good.trimEnd()])
      expect(await rows(csv(put(content), columns))).toEqual(expected);
  });

  test("any texts come back as the hashes of their UTF-8", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ unit: "grapheme" }).map((id) => id.replaceAll("\r", "")),
          { minLength: 1 },
        ),
        fc.integer({ min: 1, max: 1000 }),
        async (ids, size) => {
          const file = put(
            `y,id\n${ids.map((id) => `1,"${id.replaceAll('"', '""')}"\n`).join("")}`,
            "ids.csv",
          );
          const found = await rows(csv(file, { label: "y", dense: [], categorical: ["id"], rows: size }));
          expect(found.map((row) => row.bags[0]![0])).toEqual(ids.map((id) => hashText(id) % size));
        },
      ),
      { numRuns: 50 },
    ));

  const wrong: [string, string, Partial<CsvColumns>?][] = [
    ["y,a,b,city\n", 'has no column "site"; its columns are "y", "a", "b", "city"'],
    ["y,a,b,city,site,a\n", 'has two columns called "a"'],
    ["y,a,b,city,site\n", "has a header but no row"],
    ["y,a,b,city,site\n1,2,3,4,5\n1,2,3,4\n", "line 3 has 4 columns, but the header has 5"],
    ['y,a,b,city,site\n1,2,3,"4\n4",5\n1,2,3,4\n', "line 4 has 4 columns"],
    ["y,a,b,city,site\n1,2,x,4,5\n", 'line 2: column "b" is "x", but must be a finite'],
    ["y,a,b,city,site\n1,NaN,0,4,5\n", 'line 2: column "a" is "NaN"'],
    ["y,a,b,city,site\n1,Infinity,0,4,5\n", 'line 2: column "a" is "Infinity"'],
    ["y,a,b,city,site\n1,1e39,0,4,5\n", 'line 2: column "a" is "1e39"'],
    ["y,a,b,city,site\n0.5,1,0,4,5\n", 'line 2: column "y" is "0.5", but must be 0 or 1'],
    ["y,a,b,city,site\n,1,0,4,5\n", 'line 2: column "y" is ""'],
    [
      'y,a,b,city,site\n1,1,0,"4,5\n1,1,0,4,5\n',
      "line 2: a quoted field that begins here has no closing quote",
    ],
    [`y,a,b,city,site\n1,1,0,"4,5\n${"1,1,0,4,5\n".repeat(3000)}`, "line 2: a quoted field that begins here"],
    ['y,a,b,city,site\n1,1,0,"4"x,5\n', 'line 2: field 4 goes on after its closing quote ("x,5")'],
    ["", "is empty"],
    ["y\n1\n", 'The label "y" is also a feature', { dense: ["y"] }],
    ["y\n1\n", "There are 2 categorical columns, but 1 table sizes", { rows: [4] }],
    ["y\n1\n", "must be a whole number from 1 to 4294967296, but it is 0", { rows: 0 }],
  ];
  test.each(wrong)("%j is refused: %s", async (content, sentence, change) => {
    const read = async () => rows(csv(put(content), { ...columns, ...change }));
    await expect(read()).rejects.toThrow(sentence);
    await expect(read()).rejects.toMatchObject({ name: "InputError" });
  });
});
