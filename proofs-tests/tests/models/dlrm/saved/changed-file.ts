import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { cpu } from "../../../../../backends/cpu/index.ts";
import type { Backend } from "../../../../../core/backend.ts";
import { InputError } from "../../../../../core/errors.ts";
import { adagrad } from "../../../../../core/optimizers/adagrad.ts";
import type { Dlrm } from "../../../../../models/dlrm/dlrm.ts";
import { load } from "../../../../../models/dlrm/saved/load.ts";
import { save } from "../../../../../models/dlrm/saved/save.ts";
import { trainStep } from "../../../../../models/dlrm/train.ts";
import type { EmbeddingMaker } from "../../../../../models/embeddings/embedding.ts";
import { full } from "../../../../../models/embeddings/families/full.ts";
import { resummed } from "../../../damage/damages.ts";
import { temporaryFolder } from "../../../temporary.ts";
import { firstBatch, model } from "../tiny-model.ts";

/** The file that the tests of one file change. */
export const path = join(temporaryFolder(), "model.safetensors");
export const optimizer = adagrad(0.05);

/** A model with all that a file may have. */
export async function saved(embedding: EmbeddingMaker = full(), backend: Backend = cpu): Promise<Dlrm> {
  const tiny = model({ embedding, backend });
  await trainStep(tiny, await firstBatch(16), 1, { optimizer });
  const { name, learningRate } = optimizer;
  await save(path, tiny, { optimizer: { name, learningRate }, training: { step: 1 } });
  return tiny;
}

/** Changes the bytes of the file's header, as text, and gives it the right length and sum. */
export function rewrite(was: string | RegExp, becomes: string): void {
  const bytes = readFileSync(path);
  const end = 8 + Number(bytes.readBigUInt64LE());
  const header = bytes.toString("utf8", 8, end).trimEnd();
  const changed = header.replace(was, () => becomes);
  expect(changed).not.toBe(header);
  const text = Buffer.from(changed);
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  writeFileSync(path, resummed(Buffer.concat([length, padded, bytes.subarray(end)])));
}

/** Changes a number of an array in place, and gives the file the right sum. */
export function overwrite(name: string, at: number, write: (bytes: Buffer, place: number) => void): void {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { [name]: entry } = JSON.parse(bytes.toString("utf8", 8, start));
  write(bytes, start + entry.data_offsets[0] + at);
  writeFileSync(path, resummed(bytes));
}

/** The sentence with which the file is refused, without its name; nothing was changed, and nothing else happened. */
export async function refusal(backend: Backend = cpu): Promise<string> {
  const sentence = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => expect.fail("it was loaded"),
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(InputError);
    const { message } = error as Error;
    const begin = `${path} cannot be loaded: `;
    expect(message.slice(0, begin.length)).toBe(begin);
    expect(message).toMatch(/[^.]\.$/);
    return message.slice(begin.length, -1);
  };
  return sentence(load(path, { backend }));
}
