import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../../../examples/page/serve.ts";
import { temporaryFolder } from "../../temporary.ts";

const folder = temporaryFolder();
mkdirSync(join(folder, "assets"));
writeFileSync(join(folder, "index.html"), "the page");
writeFileSync(join(folder, "assets/app.js"), "the program");
writeFileSync(join(folder, "gone.js"), "soon gone");
writeFileSync(join(folder, "large.js"), Buffer.alloc(2 ** 23));
symlinkSync(import.meta.filename, join(folder, "secret.js"));

let server: Server;
let port: number;
beforeAll(async () => {
  ({ server } = await serve(folder));
  ({ port } = server.address() as AddressInfo);
  rmSync(join(folder, "gone.js"));
});
afterAll(() => void server.close());

/** All that the server says to these bytes, on a connection of their own. */
async function said(bytes: string | Uint8Array, whole = true): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => void chunks.push(chunk)).on("error", () => {});
  // A client that has said all that it will is one that leaves: its answer may never be sent.
  if (whole) socket.setTimeout(2000, () => socket.end()).write(bytes);
  else socket.end(bytes);
  await once(socket, "close");
  return Buffer.concat(chunks).toString();
}

const request = (line: string, host = `localhost:${port}`) =>
  said(`${line} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
const bodyOf = (answer: string) => answer.slice(answer.indexOf("\r\n\r\n") + 4);

describe("the page's server", () => {
  it("sends the files of its folder, isolated; of HEAD the headers alone", async () => {
    const page = await request("GET /");
    expect([statusOf(page), bodyOf(page)]).toEqual([200, "the page"]);
    const script = await request("HEAD /assets/app.js");
    expect([statusOf(script), bodyOf(script)]).toEqual([200, ""]);
    for (const header of [
      "content-type: text/javascript",
      "content-length: 11",
      "cross-origin-opener-policy: same-origin",
      "cross-origin-embedder-policy: require-corp",
      "x-content-type-options: nosniff",
    ])
      expect(script.toLowerCase()).toContain(`\r\n${header}\r\n`);
  });

  it("sends nothing that is no file of its folder, and says so where one cannot be read", async () => {
    const statuses = {
      "/secret.js": 404,
      "/assets": 404,
      "/../package.json": 404,
      "//": 404,
      "/gone.js": 500,
    };
    for (const [path, status] of Object.entries(statuses))
      expect([path, statusOf(await request(`GET ${path}`))]).toEqual([path, status]);
  });

  it("says which methods there are to all others, CONNECT among them", async () => {
    for (const line of ["POST /", "DELETE /index.html", "OPTIONS *", `CONNECT localhost:${port}`])
      expect(await request(line)).toMatch(/^HTTP\/1\.1 405 [\s\S]*\r\nallow: GET, HEAD\r\n/i);
  });

  it("answers to no name of another machine", async () => {
    expect(statusOf(await request("GET /", `rebound.example:${port}`))).toBe(421);
    expect(statusOf(await said("GET / HTTP/1.0\r\n\r\n"))).toBe(421);
  });

  it("listens to this machine alone", () =>
    expect((server.address() as AddressInfo).address).toBe("127.0.0.1"));

  it("goes on after any request line", async () => {
    const odd = [
      "//",
      "/%",
      "/%00",
      "/\\..\\",
      `/${"x".repeat(20_000)}`,
      "http://",
      "http://[",
      "http://:0/",
      "?",
    ];
    const targets = fc.oneof(fc.constantFrom(...odd), fc.webUrl(), fc.string(), fc.webPath());
    const methods = fc.oneof(fc.constantFrom("GET", "HEAD", "POST", "CONNECT", "PRI"), fc.string());
    await fc.assert(
      fc.asyncProperty(methods, targets, async (method, target) => {
        const answer = await request(`${method} ${target}`);
        if (answer !== "") expect([200, 400, 404, 405, 413, 421, 431]).toContain(statusOf(answer));
        expect(statusOf(await request("GET /"))).toBe(200);
      }),
      { numRuns: 100 },
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await said(bytes, false);
        expect(statusOf(await request("GET /"))).toBe(200);
      }),
      { numRuns: 50 },
    );
  });

  it("goes on after clients that break off", async () => {
    const lines = ["GET /large.js", `CONNECT localhost:${port}`, "POST /", "GE"];
    for (const line of lines) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      socket.write(line === "GE" ? line : `${line} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`);
      socket.resetAndDestroy();
      await once(socket, "close");
    }
    expect(statusOf(await request("GET /"))).toBe(200);
  });
});

it("a port that is taken is a sentence that says how to choose another, and exit code 2", async () => {
  await expect(serve(folder, port)).rejects.toThrow(
    `Port ${port} is taken by another program; choose another with --port N, or one that is free with --port 0.`,
  );
  const program = join(import.meta.dirname, "../../../../examples/page/serve.ts");
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, ["--import", "tsx", program, ...args]);
    let text = "";
    child.stderr.on("data", (chunk) => (text += chunk));
    const [code] = await once(child, "close");
    return { code, text };
  };
  expect(await run("--port", String(port))).toEqual({
    code: 2,
    text: `Port ${port} is taken by another program; choose another with --port N, or one that is free with --port 0.\n`,
  });
  const { code, text } = await run("--port", "70000");
  expect([code, text]).toEqual([
    2,
    expect.stringMatching(/^--port must be a whole number from 0 to 65535.*\n$/),
  ]);
});
