import { once } from "node:events";
import { copyFileSync, renameSync, writeFileSync } from "node:fs";
import { Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as after } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serve } from "../../../../examples/13-serve.ts";
import { scorer } from "../../../../models/dlrm/saved/scorer.ts";
import { collected } from "../../backends/collector.ts";
import { upTo } from "../../models/data/rows.ts";
import { models, rows } from "../../models/dlrm/serving/rows.ts";
import { temporaryFolder } from "../../temporary.ts";

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  // biome-ignore lint/suspicious/noExplicitAny: what the server says
  readonly body: any;
}

/** A model, and what it says of every row on `fast`: of several together, and of each alone, whose bits may differ. */
let saved: { path: string; together: number[]; alone: number[] }[];
const path = join(temporaryFolder(), "model.safetensors");
let server: Awaited<ReturnType<typeof serve>>;
let log: string[] = [];

/** Puts a model in the place of the one that is served. */
function put(i: number): void {
  copyFileSync(saved[i]!.path, `${path}.new`);
  renameSync(`${path}.new`, path);
}

async function answerTo(asked: ClientRequest): Promise<Answer> {
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(await text(answer)) };
}

const open = (method: string, to: string, agent = new Agent()) => request(server.url + to, { method, agent });

const ask = (method: string, to: string, body: string | Buffer = ""): Promise<Answer> =>
  answerTo(open(method, to).end(body));

const score = (asked: unknown) => ask("POST", "/score", JSON.stringify(asked));

/** Rows from a place on, around the end; and whether an answer is what a model says of them, to the last bit. */
const some = (from: number, count: number) => upTo(count).map((i) => (from + i) % rows.length);
const isOf = ({ together, alone }: (typeof saved)[number], asked: number[], { status, body }: Answer) =>
  status === 200 &&
  body.probabilities.length === asked.length &&
  asked.every(
    (row, i) =>
      body.probabilities[i] === together[row] || (asked.length === 1 && body.probabilities[i] === alone[row]),
  );

beforeAll(async () => {
  saved = [];
  for (const { path } of await models(2)) {
    const model = await scorer(path);
    const all = async (batch: number) => {
      const found: number[] = [];
      for await (const p of model.score(rows, { batch })) found.push(p);
      return found;
    };
    saved.push({ path, together: await all(rows.length), alone: await all(1) });
    await model.close();
  }
});

/** A server of the first model for the tests of a group. */
function served(): void {
  beforeAll(async () => {
    put(0);
    log = [];
    server = await serve(path, 0, (sentence) => log.push(sentence));
  });
  afterAll(() => server.stop());
}

