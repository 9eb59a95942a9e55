import fc from "fast-check";

/** Fields and lines that are of Criteo's format, as fields of real files are and as they seldom are. */
const digits = (low: number, high: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: low, maxLength: high });
const whole = fc.oneof(
  { weight: 6, arbitrary: fc.nat(9999).map(String) },
  { weight: 2, arbitrary: fc.constantFrom("", "0", "-0", "-1", "00", "-0012") },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("", "-"), digits(1, 25)).map((parts) => parts.join("")) },
);
const category = fc.oneof(
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 8, maxLength: 8 }),
  fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), maxLength: 8 }),
);

export const criteoLine = fc
  .tuple(
    fc.constantFrom("0", "1"),
    fc.array(whole, { minLength: 13, maxLength: 13 }),
    fc.array(category, { minLength: 26, maxLength: 26 }),
  )
  .map((fields) => fields.flat().join("\t"));
