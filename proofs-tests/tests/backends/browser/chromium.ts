import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { buildPage } from "../../../../examples/page/build.ts";
import { serve } from "../../../../examples/page/serve.ts";

/** Where a Chromium may be; CHROMIUM names another. */
const places = [
  process.env.CHROMIUM ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

export const chromiumPath: string | undefined = places.find((path) => path !== "" && existsSync(path));

/** All of WebGL, WebGL 2 and WebGPU in one process, on software drivers where there is no GPU. */
export const flags = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--enable-unsafe-webgpu",
  "--use-gl=angle",
  "--use-angle=gl-egl",
  "--ignore-gpu-blocklist",
];

export interface OpenPage {
  readonly page: Page;
  readonly browser: Browser;
  /** Everything that the page wrote to its console as a warning or an error. */
  readonly complaints: string[];
  close(): Promise<void>;
}

/** Builds the page as for production and opens it in a real browser, after `first` has run in it. */
export async function openPage(first: () => void = () => {}): Promise<OpenPage> {
  const folder = mkdtempSync(join(tmpdir(), "pss-dlrm-page-"));
  await buildPage(folder);
  const { url, server } = await serve(folder);
  const browser = await chromium.launch({ executablePath: chromiumPath!, args: flags });
  const page = await browser.newPage();
  await page.addInitScript(first);
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["warning", "error"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(url);
  return {
    page,
    browser,
    complaints,
    async close() {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
