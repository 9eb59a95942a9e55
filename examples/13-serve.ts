// npx tsx examples/13-serve.ts
// A server of a saved model. MODEL [PORT] after the command serves it to this machine until SIGTERM or SIGINT; without them a
// small model is, and what happens is shown. POST /score takes a row or a list of them; rows that come while others are being
// scored go together in the next batch. GET /health says how it goes. A file that takes the place of MODEL is loaded.
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { basename } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { renewed } from "pss-dlrm/node";
import { listening, outcome, Refusal, withJson } from "./serving/requests.ts";

/** Serves the model at `path`, on a port that is free where none is given. `log` is told what no answer says. */
export async function serve(path: string, port = 0, log: (sentence: string) => void = console.error) {
  const [model, now] = [await renewed(path), () => new Date().toISOString()];
  const health = { model: basename(path), loaded: now(), rows: 0, since: now() };
  const score = async (asked: unknown) => {
    const probabilities = await model.score(Array.isArray(asked) ? asked : [asked]);
    health.rows += probabilities.length;
    return { probabilities };
  };
  const answer = async ({ url, method: by }: IncomingMessage, json: () => unknown): Promise<object> => {
    const path = url?.split("?")[0];
    if (path !== "/score" && path !== "/health") throw new Refusal(404, "There are /score and /health.");
    const method = path === "/score" ? "POST" : "GET";
    if (by !== method) throw new Refusal(405, `${path} is asked for by ${method} alone.`);
    return path === "/score" ? score(json()) : health;
  };
  let stopped: Promise<void> | undefined;
  // Connections may rest longer than clients and proxies let them: a server that ends one may end it on a request.
  const limits = { requestTimeout: 10_000, keepAliveTimeout: 120_000 };
  const server = createServer(limits, async (request, response) => {
    const [status, body] = await outcome(withJson(request, answer), log);
    const last = stopped && { connection: "close" };
    response.writeHead(status, { "content-type": "application/json", ...last }).end(JSON.stringify(body));
  });
  const url = await listening(server, port);
  // Each second, since that needs no signal and sees whatever takes the file's place, on every system, a slow copy at its end.
  const look = async () => {
    if (await model.renew()) health.loaded = now();
  };
  const looking = setInterval(() => look().catch((error: Error) => log(error.message)), 1000).unref();
  const end = async () => {
    clearInterval(looking);
    await after(100); // what has come already is read, and clients hear that they are to go
    setTimeout(() => server.closeAllConnections(), 10_000).unref(); // of who has not sent all by then
    await once(server.close(), "close");
    await model.close();
  };
  return { url, look, stop: () => (stopped ??= end()) };
}

if (process.argv[1] === import.meta.filename) {
  const [path, port = "8080"] = process.argv.slice(2);
  if (path === undefined) await (await import("./serving/tour.ts")).tour(serve);
  else {
    const { url, stop } = await serve(path, Number(port));
    for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, stop);
    console.log(`${path} is served at ${url} until SIGTERM.`);
  }
}
