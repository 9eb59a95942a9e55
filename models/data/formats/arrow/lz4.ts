const magic = 0x184d2204;

/**
 * What an LZ4 frame holds, which must be `length` bytes (LZ4 Frame Format 1.6; its checksums are not looked at).
 * @throws RangeError for what is no such frame.
 */
export function unpackLz4(bytes: Uint8Array, length: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flags = view.getUint8(4);
  const has = (bit: number) => (flags >> bit) & 1;
  if (view.getUint32(0, true) !== magic || flags >> 6 !== 1 || has(0)) throw damaged();
  const unpacked = new Uint8Array(length);
  let end = 0;
  for (let at = 7 + 8 * has(3); ; ) {
    const word = view.getUint32(at, true);
    if (word === 0) break;
    const size = word & 0x7fffffff;
    const block = bytes.subarray(at + 4, at + 4 + size);
    if (block.length < size) throw damaged();
    if (word >>> 31 === 0) end = unpackBlock(block, unpacked, end);
    else {
      unpacked.set(block, end); // throws where there is no room
      end += size;
    }
    at += 4 + size + 4 * has(4);
  }
  if (end !== length) throw damaged();
  return unpacked;
}

const damaged = () => new RangeError("what LZ4 packed is damaged");

/** Unpacks a block to `out` from `end` on, of which it may repeat what lies before; gives the end. */
function unpackBlock(block: Uint8Array, out: Uint8Array, end: number): number {
  let at = 0;
  const more = (nibble: number): number => {
    let length = nibble;
    if (nibble === 15)
      for (let byte = 255; byte === 255; length += byte) {
        if (at >= block.length) throw damaged();
        byte = block[at++]!;
      }
    return length;
  };
  while (at < block.length) {
    const token = block[at++]!;
    const literals = more(token >> 4);
    if (literals > block.length - at || literals > out.length - end) throw damaged();
    out.set(block.subarray(at, at + literals), end);
    at += literals;
    end += literals;
    if (at === block.length) break; // the last sequence repeats nothing
    const distance = block[at]! | (block[at + 1]! << 8);
    at += 2;
    const repeated = 4 + more(token & 15);
    if (distance === 0 || distance > end || repeated > out.length - end) throw damaged();
    for (const to = end + repeated; end < to; end++) out[end] = out[end - distance]!;
  }
  return end;
}
