import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type Rollup } from "vite";
import { resolve } from "../../../../vitest.config.ts";

const root = join(import.meta.dirname, "../../../..");

/** A page whose one script is a program, minified with all that it imports. */
export interface Bundle {
  /** Of the page and its scripts. */
  readonly folder: string;
  readonly scripts: readonly string[];
  readonly warnings: readonly string[];
  remove(): void;
}

/** Bundles a program in TypeScript as a user of the package would. */
export async function bundled(program: string): Promise<Bundle> {
  const warnings: string[] = [];
  mkdirSync(join(root, "reports"), { recursive: true });
  const made = mkdtempSync(join(root, "reports/bundle-"));
  writeFileSync(join(made, "program.ts"), program);
  writeFileSync(
    join(made, "index.html"),
    '<!doctype html><script type="module" src="./program.ts"></script>',
  );
  const onwarn = ({ message }: Rollup.RollupLog) => void warnings.push(message);
  await build({
    root: made,
    configFile: false,
    logLevel: "silent",
    resolve,
    build: { outDir: "dist", rollupOptions: { onwarn } },
  });
  const folder = join(made, "dist");
  const assets = join(folder, "assets");
  return {
    folder,
    scripts: readdirSync(assets).map((file) => readFileSync(join(assets, file), "utf8")),
    warnings,
    remove: () => rmSync(made, { recursive: true }),
  };
}
