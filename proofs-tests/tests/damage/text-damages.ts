import type { Random } from "../../../core/numeric/random.ts";
import { ofBytes } from "./damages.ts";

type Damage = (content: Buffer, stream: Random) => Buffer;

const linesOf = (content: Buffer): string[] => content.toString("latin1").split("\n");
const joined = (lines: readonly string[]): Buffer => Buffer.from(lines.join("\n"), "latin1");
const of = <T>(all: readonly T[], stream: Random): T => all[stream.integer(all.length)]!;

/** What stands in fields, and what should not, as bytes. */
const fields = [
  ...["", " ", "NaN", "nan", "Infinity", "-inf", "null", "NULL", "1e999", "-1e999", "1e-999", "3.5e38", "-0"],
  ...[
    "0x1F",
    "1,5",
    "1.5",
    "1_000",
    "٣",
    "１",
    "1\u00a0",
    "\u2028",
    "\ufeff1",
    '"',
    '""',
    '"a',
    'a"b',
    '"a"b',
  ],
  ...[
    "9".repeat(400),
    "-".repeat(9),
    "1",
    "0",
    "2",
    "true",
    "ffffffff",
    "fffffffff",
    "a|b||",
    "a,b",
    ";",
    "\t",
    "\0",
  ],
].map((text) => Buffer.from(text).toString("latin1"));

/** Damage of text files: what programs, people and transfers do to them. */
const ofTexts: Readonly<Record<string, Damage>> = {
  ...ofBytes,
  shuffle(content, stream) {
    const lines = linesOf(content);
    for (let i = lines.length - 1; i > 0; i--) {
      const j = stream.integer(i + 1);
      [lines[i], lines[j]] = [lines[j]!, lines[i]!];
    }
    return joined(lines);
  },
  duplicate(content, stream) {
    const lines = linesOf(content);
    const at = stream.integer(lines.length);
    return joined(lines.toSpliced(at, 0, ...new Array(1 + stream.integer(3)).fill(lines[at])));
  },
  drop(content, stream) {
    const lines = linesOf(content);
    return joined(lines.toSpliced(stream.integer(lines.length), 1 + stream.integer(3)));
  },
  blank(content, stream) {
    const lines = linesOf(content);
    return joined(lines.toSpliced(stream.integer(lines.length + 1), 0, of(["", "\r", " ", "\r\r"], stream)));
  },
  field(content, stream) {
    const lines = linesOf(content);
    const at = stream.integer(lines.length);
    const separator = of(["\t", ",", ";"], stream);
    const parts = lines[at]!.split(separator);
    parts[stream.integer(parts.length)] = of(fields, stream);
    return joined(lines.toSpliced(at, 1, parts.join(separator)));
  },
  long(content, stream) {
    const lines = linesOf(content);
    const at = stream.integer(lines.length);
    const [line, place] = [lines[at]!, stream.integer(lines[at]!.length + 1)];
    const most = Math.max(0, 2 ** 20 - 4 - line.length); // about as much as a record may have
    const length = stream.integer(8) === 0 ? most + stream.integer(9) : stream.integer(9000);
    const more = of(["x", "0", "a|", " ", '""', "1"], stream);
    const filling = more.repeat(Math.ceil(length / more.length)).slice(0, length);
    return joined(lines.toSpliced(at, 1, line.slice(0, place) + filling + line.slice(place)));
  },
  nul: (content, stream) => {
    const at = stream.integer(content.length + 1);
    return Buffer.concat([
      content.subarray(0, at),
      Buffer.alloc(1 + stream.integer(9)),
      content.subarray(at),
    ]);
  },
  mark(content, stream) {
    const at = stream.integer(2) === 0 ? 0 : stream.integer(content.length + 1);
    return Buffer.concat([content.subarray(0, at), Buffer.from("\ufeff"), content.subarray(at)]);
  },
  ends: (content, stream) =>
    Buffer.from(
      content.toString("latin1").replace(/\r?\n/g, () => of(["\n", "\r\n", "\r", "\n\r"], stream)),
      "latin1",
    ),
  encoding: (content, stream) =>
    Buffer.from(content.toString("utf8"), of(["utf16le", "latin1"] as const, stream)),
  separator: (content, stream) =>
    Buffer.from(
      content.toString("latin1").replaceAll(of([",", "\t", ";"], stream), of([",", "\t", ";", "|"], stream)),
      "latin1",
    ),
};

/** `content` after up to three damages, and their names. */
export function damagedText(
  content: Buffer,
  stream: Random,
): { readonly damaged: Buffer; readonly by: readonly string[] } {
  const by: string[] = [];
  let damaged = content;
  for (let times = stream.integer(4); times > 0 && damaged.length > 0; times--) {
    const name = of(Object.keys(ofTexts), stream);
    if (name === "length" && damaged.length < 8) continue;
    by.push(name);
    damaged = ofTexts[name]!(damaged, stream);
  }
  return { damaged, by };
}
