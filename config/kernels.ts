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
const fused = ["--enable", "relaxed-simd"];

/** Each folder of kernels, and the modules made of it: the name of each, and its options. */
const modules: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "core/numeric/kernels": { hashModule: ["--initialMemory", "2"] },
  "models/data/reader/kernels": { parserModule: ["--initialMemory", "1"] },
  "backends/fast/kernels": {
    plainModule: plain,
    sharedModule: shared,
    plainFusedModule: [...plain, ...fused],
    sharedFusedModule: [...shared, ...fused],
  },
};

async function compiled(entry: string, options: readonly string[]): Promise<string> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main([entry, "--outFile", "kernels.wasm", ...common, ...options], {
    writeFile(_, contents) {
      wasm = contents as Uint8Array;
    },
  });
  if (error || wasm === undefined) throw new Error(`The kernels do not compile.\n${stderr}`);
  return Buffer.from(wasm).toString("hex");
}

for (const [folder, variants] of Object.entries(modules)) {
  const lines = [`// Made from ${folder} by \`npm run kernels\`.`];
  for (const [name, options] of Object.entries(variants))
    lines.push(`export const ${name} =\n  "${await compiled(join(root, folder, "index.ts"), options)}";`);
  const target = join(root, `${folder}.generated.ts`);
  await writeFile(`${target}.tmp`, `${lines.join("\n")}\n`);
  await rename(`${target}.tmp`, target);
}
