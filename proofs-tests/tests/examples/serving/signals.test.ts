import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { upTo } from "../../models/data/rows.ts";
import { models, rows } from "../../models/dlrm/serving/rows.ts";

it("example 13 ends by SIGTERM, once all that was under way is answered, as a process that did its work", async () => {
  const { path } = (await models(1))[0]!;
  const server = spawn(process.execPath, ["--import", "tsx", "examples/13-serve.ts", path, "0"]);
  const [line] = (await once(createInterface(server.stdout), "line")) as [string];
  expect(line).toMatch(/^\S+ is served at http:\/\/127\.0\.0\.1:\d+ until SIGTERM\.$/);
  const [url] = /http\S+/.exec(line)!;
  const body = JSON.stringify(upTo(40).flatMap(() => rows));
  const answers = upTo(10).map(async () => {
    const answer = await fetch(`${url}/score`, { method: "POST", body });
    return ((await answer.json()) as { probabilities: number[] }).probabilities.length;
  });
  await answers[0];
  const ended = once(server, "exit");
  server.kill("SIGTERM");
  expect(await Promise.all(answers)).toEqual(upTo(10).map(() => 40 * rows.length));
  expect(await ended).toEqual([0, null]);
  await expect(fetch(url)).rejects.toThrow();
});
