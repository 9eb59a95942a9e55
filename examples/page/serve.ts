import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative, sep } from "node:path";
import { command } from "../../cli/command.ts";
import { verb } from "../../cli/flags.ts";
import { InputError } from "../../core/errors.ts";
import { wholeOption } from "../../core/options.ts";
import { answerTo } from "./answer.ts";
import { buildPage, pageFolder } from "./build.ts";

/** On every answer. Only an isolated page may share memory among threads. */
const isolated = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "x-content-type-options": "nosniff",
};

/**
 * Serves the files that lie in `folder` now to this machine alone. Port 0 takes one that is free.
 * @throws InputError where the port cannot be had.
 */
export async function serve(folder: string, port = 0): Promise<{ url: string; server: Server }> {
  const files = await filesOf(folder);
  const server = createServer((request, response) => void send(request, response, files));
  // What Node itself leaves unanswered, on a connection that nobody else listens to any more.
  server.on("connect", (_, socket) => {
    socket.on("error", () => {});
    socket.end("HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\nConnection: close\r\n\r\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(refusal(error, port)));
    server.listen(port, "127.0.0.1", resolve);
  });
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/`, server };
}

/** Every file below a folder, by the path that a URL has for it. Nothing else is ever read. */
async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(files.map((file) => [`/${relative(folder, file).split(sep).join("/")}`, file]));
}

async function send(
  { method = "", url = "", headers, socket }: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, string>,
): Promise<void> {
  const answer = answerTo({ method, target: url, host: headers.host }, socket.localPort ?? 0, files);
  const [status, type, body] =
    answer.status === 200
      ? await readFile(answer.file).then(
          (body) => [200, answer.type, body] as const,
          () => [500, "text/plain", Buffer.from("The file could not be read.")] as const,
        )
      : ([answer.status, "text/plain", Buffer.from(answer.sentence)] as const);
  response.writeHead(status, {
    ...isolated,
    "content-type": type,
    "content-length": body.length,
    ...(status === 405 && { allow: "GET, HEAD" }),
  });
  response.end(body); // of which Node sends nothing to HEAD
}

/** The sentence for a port that cannot be had. */
function refusal(error: NodeJS.ErrnoException, port: number): Error {
  const why = {
    EADDRINUSE: "is taken by another program",
    EACCES: "needs rights that this user does not have",
  };
  if (error.code !== "EADDRINUSE" && error.code !== "EACCES") return error;
  return new InputError(
    `Port ${port} ${why[error.code]}; choose another with --port N, or one that is free with --port 0.`,
  );
}

const page = verb({
  name: "page",
  about: "Builds the page that checks and times backends in a browser, and serves it to this machine alone.",
  flags: {
    port: wholeOption({ from: 0, to: 65535, default: 5173, help: "where to listen; 0 for any that is free" }),
  },
  async run({ port }) {
    await buildPage(pageFolder);
    const { url } = await serve(pageFolder, port);
    console.log(`The page is at ${url} (ctrl-c ends it). WebGPU needs a browser that has it: chrome://gpu.`);
    return 0;
  },
});

if (process.argv[1] === import.meta.filename) {
  const verbs = [{ name: page.name, summary: page.about, load: async () => page }];
  process.exitCode = await command([page.name, ...process.argv.slice(2)], verbs);
}
