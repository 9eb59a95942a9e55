import { readFileSync } from "node:fs";

/** The numbers of a saved model, as bytes: all that follows its header, which also says how it came to be. */
export function numbersIn(path: string): Buffer {
  const bytes = readFileSync(path);
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
}
