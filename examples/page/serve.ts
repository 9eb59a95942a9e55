import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { buildPage, pageFolder } from "./build.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** Serves the files of `folder` to this machine alone. */
export async function serve(folder: string, port = 0): Promise<{ url: string; server: Server }> {
  const server = createServer(async ({ url = "/" }, response) => {
    const path = new URL(url, "http://localhost").pathname.replace(/\/$/, "/index.html"); // slashes, on every system
    const body = await readFile(join(folder, path)).catch(() => undefined);
    response.writeHead(body ? 200 : 404, {
      "content-type": types[extname(path)] ?? "application/octet-stream",
      // Only an isolated page may share memory among threads.
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-embedder-policy": "require-corp",
    });
    response.end(body ?? "not found");
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, server };
}

if (process.argv[1] === import.meta.filename) {
  await buildPage(pageFolder);
  const { url } = await serve(pageFolder, 5173);
  console.log(`The page is at ${url} (ctrl-c ends it). WebGPU needs a browser that has it: chrome://gpu.`);
}
