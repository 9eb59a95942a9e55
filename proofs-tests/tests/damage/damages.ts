import { crc32 } from "node:zlib";
import type { Random } from "../../../core/numeric/random.ts";
import { digits, sumAt } from "../../../models/dlrm/saved/header.ts";

/** Bytes of a file, changed at random. */
type Damage = (bytes: Buffer, stream: Random) => Buffer;

const placeIn = (bytes: Buffer, stream: Random): number => stream.integer(bytes.length);

/** As the damage of disks and of transfers is. */
export const ofBytes: Readonly<Record<string, Damage>> = {
  flip(bytes, stream) {
    const changed = Buffer.from(bytes);
    changed[placeIn(bytes, stream)]! ^= 1 << stream.integer(8);
    return changed;
  },
  insert(bytes, stream) {
    const at = placeIn(bytes, stream);
    const more = Buffer.from(Array.from({ length: 1 + stream.integer(9) }, () => stream.integer(256)));
    return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
  },
  delete(bytes, stream) {
    const at = placeIn(bytes, stream);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + stream.integer(9))]);
  },
  truncate: (bytes, stream) => bytes.subarray(0, placeIn(bytes, stream)),
  append: (bytes, stream) => Buffer.concat([bytes, bytes.subarray(0, 1 + placeIn(bytes, stream))]),
  erase: (bytes, stream) => Buffer.from(bytes).fill(0, placeIn(bytes, stream)),
  length(bytes, stream) {
    const changed = Buffer.from(bytes);
    changed.writeBigUInt64LE(BigInt(Math.floor(2 ** (stream.uniform() * 63))));
    return changed;
  },
};

type Node = Record<string, unknown> | unknown[];

const strange: readonly unknown[] = [
  ...[0, 1, 2, 3, -1, 0.5, 1e9, 2 ** 32, 2 ** 53, 1e300],
  ...[null, true, false, "", "x", "__proto__", "constructor", "own", "F64", "U32"],
  ...[[], [0], [1], {}, { toString: 1 }, { length: 7 }, [[[]]]],
];

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** All objects and lists of a value, itself among them. */
function nodesIn(value: unknown): Node[] {
  if (!isNode(value)) return [];
  return [value, ...Object.values(value).flatMap(nodesIn)];
}

/** One change of a value in place: another value, a name less, a name more, or one that is another's. */
function changeSomething(value: unknown, stream: Random): void {
  const nodes = nodesIn(value).filter((node) => Object.keys(node).length > 0);
  const node = nodes[stream.integer(nodes.length)]! as Record<string, unknown>;
  const names = Object.keys(node);
  const name = names[stream.integer(names.length)]!;
  const old = node[name];
  const kind = stream.integer(6);
  if (kind === 0) delete node[name];
  else if (kind === 1) {
    delete node[name];
    const other = ["__proto__", "constructor", `${name}x`, ""][stream.integer(4)]!;
    Object.defineProperty(node, other, { value: old, enumerable: true, configurable: true, writable: true });
  } else if (kind === 2 && typeof old === "number")
    node[name] = old + [1, -1, 4, -4, 1e6][stream.integer(5)]!;
  else if (kind === 3 && Array.isArray(node)) node.push(node[0]);
  else if (kind === 4) {
    const others = nodes[stream.integer(nodes.length)]! as Record<string, unknown>;
    const values = Object.values(others);
    node[name] = structuredClone(values[stream.integer(values.length)]);
  } else node[name] = structuredClone(strange[stream.integer(strange.length)]);
}

interface Head {
  readonly __metadata__: { about: string };
}

/** What somebody does who knows the format: a change of the header's JSON, or of the description in it. */
export function edited(bytes: Buffer, stream: Random): Buffer {
  const head = JSON.parse(headOf(bytes)) as Head;
  for (let times = 1 + stream.integer(2); times > 0; times--) {
    if (stream.integer(2) === 0) changeSomething(head, stream);
    else if (typeof head.__metadata__?.about === "string") {
      try {
        const about: unknown = JSON.parse(head.__metadata__.about);
        changeSomething(about, stream);
        head.__metadata__.about = JSON.stringify(about);
      } catch {
        // the change before this one left no description to change
      }
    }
  }
  return withHeader(bytes, JSON.stringify(head));
}

const numbers = [
  ...["NaN", "Infinity", "-1", "-0", "01", "4.0", "1e999", "1e2", "0x4", '"4"', "null", "[]", "{}"],
  ...["9007199254740993", "99999999999999999999", "4294967296", "1e15", "0.1", "", "4,4"],
];

/** What an editor of text does, and no writer of JSON: a number that is written otherwise, or a name that is there twice. */
export function rewritten(bytes: Buffer, stream: Random): Buffer {
  const text = headOf(bytes).trimEnd();
  const all = [...text.matchAll(/(\\?"\w+\\?"):(\d[\d.e+-]*)|(?<=[[,])\d+(?=[\],])/g)];
  const { 0: token, 1: name, index } = all[stream.integer(all.length)]!;
  const value = numbers[stream.integer(numbers.length)]!;
  const becomes =
    name === undefined ? value : stream.integer(2) === 0 ? `${name}:${value}` : `${name}:${value},${token}`;
  return withHeader(bytes, text.slice(0, index) + becomes + text.slice(index + token.length));
}

const headOf = (bytes: Buffer): string => bytes.toString("utf8", 8, 8 + Number(bytes.readBigUInt64LE()));

/** The arrays of a file under another header. */
function withHeader(bytes: Buffer, header: string): Buffer {
  const text = Buffer.from(header);
  const padding = Buffer.alloc((8 - (text.length % 8)) % 8, " ");
  const first = Buffer.alloc(8);
  first.writeBigUInt64LE(BigInt(text.length + padding.length));
  return Buffer.concat([first, text, padding, bytes.subarray(8 + Number(bytes.readBigUInt64LE()))]);
}

/** The file with the sum of its bytes, as whoever damages on purpose would give it. */
export function resummed(bytes: Buffer): Buffer {
  const before = '"crc32":"';
  if (bytes.toString("latin1", sumAt - before.length, sumAt) !== before || bytes.length < sumAt + 8)
    return bytes;
  const changed = Buffer.from(bytes);
  changed.write("00000000", sumAt, "latin1");
  changed.write(digits(crc32(changed)), sumAt, "latin1");
  return changed;
}
