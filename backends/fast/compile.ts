/** Compiles the kernels to WebAssembly and writes them as text that any bundler and Node can load: `npm run kernels`. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const folder = import.meta.dirname;
const common = ["-O3", "--enable", "simd", "--runtime", "stub", "--noAssert", "--importMemory"];
const pages = ["--initialMemory", "16", "--maximumMemory", "65536"];

async function compiled(...options: string[]): Promise<string> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [join(folder, "kernels/index.ts"), "--outFile", "kernels.wasm", ...common, ...pages, ...options],
    {
      writeFile(_, contents) {
        wasm = contents as Uint8Array;
      },
    },
  );
  if (error || wasm === undefined) throw new Error(`The kernels do not compile.\n${stderr}`);
  return Buffer.from(wasm).toString("base64");
}

const target = join(folder, "kernels.generated.ts");
const text = [
  "// Made from kernels/ by `npm run kernels`.",
  `export const sharedModule =\n  "${await compiled("--enable", "threads", "--sharedMemory")}";`,
  `export const plainModule =\n  "${await compiled("--enable", "threads")}";`,
];
await writeFile(`${target}.tmp`, `${text.join("\n")}\n`);
await rename(`${target}.tmp`, target);
