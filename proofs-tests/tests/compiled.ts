import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { transformWithOxc } from "vite";

const root = join(import.meta.dirname, "../..");
const rooms = ["backends", "cli", "core", "models", "proofs-tests", "theory"];
/** What a program finds beside the code that reads it. */
const files = "proofs-tests/golden/files";

/**
 * Before all test files: the sources as JavaScript, for the programs that tests start as processes (config/program.ts). Node
 * loads that in a quarter of the time that it takes to compile each source as it is met.
 */
export default async function compiled(): Promise<() => void> {
  mkdirSync(join(root, "reports"), { recursive: true });
  const folder = mkdtempSync(join(root, "reports/compiled-")); // in the project, where its packages are found
  for (const file of sources()) {
    const { code } = await transformWithOxc(readFileSync(join(root, file), "utf8"), file, {
      sourcemap: false,
      typescript: { rewriteImportExtensions: "rewrite" },
    });
    const target = join(folder, file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
  }
  symlinkSync(join(root, files), join(folder, files));
  writeFileSync(join(folder, "package.json"), packageHere());
  process.env.COMPILED = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** Every source but test files. */
const sources = (): string[] =>
  ["", "examples", "examples/serving", ...rooms]
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: rooms.includes(room), encoding: "utf8" }).map((file) =>
        join(room, file),
      ),
    )
    .filter((file) => /(?<!\.test|\.d)\.ts$/.test(file));

/** The package's name means these sources, not what was built of them at some time. */
function packageHere(): string {
  const { exports, ...about } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const here = Object.keys(exports).map((name) => {
    const file = name === "." ? "./index" : name;
    return [name, name.endsWith(".json") ? name : `${file}.js`];
  });
  return JSON.stringify({ ...about, exports: Object.fromEntries(here) });
}
