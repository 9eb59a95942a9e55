import { extname } from "node:path";

/** What a client asks for: the words of its request line, and whom it believes to ask. */
export interface Asked {
  readonly method: string;
  /** As the client wrote it: nothing says that it is a URL. */
  readonly target: string;
  readonly host: string | undefined;
}

/** A file to send, or the status and the sentence that say why there is none. */
export type Answer =
  | { readonly status: 200; readonly file: string; readonly type: string }
  | { readonly status: 400 | 404 | 405 | 421; readonly sentence: string };

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** Names of this machine. A page elsewhere whose own name was made to lead here (DNS rebinding) asks for that name. */
const names = ["localhost", "127.0.0.1", "[::1]"];

const isOwn = (host: string, port: number): boolean =>
  names.some((name) => host.toLowerCase() === `${name}:${port}` || (port === 80 && host === name));

/** The answer to a request at `port`, where `files` has the file of each path that can be asked for. */
export function answerTo(
  { method, target, host }: Asked,
  port: number,
  files: ReadonlyMap<string, string>,
): Answer {
  if (method !== "GET" && method !== "HEAD")
    return { status: 405, sentence: "Files can be read here (GET, HEAD), and nothing else." };
  const absolute = /^http:\/\/([^/?#]*)(.*)$/is.exec(target);
  // Of a target with a host of its own, that is the host, whatever the header says (RFC 9112, 3.2.2).
  if (!isOwn(absolute?.[1] ?? host ?? "", port))
    return { status: 421, sentence: `This is localhost:${port}, and answers to no other name.` };
  const path = pathOf(absolute ? absolute[2]! : target);
  if (path === undefined) return { status: 400, sentence: "The address is not one of a file." };
  const file = files.get(path === "/" ? "/index.html" : path);
  if (file === undefined) return { status: 404, sentence: "There is no such file." };
  return { status: 200, file, type: types[extname(file)] ?? "application/octet-stream" };
}

/** The path of a target, with its %20 and the like in plain letters. */
function pathOf(target: string): string | undefined {
  try {
    return decodeURIComponent(target.split(/[?#]/, 1)[0]!) || "/";
  } catch {
    return undefined;
  }
}
