import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { describe, expect, it } from "vitest";
import { verbs } from "../../../cli/command.ts";
import { helpOf } from "../../../cli/common/help.ts";
import { machine, version } from "../../../cli/common/machine.ts";
import { dataFlag } from "../../../cli/common/source.ts";
import {
  commandLine,
  everyOption,
  flagsOf,
  isChooser,
  jsonFlag,
  readArguments,
  verb,
} from "../../../cli/flags.ts";
import { embeddingFlag, optimizerFlag } from "../../../cli/model.ts";
import {
  choiceOption,
  flagOf,
  listOption,
  numberOption,
  switchOption,
  wholeOption,
} from "../../../core/options.ts";
import { said } from "../models/dlrm/tiny-model.ts";

describe("a flag", () => {
  const flags = {
    json: jsonFlag,
    batch: wholeOption({ from: 1, help: "rows" }),
    rate: numberOption({ above: 0, default: 0.5, help: "rate" }),
    names: listOption(choiceOption(["a", "b"], { help: "" }), { help: "some" }),
    hotShare: numberOption({ above: 0, below: 1, help: "share" }),
    embedding: embeddingFlag,
    optimizer: optimizerFlag,
    data: dataFlag,
  };
  const own = verb({ name: "own", about: "", flags, run: () => Promise.resolve(0) });
  const values = (...args: string[]) => {
    const { texts } = readArguments(own, args);
    return flagsOf(flags, texts);
  };

  it("is what was written, its default where nothing was, and else undefined", () => {
    expect(values()).toMatchObject({
      rate: 0.5,
      batch: undefined,
      json: undefined,
      names: undefined,
      data: undefined,
    });
    expect(values("--batch", "2e3", "--rate=1e-3", "--json", "--names", "b, a")).toMatchObject({
      ...{ batch: 2000, rate: 0.001, json: true, names: ["b", "a"] },
    });
    expect(values("--hot-share", "0.25").hotShare).toBe(0.25);
    const mixed = values(
      "--embedding",
      "mixedDimension",
      "--temperature",
      "1",
      "--memory-size",
      "4294967295",
    ).embedding;
    expect(mixed.options).toEqual({ temperature: 1, memorySize: 2 ** 32 - 1 }); // the largest that there may be
  });

  it.each([
    ["--batch 0.5", "--batch must be a whole number from 1 up, but it is 0.5."],
    ["--batch fast", '--batch must be a whole number from 1 up, but it is "fast".'],
    ["--batch 1e400", "--batch must be a whole number from 1 up, but it is Infinity."],
    ["--rate -1", "--rate must be a number above 0, but it is -1."],
    ["--rate Infinity", '--rate must be a number above 0, but it is "Infinity".'],
    ["--rate NaN", '--rate must be a number above 0, but it is "NaN".'],
    ["--hot-share 1", "--hot-share must be a number above 0 and below 1, but it is 1."],
    ["--names a,c", 'Each of --names must be one of a, b, but it is "c".'],
    ["--names a,", 'Each of --names must be one of a, b, but it is "".'],
    ["--json=yes", '--json takes no value, but was given "yes".'],
    ["--batch", "--batch needs a value after it."],
    [
      "--batch --json",
      "--batch needs a value, but --json follows it; write --batch=--json if that is the value.",
    ],
    ["--batch 1 --batch 2", "--batch is given twice; give it once."],
    ["--hotShare 1", "own has no flag --hotShare; see pss-dlrm own --help."],
    ["--constructor 1", "own has no flag --constructor; see pss-dlrm own --help."],
    ["stray", 'own takes flags only, but was given "stray"; see pss-dlrm own --help.'],
    ["--optimizer toString", 'There is no optimizer "toString"; choose one of sgd, adagrad,'],
    ["--embedding full --block 3", "--embedding full has no option --block; it has --storage,"],
    ["--embedding full --block 3", "--block is of robe."],
    ["--label y", "--label is of --data arrow, csv, parquet, but no --data is given."],
    [
      "--data synthetic --label y",
      "--data synthetic has no option --label; it has --rows, --tables. --label is of arrow, csv, parquet.",
    ],
    ["--optimizer adam --momentum 0.9", "--momentum is of sgd, rmsprop."],
    ["--embedding rowHash --sign independent", '--sign must be one of none, row, but it is "independent".'],
  ])("%s is refused", (written, words) => {
    expect(said(() => values(...written.split(" ")))).toContain(words);
  });

  it("of what is chosen goes to it, with what follows a colon", () => {
    const { embedding, optimizer, data } = values(
      ...["--embedding", "robe", "--block", "8", "--sign", "none", "--table-scale"],
      ...["--optimizer", "sgd", "--momentum", "0.9", "--data", "csv:a:b.csv", "--table-rows", "7"],
    );
    expect([embedding.kind.name, embedding.options]).toEqual([
      "robe",
      { block: 8, sign: "none", tableScale: true },
    ]);
    expect([optimizer.kind.name, optimizer.options]).toEqual(["sgd", { momentum: 0.9 }]);
    expect([data!.kind.name, data!.argument, data!.options]).toEqual(["csv", "a:b.csv", { tableRows: 7 }]);
    expect(values().embedding.kind.name).toBe("full");
  });
});