describe("the server of example 13", () => {
  served();

  it("gives the scores of the scorer, to the last bit, however many requests there are; and counts rows", async () => {
    const asked = upTo(60).map((i) => some(7 * i, i % 5));
    const found = await Promise.all(asked.map((list) => score(list.map((row) => rows[row]))));
    expect(asked.filter((list, i) => !isOf(saved[0]!, list, found[i]!))).toEqual([]);
    expect(isOf(saved[0]!, [3], await score(rows[3]))).toBe(true); // a row without a list
    const { status, headers, body } = await ask("GET", "/health?now");
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(body).toMatchObject({ model: "model.safetensors", rows: 60 * 2 + 1 });
    expect(Date.now() - Date.parse(body.since)).toBeLessThan(600_000);
  });

  const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
  it.each<[string, string, string, string | Buffer, number, RegExp]>([
    ["another path", "GET", "/", "", 404, /^There are \/score and \/health\.$/],
    ["the path of another host's", "GET", "//health", "", 404, /There are/],
    ["a name that objects have", "GET", "/constructor", "", 404, /There are/],
    ["another method", "GET", "/score", "", 405, /^\/score is asked for by POST alone\.$/],
    [
      "another method, with a body",
      "PUT",
      "/health",
      Buffer.alloc(1e6, "x"),
      405,
      /^\/health is asked for by GET alone\.$/,
    ],
    ["another method, with 10 MB", "PUT", "/health", Buffer.alloc(1e7), 413, /^A body may have/],
    ["no body", "POST", "/score", "", 400, /^The body is no JSON: /],
    ["half of one", "POST", "/score", '[{"a":', 400, /^The body is no JSON: /],
    ["no text", "POST", "/score", Buffer.of(0x22, 0xff, 0x22), 400, /^The body is no JSON: .*utf-8/],
    ["NaN", "POST", "/score", '{"a":NaN,"u":"x","v":[]}', 400, /^The body is no JSON: /],
    [
      "Infinity",
      "POST",
      "/score",
      '{"a":1e999,"u":"x","v":[]}',
      400,
      /"a" is Infinity, but must be a finite/,
    ],
    ["a number as text", "POST", "/score", '{"a":"NaN","u":"x","v":[]}', 400, /"a" is "NaN", but must be/],
    ["a number", "POST", "/score", "5", 400, /^Row 1 is 5, but must be an object/],
    ["nothing", "POST", "/score", "[null]", 400, /^Row 1 is null, but must be an object/],
    ["lists of lists", "POST", "/score", "[[[]]]", 400, /^Row 1 has no column "a"/],
    ["no columns", "POST", "/score", '[{"a":1,"u":"x","v":[]},{}]', 400, /^Row 2 has no column "a"/],
    [
      "a prototype",
      "POST",
      "/score",
      '{"__proto__":{"a":1,"u":"x","v":[]}}',
      400,
      /^Row 1 has no column "a"/,
    ],
    [
      "an object for an id",
      "POST",
      "/score",
      '{"a":1,"u":{"x":1},"v":[]}',
      400,
      /"u" is an object, but must/,
    ],
    ["deep lists", "POST", "/score", deep, 400, /^Row 1 has no column "a"/],
    ["a deep id", "POST", "/score", `{"a":1,"u":"x","v":${deep}}`, 400, /"v" is a list of 1, but must/],
    ["many empty rows", "POST", "/score", `[{}${",{}".repeat(349_000)}]`, 400, /^Row 1 has no column "a"/],
    [
      "10 MB",
      "POST",
      "/score",
      Buffer.alloc(1e7, " "),
      413,
      /^A body may have 1048576 bytes, but this has more/,
    ],
    [
      "10 MB of rows",
      "POST",
      "/score",
      `[${'{"a":1,"u":"x","v":[]},'.repeat(4e5)}1]`,
      413,
      /send fewer rows/,
    ],
  ])("refuses %s in a sentence, and goes on", async (_, method, to, body, status, sentence) => {
    const answer = await ask(method, to, body);
    expect([answer.status, answer.body]).toEqual([status, { error: expect.stringMatching(sentence) }]);
    expect(isOf(saved[0]!, [1, 2], await score([rows[1], rows[2]]))).toBe(true);
    expect(log).toEqual([]);
  });

  it("keeps nothing of a body that is too long, from where it is on", async () => {
    const part = Buffer.alloc(1e6, " ");
    const asked = open("POST", "/score");
    const answered = answerTo(asked);
    await collected(() => false, 3);
    const before = process.memoryUsage().arrayBuffers;
    for (const _ of upTo(10)) await new Promise((resolve) => asked.write(part, resolve));
    await ask("GET", "/health");
    const kept = () => process.memoryUsage().arrayBuffers - before;
    await collected(() => kept() < 5e5);
    expect(kept()).toBeLessThan(5e5);
    asked.end();
    expect((await answered).status).toBe(413);
  });

  it("keeps no more than 16 MiB of all bodies, asks the others to try again, and then has room", async () => {
    const row = JSON.stringify(rows[1]);
    const agent = new Agent();
    const all = upTo(20).map(() => {
      const asked = open("POST", "/score", agent);
      const answered = answerTo(asked);
      asked.write(row.padEnd(2 ** 20));
      return { asked, answered };
    });
    for (const { asked } of all) await new Promise((resolve) => asked.write("", resolve));
    for (const _ of upTo(30)) await ask("GET", "/health"); // meanwhile all that was sent is read
    for (const { asked } of all) asked.end();
    const statuses = (await Promise.all(all.map(({ answered }) => answered))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(16);
    expect(statuses.filter((status) => status === 503)).toHaveLength(4);
    const later = await Promise.all(upTo(16).map(() => ask("POST", "/score", row.padEnd(2 ** 20 - 1))));
    expect(later.filter(({ status }) => status !== 200)).toEqual([]);
  });

  it("goes on when clients leave in the middle of a body, of an answer, or of what is no request", async () => {
    const port = Number(new URL(server.url).port);
    const head = "POST /score HTTP/1.1\r\nHost: a\r\nContent-Length: ";
    for (const bytes of [`${head}100\r\n\r\n[{`, `${head}4\r\n\r\nnull`, "POST /sco", "\0\r\n\r\n"]) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      await new Promise((resolve) => socket.write(bytes, resolve));
      await after(10);
      socket.resetAndDestroy();
      expect(isOf(saved[0]!, [1, 2], await score([rows[1], rows[2]]))).toBe(true);
    }
    expect(log).toEqual([]);
  });
});

