/** Compiles kernels to WebAssembly and writes them as text that any bundler and Node can load: `npm run kernels`. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const root = join(import.meta.dirname, "..");
const common = [
  "-O3",
  "--enable",
  "simd",
  "--enable",
  "nontrapping-f2i",
  "--runtime",
  "stub",
  "--noAssert",
  "--importMemory",
];
const plain = ["--enable", "threads", "--initialMemory", "16", "--maximumMemory", "65536"];
const shared = [...plain, "--sharedMemory"];
const fused = [...shared, "--enable", "relaxed-simd"];

/** The folders of kernels, each with the file that it becomes. */
const folders: Readonly<Record<string, (folder: string) => Promise<string>>> = {
  "core/numeric/kernels": (folder) => alone(folder, "hashModule", ["--initialMemory", "2"]),
  "models/data/reader/kernels": (folder) => alone(folder, "parserModule", ["--initialMemory", "1"]),
  "backends/fast/kernels": variants,
};

/** A folder's kernels as hexadecimal digits. */
async function compiled(folder: string, options: readonly string[]): Promise<string> {
  let wasm: Uint8Array | undefined;
  const given = [join(root, folder, "index.ts"), "--outFile", "kernels.wasm", ...common, ...options];
  const { error, stderr } = await asc.main(given, {
    writeFile(_, contents) {
      wasm = contents as Uint8Array;
    },
  });
  if (error || wasm === undefined) throw new Error(`The kernels do not compile.\n${stderr}`);
  return Buffer.from(wasm).toString("hex");
}

const alone = async (folder: string, name: string, options: readonly string[]): Promise<string> =>
  `export const ${name} =\n  "${await compiled(folder, options)}";\n`;

/**
 * Kernels with and without fused arithmetic, on memory that threads share; on memory of one's own but one byte is another.
 * Most of one is in the other: in parts beside each other they are near enough for gzip, which looks back by 32 KB.
 */
async function variants(folder: string): Promise<string> {
  const [own, first, second] = [
    await compiled(folder, plain),
    await compiled(folder, shared),
    await compiled(folder, fused),
  ];
  const places = Array.from({ length: own.length / 2 }, (_, i) => i).filter(
    (i) => own.slice(2 * i, 2 * i + 2) !== first.slice(2 * i, 2 * i + 2),
  );
  const [place] = places;
  const isFlag = place !== undefined && [own, first, second].map((x) => x.slice(2 * place, 2 * place + 2));
  if (own.length !== first.length || places.length !== 1 || `${isFlag}` !== "01,03,03")
    throw new Error(`The kernels differ in bytes ${places}, not in that of the flags of memory alone.`);
  const parts: string[] = [];
  const length = 2 ** 13;
  for (let at = 0; at < Math.max(first.length, second.length); at += length)
    parts.push(`  ["${first.slice(at, at + length)}", "${second.slice(at, at + length)}"],\n`);
  return `/** Plain and fused. */\nexport const parts = [\n${parts.join("")}];\n/** The place of the byte that is 3 for shared memory and 1 for one's own. */\nexport const sharing = ${place};\n`;
}

for (const [folder, text] of Object.entries(folders)) {
  const target = join(root, `${folder}.generated.ts`);
  await writeFile(`${target}.tmp`, `// Made from ${folder} by \`npm run kernels\`.\n${await text(folder)}`);
  await rename(`${target}.tmp`, target);
}
