import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adagrad, cpu, dlrm, full, train } from "pss-dlrm";
import { csv, load, save } from "pss-dlrm/node";
import type { serve } from "../13-serve.ts";

const rows = [
  { price: 1, user: "ann" },
  { price: 2, user: "bob" },
  { price: null, user: "somebody new" },
];

/** Serves a model of made clicks, asks it, puts another in its place while it answers, and stops. */
export async function tour(start: typeof serve): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pss-dlrm-serve-"));
  const [path, later] = [join(folder, "model.safetensors"), join(folder, "later.safetensors")];
  const log: string[] = [];
  try {
    await trainInto(folder, path, later);
    const server = await start(path, 0, (sentence) => log.push(sentence));
    const ask = askOf(server.url);
    await ask("POST", "/score", rows);
    await ask("POST", "/score", { price: "cheap", user: "ann" });
    await ask("POST", "/score", '[{"price":');
    await ask("PUT", "/score");
    await ask("GET", "/scores");
    await swap(server, path, later);
    await ask("POST", "/score", rows);
    await writeFile(later, "no model");
    await rename(later, path);
    await server.look().catch((error: Error) => log.push(error.message));
    console.log(`after a file that is no model: ${log[0]!.replace(folder, "…")}`);
    await ask("POST", "/score", rows);
    await ask("GET", "/health");
    await server.stop();
    await assert.rejects(fetch(server.url));
    console.log("stopped");
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Saves a model after one epoch on made clicks, and after five: ann clicks on four of five, all others on one. */
async function trainInto(folder: string, first: string, second: string): Promise<void> {
  const line = (i: number) => {
    const user = i % 3 === 0 ? "ann" : `user-${i % 7}`;
    return `${Number(user === "ann" ? i % 5 > 0 : i % 5 === 0)},${i % 10},${user}`;
  };
  const file = join(folder, "clicks.csv");
  await writeFile(file, ["clicked,price,user", ...Array.from({ length: 600 }, (_, i) => line(i))].join("\n"));
  const clicks = csv(file, { label: "clicked", dense: ["price"], categorical: ["user"], rows: 100 });
  const layers = { dense: 1, tables: [100], dim: 4, bottom: [8, 4], top: [8, 1], embedding: full() };
  const model = dlrm({ ...layers, backend: cpu, seed: 1 });
  const features = {
    label: "clicked",
    dense: [{ column: "price", scaling: { kind: "none", numbers: [] } }],
    categorical: [{ column: "user", rows: 100, distinct: 8 }],
  } as const;
  for await (const { step } of train(model, clicks, { optimizer: adagrad(0.2), batch: 150, epochs: 5 }))
    if (step === 4 || step === 20) await save(step === 4 ? first : second, model, { features });
}

/** What asks a server, and says what it was asked and what it answered; numbers to three digits, no times. */
const askOf = (url: string) => async (method: string, to: string, body?: unknown) => {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = await fetch(`${url}${to}`, { method, ...(text !== undefined && { body: text }) });
  const said = JSON.stringify(await answer.json(), (key, value) =>
    typeof value === "number" ? Number(value.toFixed(3)) : ["loaded", "since"].includes(key) ? "…" : value,
  );
  console.log(`${[method, to, text].join(" ").trimEnd()}\n  ${answer.status} ${said}`);
};

/** Puts the file `later` in the place of `path` while 50 requests are under way: each is answered by one model or the other. */
async function swap({ url, look }: Awaited<ReturnType<typeof serve>>, path: string, later: string) {
  const [old, next] = [await scoreBy(path), await scoreBy(later)];
  const score = async () => {
    const answer = await fetch(`${url}/score`, { method: "POST", body: JSON.stringify(rows[0]) });
    return ((await answer.json()) as { probabilities: number[] }).probabilities[0]!;
  };
  const asked = Array.from({ length: 50 }, score);
  await asked[0];
  await rename(later, path);
  await look();
  const scores = await Promise.all(asked);
  assert(scores.every((p) => Math.abs(p - old) < 1e-6 || Math.abs(p - next) < 1e-6));
  assert(Math.abs((await score()) - next) < 1e-6 && Math.abs(old - next) > 0.01);
  console.log(`the model's file is replaced while ${scores.length} rows are asked for: none is lost`);
}

/** What the model at `path` says of the first row. */
async function scoreBy(path: string): Promise<number> {
  const model = await load(path, { backend: cpu });
  const { value } = await model.score(rows.slice(0, 1)).next();
  await model.close();
  return value as number;
}
