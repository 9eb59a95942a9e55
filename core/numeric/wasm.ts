/** A WebAssembly module that was built as base64 text, which every bundler and Node can load without a file. */
export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
