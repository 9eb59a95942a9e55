import { join } from "node:path";
import { build } from "vite";

/** Builds the page, minified as a site would be, into `folder`. */
export async function buildPage(folder: string): Promise<void> {
  await build({
    root: import.meta.dirname,
    base: "./",
    configFile: false,
    logLevel: "error",
    build: { outDir: folder, emptyOutDir: true, target: "es2023", minify: true, chunkSizeWarningLimit: 2000 },
  });
}

/** Where `npm run page` puts the page. */
export const pageFolder = join(import.meta.dirname, "../../reports/page");
