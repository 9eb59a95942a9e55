import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { cpu } from "../../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../../core/backend.ts";
import { liveTensors } from "../../../../../core/tensor.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { renewed } from "../../../../../models/dlrm/serving/renewed.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { upTo } from "../../data/rows.ts";
import { model } from "../tiny-model.ts";
import { models, rows } from "./rows.ts";

let saved: Awaited<ReturnType<typeof models>>;
beforeAll(async () => {
  saved = await models(3);
});

const folder = temporaryFolder();
let files = 0;

/** A file of its own that has the first model, and what puts another in its place. */
function placed() {
  const path = join(folder, `${files++}.safetensors`);
  const put = (i: number) => {
    copyFileSync(saved[i]!.path, `${path}.new`);
    renameSync(`${path}.new`, path);
  };
  put(0);
  return { path, put };
}
const all = { backend: cpu };

describe("a model whose file is replaced", () => {
  it("is loaded anew at the next look, however the file was replaced, and else stays", async () => {
    const { path, put } = placed();
    const model = await renewed(path, all);
    const expectModel = async (i: number) => expect(await model.score(rows)).toEqual(saved[i]!.scores);
    expect(await model.renew()).toBe(false);
    await expectModel(0);
    put(1);
    await expectModel(0);
    expect(await model.renew()).toBe(true);
    await expectModel(1);
    expect(await model.renew()).toBe(false);
    copyFileSync(saved[2]!.path, path); // over the same file, of the same length
    expect(await model.renew()).toBe(true);
    await expectModel(2);
    await model.close();
  });

  it("loses no row and mixes no models while it is replaced again and again; what it held is given back", async () => {
    const held = liveTensors();
    const { path, put } = placed();
    const model = await renewed(path, { ...all, most: 3 });
    const seen = new Set<number>();
    let isDone = false;
    const client = async (k: number) => {
      for (let i = k; !isDone; i++) {
        const asked = upTo(1 + (i % 4)).map((j) => (i + j) % rows.length);
        const found = await model.score(asked.map((row) => rows[row]!));
        const by = saved.findIndex(({ scores }) => asked.every((row, j) => scores[row] === found[j]));
        expect([by >= 0, found.length]).toEqual([true, asked.length]);
        seen.add(by);
      }
    };
    const clients = upTo(6).map(client);
    for (const i of upTo(6)) {
      put((i + 1) % 3);
      expect(await model.renew()).toBe(true);
    }
    isDone = true;
    await Promise.all(clients);
    expect([...seen].sort()).toEqual([0, 1, 2]);
    await model.close();
    expect(liveTensors()).toBe(held);
  });

  it("scores what was asked for before by the old one, what is asked for then by the new", async () => {
    const { path, put } = placed();
    const model = await renewed(path, all);
    put(1);
    const [, before] = [model.renew(), model.score(rows.slice(0, 2))];
    expect(await before).toEqual(saved[0]!.scores.slice(0, 2));
    await model.close();
  });

  it("stays where the file is none, or cannot score rows, which is said once; a whole one ends that", async () => {
    const { path, put } = placed();
    const ofNoColumns = model({});
    const held = liveTensors();
    const serving = await renewed(path, all);
    const holding = liveTensors();
    const spoilt: [() => unknown, string][] = [
      [() => writeFileSync(path, "no model"), `${path} cannot be loaded: it says that its header has`],
      [() => rmSync(path), `There is no saved model at ${path}.`],
      [() => save(path, ofNoColumns), `${path} does not say by which columns rows are read`],
      [
        () =>
          writeFileSync(
            path,
            readFileSync(saved[1]!.path).map((byte, i, { length }) => (i < length - 1 ? byte : byte ^ 1)),
          ),
        `${path} cannot be loaded: it is damaged`,
      ],
    ];
    for (const [spoil, sentence] of spoilt) {
      await spoil();
      await expect(serving.renew()).rejects.toThrow(sentence);
      expect(await serving.renew()).toBe(false);
      expect(await serving.score(rows)).toEqual(saved[0]!.scores);
      expect(liveTensors() - holding).toBe(0);
    }
    put(2);
    expect(await serving.renew()).toBe(true);
    expect(await serving.score(rows)).toEqual(saved[2]!.scores);
    await serving.close();
    expect(liveTensors() - held).toBe(0);
  });

  it("is not of two files, where one was written over while it was loaded, but of the last at the next look", async () => {
    const { path, put } = placed();
    let meanwhile = () => {};
    const slow: Backend = {
      ...cpu,
      upload(values, storage) {
        meanwhile();
        return cpu.upload(values, storage);
      },
    };
    const model = await renewed(path, { backend: slow });
    put(1);
    meanwhile = () => put(2);
    expect(await model.renew()).toBe(false);
    expect(await model.score(rows)).toEqual(saved[0]!.scores);
    meanwhile = () => {};
    expect(await model.renew()).toBe(true);
    expect(await model.score(rows)).toEqual(saved[2]!.scores);
    await model.close();
  });

  it("is looked at once at a time, and closed after the look", async () => {
    const { path, put } = placed();
    const held = liveTensors();
    const model = await renewed(path, all);
    put(1);
    const looks = [model.renew(), model.renew()];
    const [asked, closed] = [model.score(rows), model.close()];
    put(2);
    expect(await Promise.all([...looks, model.renew()])).toEqual([false, false, false]);
    await closed;
    expect(await asked).toEqual(saved[0]!.scores);
    expect(liveTensors()).toBe(held);
  });
});

describe("a model that is served", () => {
  it("must be there at first, and able to score rows", async () => {
    const path = join(folder, "none.safetensors");
    await expect(renewed(path)).rejects.toThrow(`There is no saved model at ${path}.`);
    await expect(renewed(placed().path, { ...all, most: 0 })).rejects.toThrow("must be a whole number");
    expect(existsSync(path)).toBe(false);
  });

  it("says what it is, and computes on threads of its own where it is given no backend", async () => {
    const { path, put } = placed();
    const model = await renewed(path);
    expect(model.about.config.seed).toBe(0);
    put(1);
    await model.renew();
    expect(model.about.config.seed).toBe(1);
    const found = await model.score(rows);
    for (const [i, p] of found.entries()) expect(p).toBeCloseTo(saved[1]!.scores[i]!, 6);
    await model.close();
    await expect(model.score(rows)).rejects.toThrow("The model is closed");
  });
});
