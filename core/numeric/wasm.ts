/**
 * A WebAssembly module that was built as text, which every bundler and Node can load without a file. Two digits a byte: a
 * server compresses that to half of what it makes of base64, in which equal bytes are unlike letters.
 */
export const bytesOf = (digits: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(digits.match(/../g)!, (pair) => Number.parseInt(pair, 16));