const loaded = await Promise.all(verbs.map(({ load }) => load()));

it("no two flags of a verb have one name, and none is a switch of one choice and a value of another", async () => {
  for (const { name, load } of verbs) {
    const { flags } = await load();
    const takesValue = new Map<string, boolean>();
    for (const [own, flag] of Object.entries(flags)) {
      const options = isChooser(flag)
        ? flag.all.flatMap((kind) => Object.entries(kind.options))
        : [[own, flag] as const];
      for (const [option, { form }] of options) {
        const isNew = isChooser(flag) && !Object.hasOwn(flags, option);
        expect(isNew || own === option, `${name}: ${option} is a flag and an option of ${own}`).toBe(true);
        const known = takesValue.get(option) ?? form !== "";
        expect(known, `${name}: ${option} is a switch here, and takes a value there`).toBe(form !== "");
        takesValue.set(option, known);
      }
    }
  }
});

describe("help", () => {
  it("lists verbs by the names that they have", () =>
    expect(loaded.map(({ name }) => name)).toEqual(verbs.map(({ name }) => name)));

  it.each(loaded.map((each) => [each.name, each] as const))(
    "of %s has every flag on lines that fit",
    (_, each) => {
      for (const width of [80, 40]) {
        const lines = helpOf(each, width).split("\n");
        const words = [...Object.keys(each.flags), ...Object.keys(everyOption(each.flags))].map(flagOf);
        for (const flag of words)
          expect(
            lines.some((line) => line.trimStart().split(" ")[0] === flag),
            flag,
          ).toBe(true);
        const long = lines.filter((line) => line.length > width && line.trim().includes(" "));
        expect(
          long.filter((line) =>
            line
              .trim()
              .split(" ")
              .every((word) => word.length < width / 3),
          ),
        ).toEqual([]);
      }
    },
  );

  it("has words beside flags, switches, numbers, and names to choose from, each with what it is", () => {
    const flags = {
      quiet: switchOption({ help: "says nothing" }),
      rowsThatAreWalked: wholeOption({ from: 1, default: 7, help: "rows" }),
      kind: {
        what: "a kind",
        all: [{ name: "one", summary: "the first", options: {} }],
        help: "which",
      },
      other: { what: "another", all: [], help: "what else", otherwise: "none" },
    };
    const words = { form: "FILE", help: "a file", most: 1 };
    const walk = { name: "walk", about: "Walks rows.\nTwice.", words, flags, run: async () => 0 };
    expect(helpOf(walk, 60).split("\n")).toEqual([
      "pss-dlrm walk FILE [flags]",
      "",
      "Walks rows.",
      "Twice.",
      "",
      "  FILE              a file",
      "  --quiet           says nothing",
      "  --rows-that-are-walked N",
      "                    rows (default 7)",
      "  --kind NAME       which",
      "    one              the first",
      "  --other NAME      what else (default none)",
    ]);
    const { words: _, ...without } = walk;
    expect(helpOf(without, 60).split("\n").slice(0, 6)).toEqual([
      "pss-dlrm walk [flags]",
      "",
      "Walks rows.",
      "Twice.",
      "",
      "  --quiet           says nothing",
    ]);
  });

  it("says what a flag takes, its choices, its default, and whose it is", () => {
    const words = helpOf(loaded[0]!, 80).replaceAll(/\s+/g, " ");
    expect(words).toContain("--batch N rows of a step (default the config's, or 256)");
    expect(words).toContain(
      "--hot-share N part of the memory for hot rows and what finds them (default 0.7; of cafe)",
    );
    expect(words).toContain(
      "--sign NAME one sign a row; none is how the hashing trick is usually run: none, row (default none; of rowHash, multiHash)",
    );
    expect(words).toContain("csv[:FILE] a CSV or TSV file with a header");
  });
});

describe("the command that was given", () => {
  it("is ready to paste: what a shell would take apart stands in quotes", () => {
    expect(commandLine(["bench", "--case", "one row", "--svg", "a/b.svg", "--name", "it's"])).toBe(
      "npx pss-dlrm bench --case 'one row' --svg a/b.svg --name 'it'\\''s'",
    );
  });
});

describe("where a measurement was made", () => {
  it("is said by processor, cores and Node", () => {
    const [, name, cores] = /^(.+), (\d+) cores, Node .+$/.exec(machine())!;
    expect(name).toBe(cpus()[0]?.model.trim() ?? "unknown CPU");
    expect(Number(cores)).toBeGreaterThanOrEqual(availableParallelism());
    expect(machine()).toMatch(new RegExp(`Node ${process.versions.node.replaceAll(".", "\\.")}$`));
  });

  it("is said where nobody can tell the processor", () => {
    expect(machine([])).toBe(`unknown CPU, 0 cores, Node ${process.versions.node}`);
  });

  it("is said by the package's version too", () => {
    const file = new URL("../../../package.json", import.meta.url);
    expect(version()).toBe((JSON.parse(readFileSync(file, "utf8")) as { version: string }).version);
  });
});
