import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { programWords } from "../../../../config/program.ts";
import { upTo } from "../../models/data/rows.ts";
import { models, rows } from "../../models/dlrm/serving/rows.ts";

interface Answer {
  readonly probabilities: readonly number[];
}

/** What a server answers on the connection of an agent. */
function asked(agent: Agent, address: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const sent = request(address, { agent, method }, async (answer) => resolve(await text(answer)));
    sent.on("error", reject).end(body);
  });
}

it("example 13 ends by SIGTERM, once all that was under way is answered, as a process that did its work", async () => {
  const { path } = (await models(1))[0]!;
  const server = spawn(process.execPath, [...programWords("examples/13-serve.ts"), path, "0"]);
  const [line] = (await once(createInterface(server.stdout), "line")) as [string];
  expect(line).toMatch(/^\S+ is served at http:\/\/127\.0\.0\.1:\d+ until SIGTERM\.$/);
  const [url] = /http\S+/.exec(line)!;
  const body = JSON.stringify(upTo(40).flatMap(() => rows));
  // Connections that the server has taken in, however busy the machine is: what comes later may be refused.
  const agents = upTo(10).map(() => new Agent({ keepAlive: true, maxSockets: 1 }));
  await Promise.all(agents.map((agent) => asked(agent, `${url}/health`)));
  const answers = agents.map(async (agent) => {
    const { probabilities } = JSON.parse(await asked(agent, `${url}/score`, body)) as Answer;
    return probabilities.length;
  });
  await answers[0];
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  expect(await Promise.all(answers)).toEqual(upTo(10).map(() => 40 * rows.length));
  expect(await ended).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow();
});
