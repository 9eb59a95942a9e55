import fc from "fast-check";
import type { Quoting } from "../../../../../models/data/reader/records.ts";

const digits = (low: number, high: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: low, maxLength: high });

const float = fc.float({ noNaN: true, noDefaultInfinity: true });

/**
 * Numbers half way between two doubles, exactly, but for a last digit, or as near as some digits come: where rounding
 * twice may differ from once.
 */
const tie = fc
  .tuple(
    fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }),
    fc.integer({ min: -70, max: 20 }),
    fc.constantFrom("", "1", "0"),
    fc.integer({ min: 16, max: 21 }),
  )
  .chain(([double, power, tail, precision]) => {
    const middle = 2n * double + 1n; // of 2^power doubled
    const whole = power < 0 ? middle * 5n ** BigInt(-power) : middle * 2n ** BigInt(power);
    const exact = whole.toString().padStart(Math.max(1, 1 - power), "0");
    const text = power < 0 ? `${exact.slice(0, power)}.${exact.slice(power)}` : exact;
    return fc.constantFrom(
      power < 0 ? text + tail : text,
      text.slice(0, precision + 1) + (power < 0 ? "" : "0".repeat(Math.max(0, text.length - precision - 1))),
      (Number(double) * 2 ** power).toPrecision(precision),
    );
  });

const written = fc
  .tuple(
    fc.constantFrom("", "-", "+"),
    digits(0, 24),
    fc.constantFrom("", "."),
    digits(0, 24),
    fc.constantFrom("", "e", "E+", "e-"),
    fc.nat(60),
  )
  .map(
    ([sign, whole, point, fraction, letter, power]) =>
      `${sign}${whole}${point}${fraction}${letter}${letter && power}`,
  );

const odd = fc.constantFrom(
  "",
  " ",
  "0x1F",
  "-0",
  " 7",
  "7\u00a0",
  ".5",
  "5.",
  "0e999",
  "1e-400",
  "9007199254740993",
  "16777217",
  "3.4028235677973366e38",
  "1e-45",
  "7e-46",
);

/** Numbers and ids as most programs write them. */
export const plainNumber = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, min: -1, max: 1 }).map((x) => x.toFixed(17)),
  fc.double({ noNaN: true, min: 1e-6, max: 1e20 }).map(String),
);
export const plainText = fc.string({ unit: fc.constantFrom("a", "Z", "0", " ", "é", "漢", "😀") });

/** Texts that are no numbers, or none that 32 bits hold, though they begin as numbers do. */
export const notNumbers = [
  ".",
  "-",
  "+",
  "-.",
  "--1",
  "+-1",
  "e5",
  ".e5",
  "1e",
  "1e+",
  "1e5.5",
  "1.2.3",
  "1..2",
  "1_0",
  "0x",
  "1e99",
  "-3.5e38",
  "1a",
  "Infinity",
  "NaN",
];

/** Texts of numbers that are finite in 32 bits: as programs write them, and as they seldom do. */
export const numberText = fc
  .oneof(
    fc.integer().map(String),
    float.map(String),
    fc.double({ noNaN: true, min: -3e38, max: 3e38 }).map(String),
    fc.double({ noNaN: true, min: -1, max: 1 }).map((x) => x.toFixed(17)),
    tie,
    written,
    odd,
  )
  .filter((text) => Number.isFinite(Math.fround(Number(text))));

const label = fc.constantFrom("0", "1", "0", "1", "1.0", "0.00", "1.", "1e0", "-0", " 1");

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/** A field of a text: in quotes where it must be, or might. */
const textField = (separator: string) =>
  fc
    .tuple(
      fc.oneof(
        fc.string({ unit: "grapheme" }),
        fc.string({
          unit: fc.constantFrom("a", "é", "漢", "😀", '"', "\r", "\n", " ", ",", ";", "\t", "\uFEFF"),
        }),
      ),
      fc.boolean(),
    )
    .map(([text, always]) =>
      always || text.startsWith('"') || text.includes(separator) || text.includes("\n") ? quoted(text) : text,
    );

/** A field of a text where quotes are text: any but the separator and the end of a line. */
const plainField = (separator: string) =>
  fc
    .string({ unit: fc.constantFrom("a", "é", "漢", "😀", '"', " ", ",", ";", "\uFEFF") })
    .map((text) => text.replaceAll(separator, ""));

/** A record of label, two numbers, an id, a column that is not read, and a second id. */
export const csvRecord = (separator: string, quote: Quoting) => {
  const maybeQuoted = (field: fc.Arbitrary<string>) =>
    quote === "none"
      ? field
      : fc.tuple(field, fc.boolean()).map(([text, quotes]) => (quotes ? quoted(text) : text));
  const id = quote === "none" ? plainField(separator) : textField(separator);
  return fc
    .tuple(id, maybeQuoted(label), maybeQuoted(numberText), id, maybeQuoted(numberText), id)
    .map((fields) => fields.join(separator));
};
