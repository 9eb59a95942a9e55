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

  test("rows without a label column have none, and all else", async () => {
    const { label: _, ...bare } = columns;
    const unlabeled = put('city,b,"a",site\nRome,2.5,,x\n"Z""u"", ric\nh",-1e3,7,\n');
    for (const file of [put(good), unlabeled]) {
      const data = csv(file, bare);
      expect(await rows(data)).toEqual(expected.map((row) => ({ ...row, label: Number.NaN })));
      for await (const batch of data.batches(1)) expect(batch).not.toHaveProperty("labels");
    }
  });

  const tabs = 'city\ty\tb\ta\tsite\nRome\t1\t2.5\t\tx\n"Z""u"", ric\nh"\t0\t-1e3\t7\t\n';

  test("TSV with quotes gives the same, where they are said to quote", async () =>
    expect(await rows(csv(put(tabs), { ...columns, quote: "double" }))).toEqual(expected));

  test("quotes are text in a file with tabs: no row is lost between two inch marks", async () => {
    const sizes = ['"9 screen', "shoes", '"', 'a "b"', '""'];
    const content = `id\ty\n${sizes.map((id) => `${id}\t1\n`).join("")}`;
    const found = await rows(csv(put(content), { label: "y", dense: [], categorical: ["id"] }));
    expect(found.map(({ bags }) => bags[0]![0])).toEqual(sizes.map(hashText));
  });

  test("semicolons separate where the header has no comma, and numbers may have decimal commas", async () => {
    const content = 'city;y;b;a;site\nRome;1;2,5;;x\n"Z""u"", ric\nh";0;-1e3;7,0;\n';
    expect(await rows(csv(put(content), columns))).toEqual(expected);
    const both = 'y,"a;b",city\n1,2,Rome\n'; // the header has both: commas separate
    const found = await rows(csv(put(both), { label: "y", dense: ["a;b"], categorical: ["city"] }));
    expect(found).toEqual([{ label: 1, dense: [2], bags: [[hashText("Rome")]] }]);
    const quoted = 'y;"a,b\t";city\n1;2;Rome\n'; // what stands in quotes separates nothing
    expect(await rows(csv(put(quoted), { label: "y", dense: ["a,b"], categorical: ["city"] }))).toEqual(
      found,
    );
  });

  test.each(["PAR1", "BZh9", "ARROW1", "PK"])("a header that begins with %s is text", async (name) =>
    expect(
      await rows(csv(put(good.replace("city", name)), { ...columns, categorical: [name, "site"] })),
    ).toEqual(expected),
  );

  test("spaces around names of columns are not of them", async () =>
    expect(await rows(csv(put(good.replace('city,y,b,"a",site', " city, y ,b , a,site ")), columns))).toEqual(
      expected,
    ));

  test("CRLF, gzip and blank last lines give the same", async () => {
    for (const content of [
      good.replaceAll("\n", "\r\n"),
      gzipSync(good),
      good.trimEnd(),
      `${good}\n\n`,
      `${good.trimEnd()}\r\n\r\r\n\r`,
    ])
      expect(await rows(csv(put(content), columns))).toEqual(expected);
  });

  test.each([Number.NaN, 0, -1.5])("an empty or blank number is %d where that is said", async (missing) => {
    const content = 'y,a,b\n1,,\n1," ",3\n0,"",\u00a0\n';
    const file = put(content);
    const found = await rows(csv(file, { label: "y", dense: ["a", "b"], categorical: [], missing }));
    expect(found.map(({ dense }) => dense)).toEqual([
      [missing, missing],
      [missing, 3],
      [missing, missing],
    ]);
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

  describe("with several ids in a field", () => {
    const multi = { site: "|" };

    test("gives bags of any size: empty parts are no ids, repeated ones stay", async () => {
      const content = `city,y,b,a,site\n${["|", "a||b|a", "", '"c|"" d"'].map((list) => `x|y ,1,0,0,${list}\n`).join("")}`;
      const found = await rows(csv(put(content), { ...columns, multi }));
      expect(found.map(({ bags }) => bags)).toEqual(
        [[], ["a", "b", "a"], [], ["c", '" d']].map((ids) => [[hashText("x|y ")], ids.map(hashText)]),
      );
    });

    test("takes spaces around ids for no part of them, and a comma within quotes", async () => {
      const lists = ["a b, c ,,  ", "[UNK]", "[CLS],a,[SEP]", "[a", "b]"];
      const content = `y,a,b,city,site\n${lists.map((list) => `1,0,0,x,"${list}"\n`).join("")}`;
      const found = await rows(csv(put(content), { ...columns, multi: { site: "," } }));
      expect(found.map(({ bags }) => bags[1])).toEqual(
        [["a b", "c"], ["[UNK]"], ["[CLS]", "a", "[SEP]"], ["[a"], ["b]"]].map((ids) => ids.map(hashText)),
      );
    });

    test("gives what splitting by hand does", () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.string({ unit: "grapheme" }).map((id) => id.replaceAll(/[|\r[\]]/g, "")))),
          fc.constantFrom("\n", "\r\n"),
          fc.integer({ min: 1, max: 1000 }),
          async (lists, end, size) => {
            const quoted = (ids: string[]) => `"${ids.join("|").replaceAll('"', '""')}"`;
            const lines = ["y,id,site", "1,x,", ...lists.map((ids) => `1,x,${quoted(ids)}`)];
            const ofLists = { label: "y", dense: [], categorical: ["site", "id"], multi, rows: size };
            const found = await rows(csv(put(lines.join(end), "lists.csv"), ofLists));
            const withoutSpaces = (id: string) => id.replace(/^ */, "").replace(/ *$/, "");
            const bags = lists.map((ids) =>
              ids
                .map(withoutSpaces)
                .filter((id) => id !== "")
                .map((id) => hashText(id) % size),
            );
            expect(found.map((row) => row.bags)).toEqual(
              [[], ...bags].map((bag) => [bag, [hashText("x") % size]]),
            );
          },
        ),
        { numRuns: 50 },
      ));

    test("are shuffled and selected with their bags", async () => {
      const lists = Array.from({ length: 300 }, (_, i) =>
        Array.from({ length: i % 4 }, (_, j) => `${i + j}`),
      );
      const content = `y,site\n${lists.map((ids) => `1,${ids.join("|")}\n`).join("")}`;
      const data = csv(put(content), { label: "y", dense: [], categorical: ["site"], multi });
      const found = await rows(
        data.select((row) => row % 3 > 0),
        50,
        { seed: 1, epoch: 0 },
      );
      const expected = lists.filter((_, row) => row % 3 > 0).map((ids) => `${ids.map(hashText)}`);
      expect(found.map(({ bags }) => `${bags[0]}`).sort()).toEqual(expected.sort());
    });
  });

  const wrong: [string, string | RegExp, Partial<CsvColumns>?][] = [
    ["y,a,b,city\n", 'has no column "site"; its columns are "y", "a", "b", "city"'],
    ["y,a,b,city,site,a\n", 'has two columns called "a"'],
    [
      `y,${Array.from({ length: 30 }, (_, i) => `x${i}`)}\n`,
      /no column "a"; its columns are "y", "x0", [^:]*, "x18" and 11 more\.$/,
    ],
    [`y,\u001b[2J\u202e${"x".repeat(99)}\n`, /its columns are "y", "\\u\{1b\}\[2J\\u\{202e\}x+…"\.$/],
    [`y${",x".repeat(4096)}\n`, "has 4097 columns, but may have 4096 at most"],
    [`y${",".repeat(1_000_000)}`, "has 1000001 columns"],
    ["\ny,a,b,city,site\n1,2,3,4,5\n", "line 1 names no column, but the header must be the first line"],
    [" , \n1,2\n", "line 1 names no column"],
    ["y,a,b,city,site\n", "has a header but no row"],
    ["y,a,b,city,site\n\n\r\n", "has a header but no row"],
    ["y,a,b,city,site\n1,2,3,4,5\n\n1,2,3,4,5\n", "line 3 is blank, but the header has 5 columns"],
    ["y,a,b,city,site\n1,2,3,4,5\n\r\r\n1,2,3,4,5\n", "line 3 is blank"],
    ["y,a,b,city,site\n1,2,3,4,5\n1,2,3,4\n", "line 3 has 4 columns, but the header has 5"],
    ['y,a,b,city,site\n1,2,3,"4\n4",5\n1,2,3,4\n', "line 4 has 4 columns"],
    ["y,a,b,city,site\n1,2,x,4,5\n", 'line 2: column "b" is "x", but must be a finite'],
    ["y,a,b,city,site\n1,NaN,0,4,5\n", 'line 2: column "a" is "NaN"', { missing: Number.NaN }],
    ...["NA", "null", "nan", "\\N"].map((word): [string, string, Partial<CsvColumns>] => [
      `y,a,b,city,site\n1,${word},0,4,5\n`,
      `column "a" is "${word}", but must be a finite 32-bit number, or empty where it is missing`,
      { missing: Number.NaN },
    ]),
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
    [
      "y,a,b,city,site\r1,2,3,4,5\r",
      "ends its lines in CR alone; convert it, for example with tr '\\r' '\\n'.",
    ],
    ["y;a;b;city;site\n1;2,5,0;3;4;5\n", 'line 2: column "a" is "2,5,0", but must be a finite'],
    [`y,a,b,city,site\n1,${"7".repeat(5000)}.,0,4,5\n`, `column "a" is "${"7".repeat(57)}…", but`],
    ["y\n1\n", 'The column "a" of several ids is not among the categorical ones', { multi: { a: "|" } }],
    ...["", "||", "é", '"', "\n"].map((separator): [string, string, Partial<CsvColumns>] => [
      "y\n1\n",
      `separates the ids of column "city" must be one ASCII character and no quote, but it is ${JSON.stringify(separator)}.`,
      { multi: { city: separator } },
    ]),
    [
      "y,a,b,city,site\n1,2,3,4,5\n",
      'separates its columns by ",", so the ids of column "city" must be separated by another character.',
      { multi: { city: "," }, quote: "none" },
    ],
    [
      `y,a,b,city,site\n1,2,3,"['u1', 'u2']",5\n`,
      "line 2: column \"city\" is \"['u1', 'u2']\", but must be ids and what separates them, without brackets",
      { multi: { city: "," } },
    ],
    ["y\n1\n", 'The label "y" is also a feature', { dense: ["y"] }],
    ["y\n1\n", 'Column "a" stands twice among the dense columns', { dense: ["a", "b", "a"] }],
    ["y\n1\n", 'Column "u" stands twice among the categorical columns', { categorical: ["u", "u"] }],
    ["y\n1\n", "must be NaN or a finite 32-bit number, but it is 1e+39", { missing: 1e39 }],
    ["y\n1\n", "There are 2 categorical columns, but 1 table sizes", { rows: [4] }],
    ["y\n1\n", "must be a whole number from 1 to 4294967296, but it is 0", { rows: 0 }],
  ];
  test.each(wrong)("%j is refused: %s", async (content, sentence, change) => {
    const read = async () => rows(csv(put(content), { ...columns, ...change }));
    await expect(read()).rejects.toThrow(sentence);
    await expect(read()).rejects.toMatchObject({ name: "InputError" });
  });
});
