import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FloatArray } from "../../core/backend.ts";
import { check, InputError, shownWord } from "../../core/errors.ts";
import { writeWhole } from "../../core/file.ts";
import { fromHalves, toHalves } from "../../core/numeric/half.ts";
import { sizeOf } from "../../core/shape.ts";
import { keep, tensor } from "../../core/tensor.ts";
import type { TableShape } from "../embeddings/scheme.ts";
import type { Dlrm } from "./dlrm.ts";

/** Where a model's training stands. */
export interface Progress {
  /** Steps taken. */
  readonly step: number;
  /** Whatever the caller needs to go on: the command line keeps its flags here. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What a checkpoint says besides its arrays. */
export interface Saved extends Progress {
  readonly shape: TableShape;
}

/** An array of a safetensors file: halves as their bits. */
interface Kept {
  readonly shape: readonly number[];
  readonly values: FloatArray | Uint32Array | Uint16Array;
}

/** An array as the numbers that it stands for. */
interface Numbers {
  readonly shape: readonly number[];
  readonly values: FloatArray | Uint32Array;
}

/** The one file of a checkpoint. */
export const checkpointIn = (folder: string): string => join(folder, "checkpoint.safetensors");

/**
 * Writes parameters, optimizer state and progress to `folder/checkpoint.safetensors` (the safetensors format, readable
 * by other programs; progress is in its metadata). What is stored as halves is kept so, dtype F16. Written aside and renamed: an interruption leaves the old file whole.
 */
export async function save(folder: string, model: Dlrm, progress: Progress): Promise<void> {
  const { tables, dim } = model.config;
  const arrays = new Map<string, Kept>();
  for (const p of model.parameters) {
    const values = await p.tensor.data();
    arrays.set(p.name, { shape: p.tensor.shape, values: p.halves ? toHalves(values) : values });
    for (const [i, state] of p.state.entries()) {
      arrays.set(`${p.name}/state.${i}`, { shape: state.shape, values: await state.data() });
    }
  }
  for (const [name, values] of learnedArrays(model)) arrays.set(name, { shape: [values.length], values });
  const saved: Saved = { ...progress, shape: { tables, dim } };
  await writeWhole(checkpointIn(folder), encode(arrays, { progress: JSON.stringify(saved) }));
}

/** What an embedding learns besides parameters. */
const learnedArrays = ({ embedding }: Dlrm): Iterable<[string, FloatArray | Uint32Array]> =>
  embedding.adaptation?.arrays ?? [];

/** Puts a checkpoint's parameters and optimizer state into `model`, which must have the same shapes. */
export async function load(folder: string, model: Dlrm): Promise<Saved> {
  const { arrays, progress } = await read(folder);
  const checkSize = (what: string, name: string, size: number): void => {
    const saved = arrays.get(name);
    check(
      saved?.values.length === size,
      () =>
        `The checkpoint in ${folder} has ${saved ? `${saved.values.length} numbers for` : "no"} ${what} ${name}, but this model has ${size}; give the flags it was trained with.`,
    );
  };
  for (const { name, size } of model.parameters) checkSize("parameter", name, size);
  for (const [name, { length }] of learnedArrays(model)) checkSize("array", name, length);
  for (const p of model.parameters) {
    const saved = arrays.get(p.name)!;
    p.fill(saved.values);
    for (const old of p.state) old.free();
    p.state = [];
    for (let i = 0; arrays.has(`${p.name}/state.${i}`); i++) {
      const { shape, values } = arrays.get(`${p.name}/state.${i}`)!;
      p.state.push(keep(tensor(p.tensor.backend, shape, values)));
    }
  }
  for (const [name, array] of learnedArrays(model)) array.set(arrays.get(name)!.values);
  return progress;
}

/** What a checkpoint says, without loading it into a model. */
export const progressOf = async (folder: string): Promise<Saved> => (await read(folder)).progress;

async function read(folder: string): Promise<{ arrays: ReadonlyMap<string, Numbers>; progress: Saved }> {
  const path = checkpointIn(folder);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    throw new InputError(
      `There is no checkpoint at ${shownWord(path)}; train with --checkpoint ${shownWord(folder)} first.`,
    );
  }
  try {
    return decode(bytes);
  } catch {
    throw new InputError(`${shownWord(path)} is not a checkpoint of this program, or it is cut short.`);
  }
}

function encode(arrays: ReadonlyMap<string, Kept>, metadata: Record<string, string>): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, values }] of arrays) {
    header[name] = { dtype: dtypeOf(values), shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
  }
  const text = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const bodies = [...arrays.values()].map(({ values: v }) =>
    Buffer.from(v.buffer, v.byteOffset, v.byteLength),
  );
  return Buffer.concat([length, padded, ...bodies]);
}

function dtypeOf(values: Kept["values"]): Entry["dtype"] {
  if (values instanceof Uint16Array) return "F16";
  if (values instanceof Uint32Array) return "U32";
  return values instanceof Float64Array ? "F64" : "F32";
}

const numbersOf: Readonly<Record<Entry["dtype"], (body: ArrayBuffer) => FloatArray | Uint32Array>> = {
  F16: (body) => fromHalves(new Uint16Array(body), new Float32Array(body.byteLength / 2)),
  F32: (body) => new Float32Array(body),
  F64: (body) => new Float64Array(body),
  U32: (body) => new Uint32Array(body),
};

interface Entry {
  readonly dtype: "F16" | "F32" | "F64" | "U32";
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function decode(bytes: Buffer): { arrays: ReadonlyMap<string, Numbers>; progress: Saved } {
  const start = 8 + Number(bytes.readBigUInt64LE());
  const { __metadata__, ...entries } = JSON.parse(bytes.subarray(8, start).toString()) as {
    __metadata__: { progress: string };
  } & Record<string, Entry>;
  const arrays = new Map<string, Numbers>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(entries as Record<string, Entry>)) {
    const [from, to] = data_offsets;
    const body = Uint8Array.prototype.slice.call(bytes, start + from, start + to).buffer;
    const values = numbersOf[dtype](body);
    check(values.length === sizeOf(shape), () => "cut short");
    arrays.set(name, { shape, values });
  }
  return { arrays, progress: JSON.parse(__metadata__.progress) as Saved };
}