describe("a model that is replaced", () => {
  served();

  it("loses no request: each of many that are under way is answered by one of the models", async () => {
    let isDone = false;
    const wrong: unknown[] = [];
    const by = [0, 0];
    const client = async (k: number) => {
      for (let i = k; !isDone; i += 3) {
        const asked = some(i, 2 + (i % 4));
        const answer = await score(asked.map((row) => rows[row]));
        const found = saved.findIndex((model) => isOf(model, asked, answer));
        if (found < 0) wrong.push(answer);
        else by[found]!++;
      }
    };
    const clients = upTo(8).map(client);
    for (const i of upTo(6)) {
      await after(10);
      put((i + 1) % 2);
      await server.look();
    }
    isDone = true;
    await Promise.all(clients);
    expect(wrong).toEqual([]);
    expect(Math.min(...by)).toBeGreaterThan(0);
    expect(log).toEqual([]);
  });

  it("is seen within a second or two without being told; one that cannot be loaded is named, and the old one stays", async () => {
    const loaded = async () => (await ask("GET", "/health")).body.loaded;
    const first = await loaded();
    writeFileSync(path, "no model");
    await expect
      .poll(() => log, { timeout: 60_000 })
      .toEqual([expect.stringMatching(/^\S+ cannot be loaded: /)]);
    expect(isOf(saved[0]!, [1, 2], await score([rows[1], rows[2]]))).toBe(true);
    expect(await loaded()).toBe(first);
    put(1);
    await expect.poll(loaded, { timeout: 60_000 }).not.toBe(first);
    expect(isOf(saved[1]!, [1, 2], await score([rows[1], rows[2]]))).toBe(true);
    expect(log).toHaveLength(1);
  });
});

describe("a server that is asked to stop", () => {
  served();

  it("answers all that has come, tells clients to leave, and takes nothing more", async () => {
    const agents = upTo(20).map(() => new Agent({ keepAlive: true }));
    for (const { headers } of await Promise.all(
      agents.map((agent) => answerTo(open("GET", "/health", agent).end())),
    ))
      expect(headers["keep-alive"]).toBe("timeout=120");
    const asked = agents.map((agent, i) => {
      const list = some(i, 2);
      return {
        list,
        answer: answerTo(open("POST", "/score", agent).end(JSON.stringify(list.map((r) => rows[r])))),
      };
    });
    await new Promise(setImmediate); // they are sent now
    const stopped = server.stop();
    for (const { list, answer } of asked) {
      expect(isOf(saved[0]!, list, await answer)).toBe(true);
      expect((await answer).headers.connection).toBe("close");
    }
    await stopped;
    await expect(score(rows[0])).rejects.toThrow("ECONNREFUSED");
    await server.stop(); // again
  });
});
