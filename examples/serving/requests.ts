import { once } from "node:events";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { InputError } from "pss-dlrm";

/** Why a request is not answered as it wishes: a status, and a sentence. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

/** Status and body of an answer. What is no fault of who asked is told to `log`, not to them. */
export const outcome = (answer: Promise<object>, log: (sentence: string) => void) =>
  answer.then(
    (body): [status: number, body: object] => [200, body],
    (error: NodeJS.ErrnoException): [status: number, body: object] => {
      if (error instanceof Refusal) return [error.status, { error: error.message }];
      if (error instanceof InputError) return [400, { error: error.message }];
      if (error.code !== "ECONNRESET") log(`${error.stack}`); // else who asked has left
      return [500, { error: "The server could not answer; its log says why." }];
    },
  );

/** Bytes that one request may have, and that all which are being read or answered may have together. */
const [longest, most] = [2 ** 20, 2 ** 24];
let held = 0;

/**
 * Does `work`, to which it gives a request and the JSON that this has. All of a request is read before it is answered, lest its
 * sender be cut off before it listens; what is beyond the limits is not kept.
 */
export async function withJson<Result>(
  request: IncomingMessage,
  work: (request: IncomingMessage, json: () => unknown) => Promise<Result>,
): Promise<Result> {
  const chunks: Buffer[] = [];
  let [kept, refusal]: [number, Refusal | undefined] = [0, undefined];
  const drop = () => {
    held -= kept;
    chunks.length = kept = 0;
  };
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (refusal !== undefined) continue;
      chunks.push(chunk);
      kept += chunk.length;
      held += chunk.length;
      if (kept > longest)
        refusal = new Refusal(413, `A body may have ${longest} bytes, but this has more; send fewer rows.`);
      else if (held > most)
        refusal = new Refusal(503, "The server reads as much as it has memory for; try again in a second.");
      if (refusal !== undefined) drop();
    }
    if (refusal !== undefined) throw refusal;
    return await work(request, () => parsed(Buffer.concat(chunks)));
  } finally {
    drop();
  }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new Refusal(400, `The body is no JSON: ${(error as Error).message}.`);
  }
}

/** The address of a server that from now on listens to this machine alone; port 0 is one that is free. */
export async function listening(server: Server, port: number): Promise<string> {
  await once(server.listen(port, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
