/**
 * `npm run planted [-- WORD…]` plants each fault of planted/, one at a time (only those of a file that has one of the words
 * in its path), runs the test file that must see it, and prints which test failed. Exit code 1 where a fault goes unseen.
 * `--draw N` takes N of them by chance, others each time. `--record` takes those of which docs/data/planted.json says nothing
 * yet, and writes what was seen into it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createVitest } from "vitest/node";
import { check, InputError, integer, orRefusal } from "../../../core/errors.ts";
import { diff, resolve } from "../../../vitest.config.ts";
import { planted } from "./planted/index.ts";
import { isSame, type Kill, type Planted, type Recorded } from "./planted.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Puts a fault into its file as the file is loaded; the file on disk stays as it is. */
const plant = ({ file, was, becomes }: Planted) => ({
  name: "plant",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    if (relative(root, id) !== file) return undefined;
    const parts = code.split(was);
    if (parts.length !== 2)
      throw new Error(`${file} must have "${was}" once, but has it ${parts.length - 1} times.`);
    return parts.join(becomes);
  },
});

/** Runs the tests of each fault beside each other, every fault in a project of its own. */
async function killsOf(faults: readonly Planted[]): Promise<Kill[]> {
  const vitest = await createVitest("test", {
    root,
    config: false,
    watch: false,
    reporters: [{}],
    maxWorkers: 2,
    projects: faults.map((fault, i) => ({
      resolve,
      plugins: [plant(fault)],
      test: {
        name: `${i}`,
        root,
        diff,
        include: [fault.seenBy],
        setupFiles: ["proofs-tests/tests/seed.ts"],
        testTimeout: 600_000,
        hookTimeout: 600_000,
      },
    })),
  });
  await vitest.start();
  const modules = vitest.state.getTestModules();
  const kills = faults.map((fault, i): Kill => {
    const module = modules.find(({ project }) => project.name === `${i}`);
    if (module === undefined) return { ...fault, message: `There is no test file ${fault.seenBy}.` };
    const [failed] = [...module.children.allTests("failed")];
    // What tests of a group need first may fail before any of them.
    const group = [...module.children.allSuites()].find((suite) => suite.errors().length > 0);
    const error = failed?.result().errors?.[0] ?? group?.errors()[0] ?? module.errors()[0];
    const message = (error?.message ?? "Every test passed.").split("\n")[0]!;
    const seen = failed ?? group;
    return { ...fault, ...(seen && { test: seen.fullName }), message };
  });
  await vitest.close();
  return kills;
}

const record = `${root}docs/data/planted.json`;
const known: readonly Recorded[] = JSON.parse(readFileSync(record, "utf8"));

/** What was written down of this very fault. */
const knownOf = (fault: Planted): Recorded | undefined => known.find((other) => isSame(other, fault));

/** Writes down which test saw each of these; of faults that are planted no more nothing is kept. */
function keep(kills: readonly Kill[]): void {
  const all = planted.flatMap((fault) => {
    const { file, was, becomes, test } = kills.find((kill) => isSame(kill, fault)) ?? {
      ...fault,
      test: knownOf(fault)?.test,
    };
    return test === undefined ? [] : [{ file, was, becomes, test }];
  });
  writeFileSync(record, `${JSON.stringify(all, null, 1)}\n`);
}

/** So many of them, or all where there are not so many, in their own order. */
function drawn(faults: readonly Planted[], most: number): Planted[] {
  const lots = faults.map((_, i) => ({ i, lot: Math.random() })).toSorted((a, b) => a.lot - b.lot);
  const taken = new Set(lots.slice(0, most).map(({ i }) => i));
  return faults.filter((_, i) => taken.has(i));
}

async function main(): Promise<number> {
  const { values, positionals: words } = parseArgs({
    allowPositionals: true,
    options: {
      draw: { type: "string" },
      record: { type: "boolean", default: false },
    },
  });
  const most = values.draw === undefined ? Infinity : integer("--draw", Number(values.draw), 1);
  const isAsked = ({ file }: Planted) => words.length === 0 || words.some((word) => file.includes(word));
  const chosen = planted.filter((fault) => isAsked(fault) && !(values.record && knownOf(fault)));
  check(
    chosen.length > 0 || values.record,
    () => `No planted fault is in a file with ${words.join(" or ")} in its path.`,
  );
  const kills = chosen.length > 0 ? await killsOf(drawn(chosen, most)) : [];
  console.log(describeKills(kills));
  if (values.record) keep(kills);
  return kills.every(({ test }) => test !== undefined) ? 0 : 1;
}

function describeKills(kills: readonly Kill[]): string {
  const lines = kills.flatMap(({ file, tells, test, message }) => [
    `${test === undefined ? "NOT SEEN" : "seen    "}  ${file}: ${tells}`,
    `          ${test ?? message}`,
  ]);
  const seen = kills.filter(({ test }) => test !== undefined).length;
  return [...lines, `${seen} of ${kills.length} planted faults are seen.`].join("\n");
}

const code = await orRefusal(main());
if (code instanceof InputError) console.error(code.message);
process.exitCode = code instanceof InputError ? 2 : code;
