import { check, InputError } from "../../../core/errors.ts";
import { fromHalves } from "../../../core/numeric/half.ts";
import type { Dlrm } from "../../dlrm/dlrm.ts";
import { type Bytes, openBytes, type Place } from "../../dlrm/saved/bytes.ts";
import { longestHeader, quoted } from "../../dlrm/saved/header.ts";
import { isRecord } from "../../dlrm/saved/json.ts";

/** How the numbers of an array are read from its bytes, and how many bytes each takes. */
const kinds: ReadonlyMap<
  unknown,
  { readonly width: number; readonly read: (bytes: ArrayBuffer) => Iterable<number> }
> = new Map([
  [
    "F16",
    { width: 2, read: (bytes) => fromHalves(new Uint16Array(bytes), new Float32Array(bytes.byteLength / 2)) },
  ],
  ["BF16", { width: 2, read: (bytes) => fromBfloats(new Uint16Array(bytes)) }],
  ["F32", { width: 4, read: (bytes) => new Float32Array(bytes) }],
  ["F64", { width: 8, read: (bytes) => new Float64Array(bytes) }],
]);

/** Halves of a float's bits, the upper ones. */
const fromBfloats = (bits: Uint16Array): Float32Array =>
  new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);

/**
 * Puts the numbers of a state dict that was trained in torch in place of those of `model`: a safetensors file, as the package of
 * that name writes one, with an array for each parameter, of its name and shape.
 * @throws InputError for a file that is none or has other arrays; `model` is as it was then.
 */
export async function fromStateDict(place: Place, model: Dlrm): Promise<void> {
  const bytes = await openBytes(place);
  try {
    const { entries, start } = await headerOf(bytes);
    const own = new Set(model.parameters.map(({ name }) => name));
    const stray = Object.keys(entries).find((name) => !own.has(name) && name !== "__metadata__");
    check(stray === undefined, () => `it has an array ${quoted(stray!)}, which this model does not have`);
    const all: Float64Array[] = [];
    for (const { name, tensor } of model.parameters)
      all.push(await read(bytes, start, name, entries[name], tensor.shape));
    for (const [i, values] of all.entries()) model.parameters[i]!.fill(values);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      `${bytes.name} cannot be read as a state dict: ${error.message.replace(/\.$/, "")}.`,
    );
  } finally {
    await bytes.close();
  }
}

async function headerOf(bytes: Bytes) {
  const isNone = () =>
    "it is no safetensors file; write one by safetensors.torch.save_file(model.state_dict(), path)";
  check(bytes.size >= 8, isNone);
  const first = new Uint8Array(8);
  await bytes.fill(first, 0);
  const length = Number(new DataView(first.buffer).getBigUint64(0, true));
  check(length <= Math.min(longestHeader, bytes.size - 8), isNone);
  const text = new Uint8Array(length);
  await bytes.fill(text, 8);
  let entries: unknown;
  try {
    entries = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text));
  } catch {
    throw new InputError(isNone());
  }
  check(isRecord(entries), isNone);
  return { entries, start: 8 + length };
}

/** The numbers of one array. */
async function read(
  bytes: Bytes,
  start: number,
  name: string,
  entry: unknown,
  shape: readonly number[],
): Promise<Float64Array> {
  check(isRecord(entry), () => `it has no array ${quoted(name)}, which this model has`);
  const { dtype, shape: found, data_offsets: offsets } = entry;
  check(
    Array.isArray(found) && `${found}` === `${shape}`,
    () => `its array ${quoted(name)} is not of the shape ${shape.join(" × ")} of this model's`,
  );
  const kind = kinds.get(dtype);
  check(
    kind !== undefined,
    () => `its array ${quoted(name)} is of a kind that is none of ${[...kinds.keys()].join(", ")}`,
  );
  const size = shape.reduce((product, length) => product * length, 1);
  const [from, to] = Array.isArray(offsets) ? offsets : [];
  check(
    Number.isSafeInteger(from) && from >= 0 && to === from + size * kind.width && start + to <= bytes.size,
    () => `its array ${quoted(name)} is not where it says, or it is cut short`,
  );
  const data = new Uint8Array(size * kind.width);
  await bytes.fill(data, start + from);
  const values = Float64Array.from(kind.read(data.buffer));
  const at = values.findIndex((x) => !Number.isFinite(Math.fround(x)));
  check(
    at < 0,
    () => `its array ${quoted(name)} holds ${values[at]} at place ${at} (from 0); it has diverged`,
  );
  return values;
}
